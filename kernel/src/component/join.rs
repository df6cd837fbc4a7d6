//! Who is who in a component: the main core module, what its imports reach, what its exports are for.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::{ComponentAnyTypeId, ComponentFuncTypeId};
use wasmparser::types::TypesRef;
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

use super::finding::{Report, Rule};
use super::model::{CoreFunction, CoreInstance, Model, Origin};
use super::trampoline::{Fixup, Shim};

/// What an export of the main core module is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Called from outside, with this component type.
    Call(ComponentFuncTypeId),
    /// Frees what a call returned.
    PostReturn,
    /// Makes room for what the host writes.
    Realloc,
}

/// How the parts of a component hang together.
pub(super) struct Joined<'a> {
    /// The main core module.
    pub(super) module: u32,
    /// Its instance.
    pub(super) instance: u32,
    /// How many core functions the component has where the main instance's section ends; core
    /// functions inserted there come next.
    pub(super) functions_then: u32,
    /// The component type behind each imported function of the main core module, in order.
    pub(super) imports: Vec<ComponentFuncTypeId>,
    /// What each exported function of the main core module is for. Others reach nothing.
    pub(super) roles: BTreeMap<&'a str, Role>,
    /// The name the memory is exported under, where it is.
    pub(super) memory: Option<&'a str>,
}

/// Finds out, or reports what is not understood.
pub(super) fn join<'a>(
    model: &Model<'a>,
    types: TypesRef<'_>,
    report: &mut Report,
) -> Option<Joined<'a>> {
    let joiner = Joiner { model, types };
    match joiner.join() {
        Ok(joined) => Some(joined),
        Err(Strange { place, what }) => {
            let message = format!(
                "{what}; the instrumentation handles one core module made into a component, as \
                 `wasm-tools component new` does it"
            );
            report.push(Rule::Unsupported, place, message);
            None
        }
    }
}

/// What is not understood.
struct Strange {
    place: String,
    what: String,
}

fn strange<T>(place: impl Into<String>, what: impl Into<String>) -> Result<T, Strange> {
    Err(Strange { place: place.into(), what: what.into() })
}

/// Instances a module imports from, by module name.
type Arguments<'a> = [(&'a str, u32)];

struct Joiner<'m, 'a> {
    model: &'m Model<'a>,
    types: TypesRef<'m>,
}

/// The core modules by kind; the trampolines with their instances.
struct Kinds<'a> {
    main: u32,
    shim: Option<(u32, Shim<'a>)>,
    fixup: Option<(u32, Fixup<'a>)>,
}

impl<'a> Joiner<'_, 'a> {
    fn join(&self) -> Result<Joined<'a>, Strange> {
        let kinds = self.kinds()?;
        let (instance, arguments) = self.instance_of(kinds.main)?;
        self.lowered_are_imported()?;
        let slots = self.slots(&kinds)?;
        let mut imports = Vec::new();
        for (module, name) in imported_functions(self.module(kinds.main)?)? {
            let place = format!("import `{module}` `{name}` of core module {}", kinds.main);
            let given = arguments.iter().find(|(n, _)| *n == module).map(|(_, i)| *i);
            let function = given.and_then(|i| self.item(i, name));
            let function = function.and_then(|f| self.lowered(f, &kinds, &slots));
            let Some(function) = function else {
                return strange(place, "it is given something else than a function of the host");
            };
            imports.push(function);
        }
        let functions_then = self.model.functions_then.get(instance as usize).copied();
        let Some(functions_then) = functions_then else {
            return strange("the component", "its main core module has no instance");
        };
        Ok(Joined {
            module: kinds.main,
            instance,
            functions_then,
            imports,
            roles: self.roles(instance)?,
            memory: self.memory(instance)?,
        })
    }

    fn module(&self, index: u32) -> Result<&'a [u8], Strange> {
        match self.model.modules.get(index as usize) {
            Some(module) => Ok(module),
            None => strange("the component", format!("core module {index} is missing")),
        }
    }

    fn kinds(&self) -> Result<Kinds<'a>, Strange> {
        let (mut main, mut shim, mut fixup) = (None, None, None);
        for (index, module) in (0_u32..).zip(&self.model.modules) {
            let place = || format!("core module {index}");
            if let Some(read) = Shim::read(module) {
                let (instance, arguments) = self.instance_of(index)?;
                if !arguments.is_empty() || shim.replace((instance, read)).is_some() {
                    return strange(place(), "it is a second table of trampolines");
                }
            } else if let Some(read) = Fixup::read(module) {
                let (instance, _) = self.instance_of(index)?;
                if fixup.replace((instance, read)).is_some() {
                    return strange(place(), "it is a second module that fills a table");
                }
            } else if main.replace(index).is_some() {
                return strange(place(), "it is a second core module with code of its own");
            }
        }
        match main {
            Some(main) => Ok(Kinds { main, shim, fixup }),
            None => strange("the component", "there is no core module with code of its own"),
        }
    }

    /// The one instance of a core module, and its arguments.
    fn instance_of(&self, wanted: u32) -> Result<(u32, &Arguments<'a>), Strange> {
        let mut found = None;
        for (index, instance) in (0_u32..).zip(&self.model.instances) {
            let CoreInstance::Of { module, arguments } = instance else { continue };
            if *module == wanted && found.replace((index, arguments.as_slice())).is_some() {
                return strange(format!("core module {wanted}"), "it has more than one instance");
            }
        }
        match found {
            Some(found) => Ok(found),
            None => strange(format!("core module {wanted}"), "it has no instance"),
        }
    }

    /// The core function behind a name of a core instance given to a module.
    fn item(&self, instance: u32, wanted: &str) -> Option<u32> {
        let CoreInstance::Items(items) = self.model.instances.get(instance as usize)? else {
            return None;
        };
        let found = items.iter().find(|(name, _, _)| *name == wanted)?;
        (found.1 == ExternalKind::Func).then_some(found.2)
    }

    /// What is lowered is imported, used or not: not every engine calls a component's own functions
    /// from inside it.
    fn lowered_are_imported(&self) -> Result<(), Strange> {
        for (index, function) in (0_u32..).zip(&self.model.functions) {
            let CoreFunction::Lower { function, .. } = function else { continue };
            if self.model.origins.get(*function as usize) != Some(&Origin::Imported) {
                let place = format!("core function {index}");
                return strange(place, "it lowers a function that is not imported");
            }
        }
        Ok(())
    }

    /// The component type of a core function that is lowered, directly or behind a trampoline.
    fn lowered(
        &self,
        function: u32,
        kinds: &Kinds<'a>,
        slots: &[ComponentFuncTypeId],
    ) -> Option<ComponentFuncTypeId> {
        match self.model.functions.get(function as usize)? {
            CoreFunction::Lower { function, .. } => {
                Some(self.types.component_function_at(*function))
            }
            CoreFunction::Export { instance, name } => {
                let (shim, read) = kinds.shim.as_ref()?;
                let slot = (instance == shim).then(|| read.slots.get(name))??;
                slots.get(*slot as usize).copied()
            }
        }
    }

    /// What the fixup puts into the shim's slots: lowered functions, every one.
    fn slots(&self, kinds: &Kinds<'a>) -> Result<Vec<ComponentFuncTypeId>, Strange> {
        let (shim, (fixup, read)) = match (&kinds.shim, &kinds.fixup) {
            (None, None) => return Ok(Vec::new()),
            (Some(shim), Some(fixup)) => (shim, fixup),
            _ => return strange("the component", "its trampolines are incomplete"),
        };
        let place = || format!("core instance {fixup}");
        let Some(CoreInstance::Of { arguments, .. }) = self.model.instances.get(*fixup as usize)
        else {
            return strange(place(), "it is missing");
        };
        let argument = |name| arguments.iter().find(|(n, _)| *n == name).map(|(_, i)| *i);
        if !argument(read.table.0).is_some_and(|i| self.is_table(i, read.table.1, shim)) {
            return strange(place(), "it fills another table than the trampolines'");
        }
        let mut slots = Vec::new();
        for (module, name) in &read.functions {
            let function = argument(module).and_then(|i| self.item(i, name));
            match function.and_then(|f| self.model.functions.get(f as usize)) {
                Some(CoreFunction::Lower { function, .. }) => {
                    slots.push(self.types.component_function_at(*function));
                }
                _ => return strange(place(), "it fills a table with other than host functions"),
            }
        }
        Ok(slots)
    }

    /// Whether a name of an instance is the shim's table.
    fn is_table(&self, instance: u32, name: &str, (shim, read): &(u32, Shim<'a>)) -> bool {
        match self.model.instances.get(instance as usize) {
            Some(CoreInstance::Of { .. }) => instance == *shim && name == read.table,
            Some(CoreInstance::Items(items)) => {
                let item =
                    items.iter().find(|(n, kind, _)| *n == name && *kind == ExternalKind::Table);
                let table = item.and_then(|(_, _, index)| self.model.tables.get(*index as usize));
                table.is_some_and(|(i, n)| i == shim && *n == read.table)
            }
            None => false,
        }
    }

    fn roles(&self, main: u32) -> Result<BTreeMap<&'a str, Role>, Strange> {
        let mut roles = BTreeMap::new();
        let mut give = |function: u32, role: Role| {
            let place = format!("core function {function}");
            let Some(CoreFunction::Export { instance, name }) =
                self.model.functions.get(function as usize)
            else {
                return strange(place, "it is no export of the main core module");
            };
            if *instance != main {
                return strange(place, "it is no export of the main core module");
            }
            let place = || format!("core export `{}`", name.escape_debug());
            match (roles.insert(*name, role), role) {
                (Some(Role::Call(_)), Role::Call(_)) => strange(place(), "it is lifted twice"),
                (Some(other), _) if other != role => {
                    strange(place(), "it is used for two purposes")
                }
                _ => Ok(()),
            }
        };
        let exported: BTreeSet<_> =
            self.model.exports.iter().filter_map(|(_, origin)| *origin).collect();
        for (index, lift) in self.model.lifts.iter().enumerate() {
            let place = format!("core function {}", lift.core_function);
            // Types are compared with the world's at the exports, and what follows relies on it.
            if !exported.contains(&Origin::Lift(index)) {
                return strange(place, "it is lifted and not exported");
            }
            let ComponentAnyTypeId::Func(ty) = self.types.component_any_type_at(lift.type_index)
            else {
                return strange(place, "it is lifted to something else than a function");
            };
            give(lift.core_function, Role::Call(ty))?;
            lift.options.realloc.map_or(Ok(()), |f| give(f, Role::Realloc))?;
            lift.options.post_return.map_or(Ok(()), |f| give(f, Role::PostReturn))?;
        }
        for function in &self.model.functions {
            if let CoreFunction::Lower { options, .. } = function {
                options.realloc.map_or(Ok(()), |f| give(f, Role::Realloc))?;
            }
        }
        Ok(roles)
    }

    fn memory(&self, main: u32) -> Result<Option<&'a str>, Strange> {
        let mut found: Option<&'a str> = None;
        for (instance, name) in &self.model.memories {
            if *instance != main || found.is_some_and(|other| other != *name) {
                return strange(format!("core memory `{name}`"), "it is a second memory");
            }
            found = Some(name);
        }
        Ok(found)
    }
}

/// Module and name of each function a core module imports, in order; it may import nothing else.
fn imported_functions(module: &[u8]) -> Result<Vec<(&str, &str)>, Strange> {
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
        let Payload::ImportSection(section) = payload else { continue };
        for import in section.into_imports().map_while(Result::ok) {
            match import.ty {
                TypeRef::Func(_) => functions.push((import.module, import.name)),
                _ => {
                    return strange(
                        format!("import `{}` `{}`", import.module, import.name),
                        "the main core module imports a memory, table or global",
                    );
                }
            }
        }
    }
    Ok(functions)
}
