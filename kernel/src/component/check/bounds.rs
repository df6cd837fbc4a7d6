//! Size, nesting and counts, before anything that costs more than reading.

use myrhiza_kernel_api::limits;
use wasmparser::{CompositeInnerType, FunctionBody, Operator, Parser, Payload, TypeRef};

use crate::component::finding::{Report, Rule};
use crate::component::names::Names;

/// Reports what is too large; false if the component must not be looked at further.
pub(in crate::component) fn bounded(bytes: &[u8], report: &mut Report) -> bool {
    if bytes.len() > limits::COMPONENT_BYTES {
        let (got, most) = (bytes.len(), limits::COMPONENT_BYTES);
        too_many(report, "the component", "bytes", got, most);
        return false;
    }
    let mut bounds = Bounds {
        bytes,
        report,
        sound: true,
        modules: 0,
        items: 0,
        depth: 0,
        module: &[],
        function: 0,
        branches: 0,
    };
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
    bytes: &'r [u8],
    report: &'r mut Report,
    sound: bool,
    modules: usize,
    items: usize,
    depth: usize,
    /// The core module at hand.
    module: &'r [u8],
    /// The next function of it.
    function: u32,
    /// Of all functions so far.
    branches: usize,
}

/// How often a function's flow parts or meets again: what a compiler's work grows with, and faster. What
/// cannot be read is left to the validator.
fn branches(body: &FunctionBody<'_>) -> usize {
    let Ok(operators) = body.get_operators_reader() else { return 0 };
    let operators = operators.into_iter_with_offsets().map_while(Result::ok);
    let count = |(operator, _)| match operator {
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::If { .. }
        | Operator::BrIf { .. } => 1,
        Operator::BrTable { targets } => 1 + targets.len() as usize,
        _ => 0,
    };
    operators.map(count).sum()
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

    /// Branches add up over all functions of the component.
    fn branches(&mut self, body: &FunctionBody<'_>) {
        let got = branches(body);
        self.branches += got;
        if got > limits::FUNCTION_BRANCHES {
            let names = Names::of(self.module);
            let module = self.modules.saturating_sub(1);
            let place = names.place(module, self.function, body.range().start).to_string();
            too_many(self.report, &place, "branches", got, limits::FUNCTION_BRANCHES);
            self.sound = false;
        }
        if self.sound && self.branches > limits::COMPONENT_BRANCHES {
            let (got, most) = (self.branches, limits::COMPONENT_BRANCHES);
            too_many(self.report, "the component", "branches or more", got, most);
            self.sound = false;
        }
    }

    fn payload(&mut self, payload: &Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                self.depth += 1;
                self.modules += 1;
                let range = unchecked_range.start as usize..unchecked_range.end as usize;
                self.module = self.bytes.get(range).unwrap_or_default();
                self.function = 0;
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
                let imports = s.clone().into_imports().map_while(Result::ok);
                let is_function =
                    |ty: &TypeRef| matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
                self.function += imports.filter(|import| is_function(&import.ty)).count() as u32;
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
                self.branches(body);
                self.function += 1;
            }
            _ => {}
        }
        Ok(())
    }
}
