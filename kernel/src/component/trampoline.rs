//! The two small core modules that componentising puts around the main one.
//!
//! Imports whose lowering needs the main module's memory cannot exist before that module does. So a
//! *shim* stands in for them: each of its functions passes its parameters on through one slot of a
//! table, and a *fixup* module fills the table with the lowered functions afterwards. Both are
//! recognised by their shape, to the instruction. They hold no state and call nothing but the host,
//! so they stay as they are: unmetered, and known to be bounded.

use std::collections::BTreeMap;

use wasmparser::{
    ConstExpr, ElementItems, ElementKind, ExternalKind, Operator, Parser, Payload, TableInit,
    TypeRef,
};

/// The shim: which slot each exported function goes through, and the table's export name.
pub(super) struct Shim<'a> {
    pub(super) slots: BTreeMap<&'a str, u32>,
    pub(super) table: &'a str,
}

/// The fixup: the imported functions in order of slots, and the imported table.
pub(super) struct Fixup<'a> {
    pub(super) functions: Vec<(&'a str, &'a str)>,
    pub(super) table: (&'a str, &'a str),
}

impl<'a> Shim<'a> {
    /// Reads a valid core module as a shim, if it is one.
    pub(super) fn read(module: &'a [u8]) -> Option<Self> {
        let (mut parameters, mut types, mut slots) = (Vec::new(), Vec::new(), Vec::new());
        let (mut functions, mut table, mut tables) = (Vec::new(), None, 0);
        for payload in Parser::new(0).parse_all(module) {
            match payload.ok()? {
                Payload::Version { .. } | Payload::CustomSection(_) | Payload::End(_) => {}
                Payload::CodeSectionStart { .. } => {}
                Payload::TypeSection(section) => {
                    for ty in section.into_iter_err_on_gc_types() {
                        parameters.push(ty.ok()?.params().len() as u32);
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        types.push(ty.ok()?);
                    }
                }
                Payload::TableSection(section) => {
                    for entry in section {
                        tables += 1;
                        if !matches!(entry.ok()?.init, TableInit::RefNull) {
                            return None;
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.ok()?;
                        match export.kind {
                            ExternalKind::Func => functions.push((export.name, export.index)),
                            ExternalKind::Table if table.is_none() => table = Some(export.name),
                            _ => return None,
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let ty = *types.get(slots.len())?;
                    let count = *parameters.get(ty as usize)?;
                    if body.get_locals_reader().ok()?.get_count() > 0 {
                        return None;
                    }
                    let mut operators = body.get_operators_reader().ok()?;
                    for parameter in 0..count {
                        match operators.read().ok()? {
                            Operator::LocalGet { local_index } if local_index == parameter => {}
                            _ => return None,
                        }
                    }
                    let Operator::I32Const { value: slot } = operators.read().ok()? else {
                        return None;
                    };
                    match operators.read().ok()? {
                        Operator::CallIndirect { type_index, table_index: 0 }
                            if type_index == ty => {}
                        _ => return None,
                    }
                    if !matches!(operators.read().ok()?, Operator::End) || !operators.eof() {
                        return None;
                    }
                    slots.push(u32::try_from(slot).ok()?);
                }
                _ => return None,
            }
        }
        if tables != 1 {
            return None;
        }
        let slots =
            functions.into_iter().map(|(name, index)| Some((name, *slots.get(index as usize)?)));
        Some(Self { slots: slots.collect::<Option<_>>()?, table: table? })
    }
}

impl<'a> Fixup<'a> {
    /// Reads a valid core module as a fixup, if it is one.
    pub(super) fn read(module: &'a [u8]) -> Option<Self> {
        let (mut functions, mut table, mut segments) = (Vec::new(), None, 0);
        for payload in Parser::new(0).parse_all(module) {
            match payload.ok()? {
                Payload::Version { .. }
                | Payload::CustomSection(_)
                | Payload::End(_)
                | Payload::TypeSection(_) => {}
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.ok()?;
                        match import.ty {
                            TypeRef::Func(_) => functions.push((import.module, import.name)),
                            TypeRef::Table(_) if table.is_none() => {
                                table = Some((import.module, import.name));
                            }
                            _ => return None,
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let element = element.ok()?;
                        segments += 1;
                        let ElementKind::Active { table_index: None | Some(0), offset_expr } =
                            element.kind
                        else {
                            return None;
                        };
                        let ElementItems::Functions(items) = element.items else { return None };
                        if constant(&offset_expr)? != 0 || items.count() as usize != functions.len()
                        {
                            return None;
                        }
                        for (slot, function) in items.into_iter().enumerate() {
                            if function.ok()? as usize != slot {
                                return None;
                            }
                        }
                    }
                }
                _ => return None,
            }
        }
        if segments != 1 {
            return None;
        }
        Some(Self { functions, table: table? })
    }
}

/// The value of an expression that is one `i32.const`, read as unsigned.
pub(super) fn constant(expression: &ConstExpr<'_>) -> Option<u32> {
    let mut operators = expression.get_operators_reader();
    match (operators.read().ok()?, operators.read().ok()?) {
        (Operator::I32Const { value }, Operator::End) if operators.eof() => Some(value as u32),
        _ => None,
    }
}
