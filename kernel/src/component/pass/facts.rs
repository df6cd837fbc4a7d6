//! What is known of the main core module before its code is read.

use wasmparser::{
    ConstExpr, DataKind, Export, ExternalKind, FuncType, MemoryType, Parser, Payload, TypeRef,
};

use super::Refusal;
use crate::component::trampoline::constant;

/// An active data segment.
pub(super) struct Active {
    /// Its index among the data segments.
    pub(super) segment: u32,
    /// Where it goes.
    pub(super) offset: u32,
    /// Its length in bytes.
    pub(super) length: u32,
}

/// The main core module's declarations.
pub(super) struct Facts<'a> {
    pub(super) signatures: Vec<FuncType>,
    /// The type of each function, imported ones first.
    pub(super) function_types: Vec<u32>,
    pub(super) imported: u32,
    pub(super) globals: u32,
    /// Mutable globals and what they start as.
    pub(super) mutable: Vec<(u32, ConstExpr<'a>)>,
    pub(super) memory: MemoryType,
    pub(super) actives: Vec<Active>,
    exports: Vec<Export<'a>>,
}

impl<'a> Facts<'a> {
    pub(super) fn read(module: &'a [u8]) -> Result<Self, Refusal> {
        let (mut signatures, mut function_types, mut imported) = (Vec::new(), Vec::new(), 0);
        let (mut globals, mut mutable, mut exports) = (0, Vec::new(), Vec::new());
        let (mut memory, mut actives) = (None, Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    for ty in section.into_iter_err_on_gc_types() {
                        signatures.push(ty?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        if let TypeRef::Func(ty) = import?.ty {
                            function_types.push(ty);
                            imported += 1;
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        function_types.push(ty?);
                    }
                }
                Payload::MemorySection(section) => {
                    for ty in section {
                        memory = Some(ty?);
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        let global = global?;
                        if global.ty.mutable {
                            mutable.push((globals, global.init_expr));
                        }
                        globals += 1;
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        exports.push(export?);
                    }
                }
                Payload::DataSection(section) => {
                    for (segment, data) in (0_u32..).zip(section) {
                        let data = data?;
                        let DataKind::Active { offset_expr, .. } = data.kind else { continue };
                        let offset =
                            constant(&offset_expr).ok_or_else(|| missing("a constant offset"))?;
                        let length = u32::try_from(data.data.len())
                            .map_err(|_| missing("a small data segment"))?;
                        actives.push(Active { segment, offset, length });
                    }
                }
                _ => {}
            }
        }
        let memory = memory.ok_or_else(|| missing("a memory"))?;
        Ok(Self {
            signatures,
            function_types,
            imported,
            globals,
            mutable,
            memory,
            actives,
            exports,
        })
    }

    pub(super) fn function_type(&self, function: u32) -> Result<u32, Refusal> {
        self.function_types.get(function as usize).copied().ok_or_else(|| missing("a function"))
    }

    pub(super) fn signature(&self, ty: u32) -> Result<&FuncType, Refusal> {
        self.signatures.get(ty as usize).ok_or_else(|| missing("a type"))
    }

    pub(super) fn exported_function(&self, name: &str) -> Result<u32, Refusal> {
        let found = self.exports.iter().find(|e| e.name == name && e.kind == ExternalKind::Func);
        found.map(|export| export.index).ok_or_else(|| missing("an exported function"))
    }
}

fn missing(what: &str) -> Refusal {
    Refusal::unsupported("the main core module", format!("it lacks {what} that is referred to"))
}
