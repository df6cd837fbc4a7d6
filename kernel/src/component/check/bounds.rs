//! Size, nesting and counts, before anything that costs more than reading.

use myrhiza_kernel_api::limits;
use wasmparser::{CompositeInnerType, Parser, Payload};

use crate::component::finding::{Report, Rule};

/// Reports what is too large; false if the component must not be looked at further.
pub(in crate::component) fn bounded(bytes: &[u8], report: &mut Report) -> bool {
    if bytes.len() > limits::COMPONENT_BYTES {
        let (got, most) = (bytes.len(), limits::COMPONENT_BYTES);
        too_many(report, "the component", "bytes", got, most);
        return false;
    }
    let mut bounds = Bounds { report, sound: true, modules: 0, items: 0, depth: 0 };
    for payload in Parser::new(0).parse_all(bytes) {
        let done = payload.and_then(|payload| bounds.payload(&payload));
        if let Err(error) = done {
            bounds.report.structure(&error);
            return false;
        }
        if !bounds.sound {
            return false;
        }
    }
    if bounds.modules == 0 && bounds.items == 0 {
        bounds.report.push(
            Rule::Structure,
            "the component",
            "it is empty or a core module; make it a component, as `cargo xtask guests` does for \
             Myrhiza's apps and `wasm-tools component new` elsewhere",
        );
        return false;
    }
    true
}

fn too_many(report: &mut Report, place: &str, what: &str, got: usize, most: usize) {
    report.push(
        Rule::Size,
        place,
        format!("{got} {what}, and at most {most} are admitted; make it smaller"),
    );
}

struct Bounds<'r> {
    report: &'r mut Report,
    sound: bool,
    modules: usize,
    items: usize,
    depth: usize,
}

impl Bounds<'_> {
    fn most(&mut self, what: &str, got: usize, most: usize) {
        if got > most {
            let place = match self.modules {
                0 => "the component".to_owned(),
                modules => format!("core module {}", modules - 1),
            };
            too_many(self.report, &place, what, got, most);
            self.sound = false;
        }
    }

    /// Component-level items add up over all sections of the component and of nested ones.
    fn items(&mut self, count: u32) {
        self.items += count as usize;
        if self.items > limits::COMPONENT_ITEMS {
            let got = self.items;
            too_many(self.report, "the component", "items", got, limits::COMPONENT_ITEMS);
            self.sound = false;
        }
    }

    fn payload(&mut self, payload: &Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::ModuleSection { .. } => {
                self.depth += 1;
                self.modules += 1;
                self.most("core modules", self.modules, limits::COMPONENT_MODULES);
            }
            Payload::ComponentSection { .. } => {
                self.depth += 1;
                self.items(1);
                self.most("levels of nesting", self.depth, limits::COMPONENT_NESTING);
            }
            Payload::End(_) => self.depth = self.depth.saturating_sub(1),
            Payload::ComponentTypeSection(s) => self.items(s.count()),
            Payload::ComponentImportSection(s) => self.items(s.count()),
            Payload::ComponentExportSection(s) => self.items(s.count()),
            Payload::ComponentAliasSection(s) => self.items(s.count()),
            Payload::ComponentCanonicalSection(s) => self.items(s.count()),
            Payload::ComponentInstanceSection(s) => self.items(s.count()),
            Payload::InstanceSection(s) => self.items(s.count()),
            Payload::CoreTypeSection(s) => self.items(s.count()),
            Payload::TypeSection(section) => {
                self.most("types", section.count() as usize, limits::MODULE_TYPES);
                if !self.sound {
                    return Ok(());
                }
                for group in section.clone() {
                    for ty in group?.types() {
                        if let CompositeInnerType::Func(ty) = &ty.composite_type.inner {
                            let values = ty.params().len() + ty.results().len();
                            self.most(
                                "parameters and results of a type",
                                values,
                                limits::FUNCTION_VALUES,
                            );
                        }
                    }
                }
            }
            Payload::ImportSection(s) => {
                self.most("imports", s.count() as usize, limits::MODULE_ITEMS);
            }
            Payload::ExportSection(s) => {
                self.most("exports", s.count() as usize, limits::MODULE_ITEMS);
            }
            Payload::GlobalSection(s) => {
                self.most("globals", s.count() as usize, limits::MODULE_ITEMS);
            }
            Payload::TagSection(s) => self.most("tags", s.count() as usize, limits::MODULE_ITEMS),
            Payload::TableSection(s) => {
                self.most("tables", s.count() as usize, limits::MODULE_TABLES);
            }
            Payload::ElementSection(s) => {
                self.most("element segments", s.count() as usize, limits::MODULE_SEGMENTS);
            }
            Payload::DataSection(s) => {
                self.most("data segments", s.count() as usize, limits::MODULE_SEGMENTS);
            }
            Payload::FunctionSection(s) => {
                self.most("functions", s.count() as usize, limits::MODULE_FUNCTIONS);
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                let size = (range.end - range.start) as usize;
                self.most("bytes in a function", size, limits::FUNCTION_BYTES);
                let mut locals = 0_usize;
                for group in body.get_locals_reader()? {
                    locals = locals.saturating_add(group?.0 as usize);
                }
                self.most("locals in a function", locals, limits::FUNCTION_LOCALS);
            }
            _ => {}
        }
        Ok(())
    }
}
