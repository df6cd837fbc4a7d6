//! Reads a component's bytes into a plan.

use wasmparser::component_types::{ComponentEntityType, ComponentFuncTypeId};
use wasmparser::types::TypesRef;
use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExternalKind,
    ComponentOuterAliasKind, ComponentTypeRef, Encoding, ExternalKind, Instance, Parser, Payload,
    Validator, WasmFeatures,
};

use crate::plan::{CoreFunction, CoreInstance, Export, Item, Lift, Plan, ReadError};
use crate::types;
use crate::world::{METER_LEFT, METER_LEFT_TYPE, World};

/// Everything a component may use, whatever the engine could run besides.
const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::COMPONENT_MODEL);

/// Reads a component of a profile.
///
/// # Errors
/// [`ReadError`]
pub fn read(bytes: &[u8], world: &World) -> Result<Plan, ReadError> {
    let types = Validator::new_with_features(FEATURES).validate_all(bytes)?;
    let mut reader = Reader::new(types.as_ref(), world);
    let mut inside = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::End(_) if inside > 0 => inside -= 1,
            Payload::ModuleSection { unchecked_range: range, .. } => {
                reader.modules.push(range.start as usize..range.end as usize);
                inside += 1;
            }
            _ if inside > 0 => {}
            payload => reader.payload(payload)?,
        }
    }
    reader.finish()
}

/// A function of the component's.
#[derive(Clone, Copy)]
enum Callable<'a> {
    /// Of an imported instance.
    Imported { interface: &'a str, name: &'a str },
    /// A core function that is lifted.
    Lifted(Lift),
}

/// What is read so far. Validation has checked every index.
struct Reader<'a> {
    types: TypesRef<'a>,
    world: &'a World,
    modules: Vec<std::ops::Range<usize>>,
    instances: Vec<CoreInstance>,
    functions: Vec<CoreFunction>,
    memories: Vec<Export>,
    tables: Vec<Export>,
    globals: Vec<Export>,
    /// The one memory that is an option.
    memory: Option<usize>,
    /// The component-level instances: all of them are imported.
    interfaces: Vec<&'a str>,
    callables: Vec<Callable<'a>>,
    exports: Vec<(&'a str, Lift)>,
}

impl<'a> Reader<'a> {
    fn new(types: TypesRef<'a>, world: &'a World) -> Self {
        Self {
            types,
            world,
            modules: Vec::new(),
            instances: Vec::new(),
            functions: Vec::new(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            memory: None,
            interfaces: Vec::new(),
            callables: Vec::new(),
            exports: Vec::new(),
        }
    }

    fn payload(&mut self, payload: Payload<'a>) -> Result<(), ReadError> {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. }
            | Payload::ComponentTypeSection(_)
            | Payload::CustomSection(_)
            | Payload::End(_) => Ok(()),
            Payload::ComponentImportSection(section) => {
                section.into_iter().try_for_each(|import| {
                    let import = import?;
                    self.import(import.name.name, import.ty)
                })
            }
            Payload::InstanceSection(section) => section.into_iter().try_for_each(|instance| {
                self.instances.push(core_instance(&instance?)?);
                Ok(())
            }),
            Payload::ComponentAliasSection(section) => {
                section.into_iter().try_for_each(|alias| self.alias(alias?))
            }
            Payload::ComponentCanonicalSection(section) => {
                section.into_iter().try_for_each(|function| self.canonical(function?))
            }
            Payload::ComponentExportSection(section) => {
                section.into_iter().try_for_each(|export| {
                    let export = export?;
                    self.export(export.name.name, export.kind, export.index)
                })
            }
            Payload::Version { .. } => {
                Err(ReadError::Shape("a core module in a component's place"))
            }
            _ => {
                Err(ReadError::Shape("a nested component, an instance of one or a start function"))
            }
        }
    }

    /// Every function of an imported instance must be the kernel's, called or not.
    fn import(&mut self, name: &'a str, ty: ComponentTypeRef) -> Result<(), ReadError> {
        match ty {
            ComponentTypeRef::Type(_) => return Ok(()),
            ComponentTypeRef::Instance(_) => {}
            _ => return Err(ReadError::Shape("an import that is no instance")),
        }
        self.interfaces.push(name);
        let item = self.types.component_item_for_import(name).map(|item| item.ty);
        let Some(ComponentEntityType::Instance(id)) = item else {
            return Err(ReadError::Shape("an import that is no instance"));
        };
        for (function, item) in &self.types[id].exports {
            match item.ty {
                ComponentEntityType::Func(ty) => self.imported(name, function, Some(ty))?,
                ComponentEntityType::Type { .. } => continue,
                _ => return Err(ReadError::Shape("an import of something else than functions")),
            };
        }
        Ok(())
    }

    /// The kernel's function of that name, whose type must be `ty`.
    fn imported(
        &self,
        interface: &str,
        name: &str,
        ty: Option<ComponentFuncTypeId>,
    ) -> Result<crate::world::Function, ReadError> {
        let Some(described) = self.world.function(interface, name) else {
            return Err(ReadError::Import { interface: interface.into(), name: name.into() });
        };
        if let Some(ty) = ty {
            self.typed(&format!("{interface} {name}"), ty, described.ty)?;
        }
        Ok(described.function)
    }

    fn typed(
        &self,
        name: &str,
        ty: ComponentFuncTypeId,
        expected: &'static str,
    ) -> Result<(), ReadError> {
        let found = types::function(self.types, ty);
        if found == expected {
            return Ok(());
        }
        Err(ReadError::Type { name: name.into(), found, expected })
    }

    fn alias(&mut self, alias: ComponentAlias<'a>) -> Result<(), ReadError> {
        use ComponentExternalKind as Kind;
        match alias {
            ComponentAlias::CoreInstanceExport { kind, instance_index, name } => {
                let export = Export { instance: instance_index as usize, name: name.into() };
                match kind {
                    ExternalKind::Func => self.functions.push(CoreFunction::Export(export)),
                    ExternalKind::Memory => self.memories.push(export),
                    ExternalKind::Table => self.tables.push(export),
                    ExternalKind::Global => self.globals.push(export),
                    _ => return Err(ReadError::Shape("a tag")),
                }
                Ok(())
            }
            ComponentAlias::InstanceExport { kind: Kind::Func, instance_index, name } => {
                let interface = self.interfaces.get(instance_index as usize).copied();
                let interface = interface.ok_or(ReadError::Shape("an instance of a component"))?;
                self.callables.push(Callable::Imported { interface, name });
                Ok(())
            }
            ComponentAlias::InstanceExport { kind: Kind::Type, .. }
            | ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. } => Ok(()),
            _ => Err(ReadError::Shape("an alias of a module, component or instance")),
        }
    }

    fn canonical(&mut self, function: CanonicalFunction) -> Result<(), ReadError> {
        match function {
            CanonicalFunction::Lift { core_func_index, options, .. } => {
                let (realloc, post_return) = self.options(&options)?;
                let function = core_func_index as usize;
                self.callables.push(Callable::Lifted(Lift { function, realloc, post_return }));
            }
            CanonicalFunction::Lower { func_index, options } => {
                let Some(Callable::Imported { interface, name }) =
                    self.callables.get(func_index as usize).copied()
                else {
                    return Err(ReadError::Shape("a function of its own that is lowered"));
                };
                let function = self.imported(interface, name, None)?;
                let id = self.types.core_function_at(self.functions.len() as u32);
                let words = self.types[id].unwrap_func().params().len();
                let (realloc, _) = self.options(&options)?;
                self.functions.push(CoreFunction::Host { function, words, realloc });
            }
            _ => return Err(ReadError::Shape("a built-in function")),
        }
        Ok(())
    }

    /// Realloc and post-return.
    fn options(
        &mut self,
        options: &[CanonicalOption],
    ) -> Result<(Option<usize>, Option<usize>), ReadError> {
        let (mut realloc, mut post_return) = (None, None);
        for option in options {
            match option {
                CanonicalOption::UTF8 => {}
                CanonicalOption::Realloc(index) => realloc = Some(*index as usize),
                CanonicalOption::PostReturn(index) => post_return = Some(*index as usize),
                CanonicalOption::Memory(index) => {
                    let at = |index: usize| self.memories.get(index);
                    let index = *index as usize;
                    match self.memory {
                        Some(other) if at(other) != at(index) => {
                            return Err(ReadError::Shape("a second memory"));
                        }
                        _ => self.memory = Some(index),
                    }
                }
                _ => return Err(ReadError::Shape("a canonical option beside the usual four")),
            }
        }
        Ok((realloc, post_return))
    }

    /// An export is a function in its own right, with an index that comes next.
    fn export(
        &mut self,
        name: &'a str,
        kind: ComponentExternalKind,
        index: u32,
    ) -> Result<(), ReadError> {
        if kind != ComponentExternalKind::Func {
            return Ok(());
        }
        match self.callables.get(index as usize).copied() {
            Some(Callable::Lifted(lift)) => {
                self.callables.push(Callable::Lifted(lift));
                self.exports.push((name, lift));
                Ok(())
            }
            _ => Err(ReadError::Shape("an export of what it imports")),
        }
    }

    fn finish(self) -> Result<Plan, ReadError> {
        let lift = |name: &'static str, expected: &'static str| {
            let lift = self.exports.iter().find(|(n, _)| *n == name).map(|(_, lift)| *lift);
            let ty = self.types.component_item_for_export(name).map(|item| item.ty);
            match (lift, ty) {
                (Some(lift), Some(ComponentEntityType::Func(ty))) => {
                    self.typed(name, ty, expected)?;
                    Ok(lift)
                }
                _ => Err(ReadError::Export(name)),
            }
        };
        let export = lift(self.world.export, self.world.ty)?;
        let there = |name: &str| self.exports.iter().any(|(n, _)| *n == name);
        let others = self.world.others.iter().filter(|(name, _)| there(name));
        let others = others.map(|(name, ty)| Ok((*name, lift(name, ty)?)));
        let others = others.collect::<Result<_, ReadError>>()?;
        let meter_left = lift(METER_LEFT, METER_LEFT_TYPE)?;
        Ok(Plan {
            modules: self.modules,
            instances: self.instances,
            functions: self.functions,
            memories: self.memories,
            tables: self.tables,
            globals: self.globals,
            memory: self.memory,
            export,
            others,
            meter_left,
        })
    }
}

fn core_instance(instance: &Instance<'_>) -> Result<CoreInstance, ReadError> {
    let (module, args) = match instance {
        Instance::Instantiate { module_index, args } => (*module_index as usize, args),
        Instance::FromExports(exports) => {
            let item = |kind, index: u32| {
                let index = index as usize;
                Ok(match kind {
                    ExternalKind::Func => Item::Function(index),
                    ExternalKind::Memory => Item::Memory(index),
                    ExternalKind::Table => Item::Table(index),
                    ExternalKind::Global => Item::Global(index),
                    _ => return Err(ReadError::Shape("a tag")),
                })
            };
            let items = exports.iter().map(|e| Ok((e.name.to_owned(), item(e.kind, e.index)?)));
            return Ok(CoreInstance::Items(items.collect::<Result<_, ReadError>>()?));
        }
    };
    let imports = args.iter().map(|arg| (arg.name.to_owned(), arg.index as usize));
    Ok(CoreInstance::Of { module, imports: imports.collect() })
}
