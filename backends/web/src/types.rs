//! Component types as text, so that a type can be compared with the one the kernel has.
//!
//! The text is structural and near WIT's own: `(list<u8>, u32) -> option<list<u8>>`, with records,
//! variants and enums written out where they are used. Names of parameters are left out: they do
//! not change how anything is passed.

use std::fmt::Write as _;

use wasmparser::PrimitiveValType as Primitive;
use wasmparser::component_types::{ComponentDefinedType, ComponentFuncTypeId, ComponentValType};
use wasmparser::types::TypesRef;

/// Longest text, in bytes. No type of the kernel's is near it, and types can double with each level.
const LONGEST: usize = 4096;
/// Deepest nesting written out.
const DEEPEST: usize = 32;

/// The text of a function's type; cut off with `…` where it is too long.
pub(crate) fn function(types: TypesRef<'_>, id: ComponentFuncTypeId) -> String {
    let ty = &types[id];
    let mut text = Text { types, out: String::new() };
    if ty.async_ {
        text.out.push_str("async ");
    }
    text.out.push('(');
    text.list(ty.params.iter(), |text, (_, ty)| text.value(*ty, 0));
    text.out.push(')');
    if let Some(result) = ty.result {
        text.out.push_str(" -> ");
        text.value(result, 0);
    }
    text.out
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
        let types = self.types;
        let id = match ty {
            ComponentValType::Primitive(primitive) => return self.primitive(primitive),
            ComponentValType::Type(id) => id,
        };
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
                        text.around("(", ty, ")", next);
                    }
                });
                self.out.push_str(" }");
            }
            ComponentDefinedType::Enum(cases) => {
                self.out.push_str("enum { ");
                self.list(cases.iter(), |text, name| text.out.push_str(name));
                self.out.push_str(" }");
            }
            ComponentDefinedType::List { element, .. } => self.around("list<", *element, ">", next),
            ComponentDefinedType::Option { ty, .. } => self.around("option<", *ty, ">", next),
            ComponentDefinedType::Result { ok: Some(ok), err: Some(err), .. } => {
                self.around("result<", *ok, ", ", next);
                self.around("", *err, ">", next);
            }
            ComponentDefinedType::Result { ok: None, err: Some(err), .. } => {
                self.around("result<_, ", *err, ">", next);
            }
            // No function of the kernel's takes or gives another.
            _ => self.out.push_str("a type the kernel has not"),
        }
    }

    fn around(&mut self, before: &str, ty: ComponentValType, after: &str, depth: usize) {
        self.out.push_str(before);
        self.value(ty, depth);
        self.out.push_str(after);
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        for (at, item) in items.enumerate() {
            if at > 0 {
                self.out.push_str(", ");
            }
            write(self, item);
        }
    }

    fn primitive(&mut self, primitive: Primitive) {
        self.out.push_str(match primitive {
            Primitive::Bool => "bool",
            Primitive::S32 => "s32",
            Primitive::U32 => "u32",
            Primitive::U64 => "u64",
            Primitive::U8 => "u8",
            Primitive::String => "string",
            _ => "a type the kernel has not",
        });
    }
}
