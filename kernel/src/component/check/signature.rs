//! Component types as text, so that a type can be compared with the one the kernel has.
//!
//! The text is structural and near WIT's own: `func(key: list<u8>) -> option<list<u8>>`, with
//! records, variants and enums written out where they are used.

use std::fmt::Write;

use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentFuncTypeId, ComponentValType,
};
use wasmparser::types::TypesRef;

/// Longest text, in bytes. No type of the kernel's is near it, and types of hostile bytes, which
/// can double with each level, must not be.
const LONGEST: usize = 4096;
/// Deepest nesting written out.
const DEEPEST: usize = 32;

/// The text of a function's type; cut off with `…` where it is too long.
pub(super) fn function(types: TypesRef<'_>, id: ComponentFuncTypeId) -> String {
    let mut text = Text { types, out: String::new() };
    let ty = &types[id];
    text.out.push_str(if ty.async_ { "async func(" } else { "func(" });
    text.list(ty.params.iter(), |text, (name, ty)| {
        let _ = write!(text.out, "{name}: ");
        text.value(*ty, 0);
    });
    text.out.push(')');
    if let Some(result) = ty.result {
        text.out.push_str(" -> ");
        text.value(result, 0);
    }
    text.out
}

/// The text of a value type that has a name; `None` for types of other kinds.
pub(super) fn defined(types: TypesRef<'_>, id: ComponentAnyTypeId) -> Option<String> {
    let ComponentAnyTypeId::Defined(id) = id else { return None };
    let mut text = Text { types, out: String::new() };
    text.value(ComponentValType::Type(id), 0);
    Some(text.out)
}

struct Text<'a> {
    types: TypesRef<'a>,
    out: String,
}

impl Text<'_> {
    fn value(&mut self, ty: ComponentValType, depth: usize) {
        if self.out.len() > LONGEST || depth > DEEPEST {
            if !self.out.ends_with('…') {
                self.out.push('…');
            }
            return;
        }
        let next = depth + 1;
        let id = match ty {
            ComponentValType::Primitive(primitive) => return self.primitive(primitive),
            ComponentValType::Type(id) => id,
        };
        let types = self.types;
        match &types[id] {
            ComponentDefinedType::Primitive(primitive) => self.primitive(*primitive),
            ComponentDefinedType::Record(record) => {
                self.out.push_str("record { ");
                self.list(record.fields.iter(), |text, (name, ty)| {
                    let _ = write!(text.out, "{name}: ");
                    text.value(*ty, next);
                });
                self.out.push_str(" }");
            }
            ComponentDefinedType::Variant(variant) => {
                self.out.push_str("variant { ");
                self.list(variant.cases.iter(), |text, (name, case)| {
                    text.out.push_str(name);
                    if let Some(ty) = case.ty {
                        text.out.push('(');
                        text.value(ty, next);
                        text.out.push(')');
                    }
                });
                self.out.push_str(" }");
            }
            ComponentDefinedType::Enum(names) => {
                self.out.push_str("enum { ");
                self.list(names.iter(), |text, name| text.out.push_str(name));
                self.out.push_str(" }");
            }
            ComponentDefinedType::List { element, .. } => {
                self.wrap("list", &[Some(*element)], next)
            }
            ComponentDefinedType::Option { ty, .. } => self.wrap("option", &[Some(*ty)], next),
            ComponentDefinedType::Result { ok, err, .. } => self.wrap("result", &[*ok, *err], next),
            ComponentDefinedType::Tuple(tuple) => {
                let parts: Vec<_> = tuple.types.iter().copied().map(Some).collect();
                self.wrap("tuple", &parts, next);
            }
            ComponentDefinedType::Flags(_) => self.out.push_str("flags"),
            ComponentDefinedType::Map { .. } => self.out.push_str("map"),
            ComponentDefinedType::FixedLengthList { .. } => self.out.push_str("fixed list"),
            ComponentDefinedType::Own(_) => self.out.push_str("own"),
            ComponentDefinedType::Borrow(_) => self.out.push_str("borrow"),
            ComponentDefinedType::Future { .. } => self.out.push_str("future"),
            ComponentDefinedType::Stream { .. } => self.out.push_str("stream"),
        }
    }

    fn wrap(&mut self, name: &str, parts: &[Option<ComponentValType>], depth: usize) {
        self.out.push_str(name);
        self.out.push('<');
        self.list(parts.iter(), |text, part| match part {
            Some(ty) => text.value(*ty, depth),
            None => text.out.push('_'),
        });
        self.out.push('>');
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        for (at, item) in items.enumerate() {
            if self.out.len() > LONGEST {
                return;
            }
            if at > 0 {
                self.out.push_str(", ");
            }
            each(self, item);
        }
    }

    fn primitive(&mut self, primitive: PrimitiveValType) {
        let _ = write!(self.out, "{primitive}");
    }
}
