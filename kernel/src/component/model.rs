//! A component read into tables: what its core modules are, and how they are joined.
//!
//! Only the shape that componentising one core module gives is read. Everything else is valid
//! WebAssembly that the instrumentation does not meter, and is reported as unsupported.

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExport, ComponentExternalKind,
    ComponentOuterAliasKind, ComponentType, ComponentTypeRef, Encoding, ExternalKind, Instance,
    InstanceTypeDeclaration, Parser, Payload,
};

use super::finding::{Report, Rule};

/// A core instance.
pub(super) enum CoreInstance<'a> {
    /// Of a core module, with the instances it imports from by module name.
    Of { module: u32, arguments: Vec<(&'a str, u32)> },
    /// Items put together under names.
    Items(Vec<(&'a str, ExternalKind, u32)>),
}

/// A core function, in the component's index space of them.
pub(super) enum CoreFunction<'a> {
    /// An export of a core instance.
    Export { instance: u32, name: &'a str },
    /// A component function, lowered.
    Lower { function: u32, options: Options },
}

/// Where a component function is from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// It is imported.
    Imported,
    /// It is the lift of this index.
    Lift(usize),
}

/// The options of a lift or lower that the instrumentation looks at.
#[derive(Clone, Copy, Default)]
pub(super) struct Options {
    pub(super) memory: Option<u32>,
    pub(super) realloc: Option<u32>,
    pub(super) post_return: Option<u32>,
}

/// A core function made callable from outside.
pub(super) struct Lift {
    pub(super) core_function: u32,
    pub(super) type_index: u32,
    pub(super) options: Options,
}

/// A component.
#[derive(Default)]
pub(super) struct Model<'a> {
    /// The bytes of each core module.
    pub(super) modules: Vec<&'a [u8]>,
    /// The core instances.
    pub(super) instances: Vec<CoreInstance<'a>>,
    /// How many core functions there were when each core instance's section ended.
    pub(super) functions_then: Vec<u32>,
    /// The core functions.
    pub(super) functions: Vec<CoreFunction<'a>>,
    /// The core memories: instance and export name.
    pub(super) memories: Vec<(u32, &'a str)>,
    /// The core tables: instance and export name.
    pub(super) tables: Vec<(u32, &'a str)>,
    /// The lifts.
    pub(super) lifts: Vec<Lift>,
    /// Where each component function is from.
    pub(super) origins: Vec<Origin>,
    /// Names and kinds of the imports.
    pub(super) imports: Vec<(&'a str, ComponentTypeRef)>,
    /// Names of the exports, and where each that is a function is from.
    pub(super) exports: Vec<(&'a str, Option<Origin>)>,
}

impl<'a> Model<'a> {
    /// Reads a valid component.
    pub(super) fn read(bytes: &'a [u8], report: &mut Report) -> wasmparser::Result<Self> {
        let mut model = Self::default();
        let mut inside = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::End(_) if inside > 0 => inside -= 1,
                Payload::ModuleSection { unchecked_range, .. } => {
                    let range = unchecked_range.start as usize..unchecked_range.end as usize;
                    model.modules.push(bytes.get(range).unwrap_or_default());
                    inside += 1;
                }
                Payload::ComponentSection { unchecked_range, .. } => {
                    inside += 1;
                    let place = format!("byte {:#x}", unchecked_range.start);
                    unsupported(report, place, "a nested component", "ship one component");
                }
                _ if inside > 0 => {}
                payload => model.payload(payload, report)?,
            }
        }
        Ok(model)
    }

    fn payload(&mut self, payload: Payload<'a>, report: &mut Report) -> wasmparser::Result<()> {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. }
            | Payload::CustomSection(_)
            | Payload::End(_) => {}
            Payload::ComponentTypeSection(section) => {
                for (at, ty) in section.into_iter_with_offsets().map_while(Result::ok) {
                    types(&ty, at, report);
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    let import = import?;
                    if matches!(import.ty, ComponentTypeRef::Func(_)) {
                        self.origins.push(Origin::Imported);
                    }
                    self.imports.push((import.name.name, import.ty));
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    self.export(&export?);
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    self.instances.push(match instance? {
                        Instance::Instantiate { module_index: module, args } => {
                            let arguments = args.iter().map(|a| (a.name, a.index)).collect();
                            CoreInstance::Of { module, arguments }
                        }
                        Instance::FromExports(items) => CoreInstance::Items(
                            items.iter().map(|i| (i.name, i.kind, i.index)).collect(),
                        ),
                    });
                    self.functions_then.push(self.functions.len() as u32);
                }
            }
            Payload::ComponentAliasSection(section) => {
                for item in section.into_iter_with_offsets() {
                    let (at, alias) = item?;
                    self.alias(alias, at, report);
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for item in section.into_iter_with_offsets() {
                    let (at, function) = item?;
                    self.canonical(function, at, report);
                }
            }
            other => {
                let (what, at) = match other.as_section() {
                    Some((id, range)) => (format!("a section of kind {id}"), range.start),
                    None => ("an unknown section".into(), 0),
                };
                unsupported(report, format!("byte {at:#x}"), &what, "leave it out");
            }
        }
        Ok(())
    }

    /// An exported function is a function in its own right, with the next index.
    fn export(&mut self, export: &ComponentExport<'a>) {
        let origin = match export.kind {
            ComponentExternalKind::Func => self.origins.get(export.index as usize).copied(),
            _ => None,
        };
        self.origins.extend(origin);
        self.exports.push((export.name.name, origin));
    }

    fn alias(&mut self, alias: ComponentAlias<'a>, at: u64, report: &mut Report) {
        use ComponentExternalKind as Kind;
        match alias {
            ComponentAlias::CoreInstanceExport { kind, instance_index: instance, name } => {
                match kind {
                    ExternalKind::Func => {
                        self.functions.push(CoreFunction::Export { instance, name });
                    }
                    ExternalKind::Memory => self.memories.push((instance, name)),
                    ExternalKind::Table => self.tables.push((instance, name)),
                    _ => shared(report, at, "a core global or tag"),
                }
            }
            ComponentAlias::InstanceExport { kind: Kind::Func, .. } => {
                self.origins.push(Origin::Imported);
            }
            ComponentAlias::InstanceExport { kind: Kind::Type, .. }
            | ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. } => {}
            ComponentAlias::InstanceExport { .. } | ComponentAlias::Outer { .. } => {
                shared(report, at, "a module, component or instance");
            }
        }
    }

    fn canonical(&mut self, function: CanonicalFunction, at: u64, report: &mut Report) {
        match function {
            CanonicalFunction::Lift { core_func_index: core_function, type_index, options } => {
                let options = read_options(&options, at, report);
                self.origins.push(Origin::Lift(self.lifts.len()));
                self.lifts.push(Lift { core_function, type_index, options });
            }
            CanonicalFunction::Lower { func_index: function, options } => {
                let options = read_options(&options, at, report);
                self.functions.push(CoreFunction::Lower { function, options });
            }
            _ => unsupported(
                report,
                format!("byte {at:#x}"),
                "a built-in for resources, threads or asynchronous calls",
                "use the kernel's interfaces only; none has resources or asynchronous functions",
            ),
        }
    }
}

fn unsupported(report: &mut Report, place: String, what: &str, remedy: &str) {
    report.push(
        Rule::Unsupported,
        place,
        format!("the instrumentation does not handle {what}; {remedy}"),
    );
}

fn shared(report: &mut Report, at: u64, what: &str) {
    let remedy = "componentise one core module, as `cargo xtask guests` or `wasm-tools \
                  component new` does";
    unsupported(report, format!("byte {at:#x}"), &format!("an alias of {what}"), remedy);
}

fn read_options(options: &[CanonicalOption], at: u64, report: &mut Report) -> Options {
    let mut read = Options::default();
    for option in options {
        match option {
            CanonicalOption::UTF8 => {}
            CanonicalOption::Memory(index) => read.memory = Some(*index),
            CanonicalOption::Realloc(index) => read.realloc = Some(*index),
            CanonicalOption::PostReturn(index) => read.post_return = Some(*index),
            other => unsupported(
                report,
                format!("byte {at:#x}"),
                &format!("the canonical option {other:?}"),
                "use UTF-8 and synchronous functions",
            ),
        }
    }
    read
}

/// Value, function and instance types of value and function types are read; the instrumentation
/// has no meaning for others.
fn types(ty: &ComponentType<'_>, at: u64, report: &mut Report) {
    let what = match ty {
        ComponentType::Defined(_) | ComponentType::Func(_) => return,
        ComponentType::Instance(declarations) => {
            for declaration in declarations {
                match declaration {
                    InstanceTypeDeclaration::Type(ty) => types(ty, at, report),
                    InstanceTypeDeclaration::CoreType(_) => {
                        unsupported(report, format!("byte {at:#x}"), "a core type", "leave it out");
                    }
                    InstanceTypeDeclaration::Alias(_) | InstanceTypeDeclaration::Export { .. } => {}
                }
            }
            return;
        }
        ComponentType::Component(_) => "a component type",
        ComponentType::Resource { .. } => "a resource type",
    };
    unsupported(report, format!("byte {at:#x}"), what, "leave it out");
}
