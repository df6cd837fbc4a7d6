//! The kernel's table of interfaces says what the WIT says.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use myrhiza_component_tests::WIT;
use myrhiza_kernel::component::{INTERFACES, Shape, WORLDS};
use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId, WorldItem, WorldKey};

type Texts = BTreeMap<String, String>;

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn text(resolve: &Resolve, ty: Type) -> String {
    match ty {
        Type::Id(id) => named(resolve, id),
        Type::Bool => "bool".into(),
        Type::U8 => "u8".into(),
        Type::U32 => "u32".into(),
        Type::S32 => "s32".into(),
        Type::U64 => "u64".into(),
        Type::String => "string".into(),
        other => panic!("the WIT has a new primitive: {other:?}"),
    }
}

fn named(resolve: &Resolve, id: TypeId) -> String {
    let part = |ty: &Option<Type>| ty.map_or("_".into(), |ty| text(resolve, ty));
    match &resolve.types[id].kind {
        TypeDefKind::Type(ty) => text(resolve, *ty),
        TypeDefKind::List(ty) => format!("list<{}>", text(resolve, *ty)),
        TypeDefKind::Option(ty) => format!("option<{}>", text(resolve, *ty)),
        TypeDefKind::Result(r) => format!("result<{}, {}>", part(&r.ok), part(&r.err)),
        TypeDefKind::Enum(e) => {
            format!("enum {{ {} }}", list(e.cases.iter().map(|c| c.name.clone())))
        }
        TypeDefKind::Record(record) => {
            let fields =
                record.fields.iter().map(|f| format!("{}: {}", f.name, text(resolve, f.ty)));
            format!("record {{ {} }}", list(fields))
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().map(|case| match case.ty {
                Some(ty) => format!("{}({})", case.name, text(resolve, ty)),
                None => case.name.clone(),
            });
            format!("variant {{ {} }}", list(cases))
        }
        other => panic!("the WIT has a new kind of type: {other:?}"),
    }
}

fn function(resolve: &Resolve, function: &Function) -> String {
    let parameters = function.params.iter().map(|p| format!("{}: {}", p.name, text(resolve, p.ty)));
    let result = function.result.map_or(String::new(), |ty| format!(" -> {}", text(resolve, ty)));
    format!("func({}){result}", list(parameters))
}

fn owned(texts: &[(&str, &str)]) -> Texts {
    texts.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect()
}

fn table(shapes: &[Shape]) -> BTreeMap<String, (Texts, Texts)> {
    let entry = |shape: &Shape| (shape.name.into(), (owned(shape.functions), owned(shape.types)));
    shapes.iter().map(entry).collect()
}

#[test]
fn the_table_of_interfaces_and_worlds_is_the_wit() {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("kernel.wit", WIT).unwrap();
    let package = &resolve.packages[package];
    let mut interfaces = BTreeMap::new();
    for (name, id) in &package.interfaces {
        let interface = &resolve.interfaces[*id];
        let functions = interface.functions.iter().map(|(n, f)| (n.clone(), function(&resolve, f)));
        let types = interface.types.iter().map(|(n, id)| (n.clone(), named(&resolve, *id)));
        interfaces.insert(name.clone(), (functions.collect(), types.collect()));
    }
    assert_eq!(table(INTERFACES), interfaces);

    let mut worlds = BTreeMap::new();
    for (name, id) in &package.worlds {
        let world = &resolve.worlds[*id];
        let (mut functions, mut types) = (Texts::new(), Texts::new());
        for (key, item) in world.imports.iter().chain(&world.exports) {
            match (key, item) {
                (WorldKey::Name(name), WorldItem::Function(f)) => {
                    functions.insert(name.clone(), function(&resolve, f));
                }
                (WorldKey::Name(name), WorldItem::Type { id, .. }) => {
                    types.insert(name.clone(), named(&resolve, *id));
                }
                _ => {}
            }
        }
        worlds.insert(name.clone(), (functions, types));
    }
    assert_eq!(table(WORLDS), worlds);
}
