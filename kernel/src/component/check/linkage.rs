//! Imports and exports against profile and kernel interfaces.

use myrhiza_kernel_api::{Permit, ProfilePolicy};
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};
use wasmparser::types::TypesRef;

use super::signature;
use super::world::{INTERFACES, PACKAGE, Shape, VERSION, WORLDS};
use crate::component::finding::{Report, Rule};
use crate::component::model::{Model, Origin};

/// The world a profile targets.
fn world(policy: &dyn ProfilePolicy) -> Option<&'static Shape> {
    let name = policy.world().strip_prefix(PACKAGE)?.strip_suffix(VERSION)?;
    WORLDS.iter().find(|world| world.name == name)
}

/// Every import is an interface the profile permits, with types the kernel has, or a named type of
/// the world.
pub(in crate::component) fn imports(
    model: &Model<'_>,
    types: TypesRef<'_>,
    policy: &dyn ProfilePolicy,
    report: &mut Report,
) {
    let world = world(policy);
    for (name, _) in &model.imports {
        let place = format!("import `{}`", name.escape_debug());
        let Some(item) = types.component_item_for_import(name) else {
            report.push(Rule::Imports, place, "its type is unknown; build the component again");
            continue;
        };
        match item.ty {
            ComponentEntityType::Instance(id) => {
                match permitted(name, policy.permits()) {
                    Ok(interface) => {
                        interface_types(name, interface, &types[id].exports, types, report)
                    }
                    Err(why) => report.push(Rule::Imports, place, why),
                };
            }
            ComponentEntityType::Type { referenced, .. }
                if named_type(world, name, types, referenced) => {}
            _ => report.push(
                Rule::Imports,
                place,
                format!("profile `{}` imports interfaces only; remove it", policy.name()),
            ),
        }
    }
}

fn named_type(
    world: Option<&Shape>,
    name: &str,
    types: TypesRef<'_>,
    ty: ComponentAnyTypeId,
) -> bool {
    let known = world.and_then(|world| world.named(name));
    known.is_some() && signature::defined(types, ty).as_deref() == known
}

/// The interface of that full name, if the profile permits it; else why not.
fn permitted(name: &str, permits: &[Permit]) -> Result<&'static Shape, String> {
    let listing = || {
        let names: Vec<_> =
            permits.iter().map(|p| format!("`{PACKAGE}{}{VERSION}`", p.interface)).collect();
        names.join(", ")
    };
    let short = name.strip_prefix(PACKAGE).and_then(|name| name.strip_suffix(VERSION));
    let Some(short) = short else {
        let why = if name.starts_with("wasi:") {
            "WASI is never linked; build for wasm32-unknown-unknown, without what needs an operating system"
        } else if name.starts_with(PACKAGE) {
            "the kernel has another version of its interfaces; build against its WIT"
        } else {
            "it is no interface of the kernel; remove it"
        };
        return Err(format!("{why}. This profile may import {}", listing()));
    };
    let Some(interface) = INTERFACES.iter().find(|interface| interface.name == short) else {
        return Err(format!(
            "the kernel has no such interface. This profile may import {}",
            listing()
        ));
    };
    match permits.iter().any(|permit| permit.interface == short) {
        true => Ok(interface),
        false => Err(format!("this profile may not have it. It may import {}", listing())),
    }
}

/// The functions and types a component expects of an interface are the kernel's.
fn interface_types<'a>(
    name: &str,
    interface: &Shape,
    items: impl IntoIterator<Item = (&'a String, &'a wasmparser::component_types::ComponentItem)>,
    types: TypesRef<'_>,
    report: &mut Report,
) {
    for (item, entity) in items {
        let place = format!("import `{name}`, `{}`", item.escape_debug());
        let (known, wanted) = match entity.ty {
            ComponentEntityType::Func(id) => {
                (interface.function(item), Some(signature::function(types, id)))
            }
            ComponentEntityType::Type { referenced, .. } => {
                (interface.named(item), signature::defined(types, referenced))
            }
            _ => (None, None),
        };
        match (known, wanted) {
            (Some(known), Some(wanted)) if known == wanted => {}
            (Some(known), Some(wanted)) => {
                let message = format!(
                    "the kernel's is `{known}`, this expects `{wanted}`; build against the kernel's WIT"
                );
                report.push(Rule::Imports, place, message);
            }
            _ => report.push(
                Rule::Imports,
                place,
                "the interface has nothing of that name; build against the kernel's WIT",
            ),
        }
    }
}

/// The exports are functions of the component's own: those the profile names, with the world's types, and
/// of the world's others those that are there; nothing else.
pub(in crate::component) fn exports(
    model: &Model<'_>,
    types: TypesRef<'_>,
    policy: &dyn ProfilePolicy,
    report: &mut Report,
) {
    let world = world(policy);
    let exported = |name: &str| types.component_item_for_export(name).map(|item| item.ty);
    let named = world.into_iter().flat_map(|world| world.functions).map(|(name, _)| *name);
    let may = named.filter(|name| !policy.exports().contains(name) && exported(name).is_some());
    for name in policy.exports().iter().copied().chain(may) {
        let place = format!("export `{name}`");
        let known = world.and_then(|world| world.function(name));
        let (Some(known), Some(ComponentEntityType::Func(id))) = (known, exported(name)) else {
            let wanted = known.unwrap_or("a function");
            let message = format!("profile `{}` needs it, as `{wanted}`; export it", policy.name());
            report.push(Rule::Exports, place, message);
            continue;
        };
        let found = signature::function(types, id);
        if found != known {
            let message =
                format!("it must be `{known}` and is `{found}`; build against the kernel's WIT");
            report.push(Rule::Exports, place, message);
        }
    }
    for (name, origin) in &model.exports {
        let known = world.and_then(|world| world.function(name)).is_some();
        let message = match origin {
            Some(origin) if known || policy.exports().contains(name) => match origin {
                Origin::Lift(_) => continue,
                Origin::Imported => {
                    "it is a function that is imported; export one of the component's own".into()
                }
            },
            _ => format!("profile `{}` has no such export; remove it", policy.name()),
        };
        report.push(Rule::Exports, format!("export `{}`", name.escape_debug()), message);
    }
}
