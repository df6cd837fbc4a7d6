//! The rewriting of the main core module: fuel, stack and memory metered by its own code.
//!
//! Functions, globals and types of the original keep their indices; what is added comes after
//! them. What the additions mean is fixed by `docs/spec/metering.md`.

mod body;
mod boundary;
mod cost;
mod exports;
mod facts;
mod heap;
mod meter;
mod reset;

use std::collections::BTreeMap;
use std::convert::Infallible;

use myrhiza_kernel_api::{InstanceLife, ProfileLimits};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, ExportSection, Function,
    FunctionSection, GlobalSection, ImportSection, MemorySection, Module, StartSection,
    TableSection, TableType, TypeSection, ValType,
};
use wasmparser::types::TypesRef;
use wasmparser::{DataKind, Parser, Payload, ValidPayload, Validator};

use super::features::FEATURES;
use super::finding::Rule;
use super::join::Joined;
pub(super) use exports::{LEFT_EXPORT, end_export};

use exports::Exports;
use facts::Facts;
use heap::Heap;
use meter::Meter;

/// Why the module cannot be rewritten.
pub(super) struct Refusal {
    pub(super) rule: Rule,
    pub(super) place: String,
    pub(super) message: String,
}

impl Refusal {
    fn unsupported(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { rule: Rule::Unsupported, place: place.into(), message: message.into() }
    }
}

impl From<wasmparser::Error> for Refusal {
    fn from(error: wasmparser::Error) -> Self {
        let place = format!("core byte {:#x}", error.offset());
        Self { rule: Rule::Structure, place, message: error.message().into() }
    }
}

impl From<reencode::Error> for Refusal {
    fn from(error: reencode::Error) -> Self {
        Self::unsupported("the main core module", format!("it cannot be encoded again: {error}"))
    }
}

/// What to rewrite, and by which limits.
pub(super) struct Setup<'a> {
    /// The main core module.
    pub(super) module: &'a [u8],
    /// Its place in the component.
    pub(super) joined: &'a Joined<'a>,
    /// The component's types.
    pub(super) types: TypesRef<'a>,
    /// The limits of a call.
    pub(super) limits: ProfileLimits,
    /// Whether each call must find the memory of a new instance.
    pub(super) life: InstanceLife,
    /// The results for which a way to end a call is needed.
    pub(super) ends: &'a [Option<ValType>],
}

/// Function types: the original's, then the added.
struct Types {
    section: TypeSection,
    count: u32,
    added: Vec<(Vec<ValType>, Vec<ValType>, u32)>,
}

impl Types {
    fn function(&mut self, parameters: &[ValType], results: &[ValType]) -> u32 {
        let known = self.added.iter().find(|(p, r, _)| p == parameters && r == results);
        if let Some((_, _, index)) = known {
            return *index;
        }
        self.section.ty().function(parameters.iter().copied(), results.iter().copied());
        self.added.push((parameters.to_vec(), results.to_vec(), self.count));
        self.count += 1;
        self.count - 1
    }
}

/// The functions that are added, in order of their indices.
struct Added {
    next: u32,
    functions: Vec<(u32, Function)>,
}

impl Added {
    fn push(&mut self, ty: u32, function: Function) -> u32 {
        self.functions.push((ty, function));
        self.next += 1;
        self.next - 1
    }
}

/// Encodes what is kept, with calls of checked imports led through their wrappers.
struct Keep {
    wrapped: BTreeMap<u32, u32>,
}

impl Reencode for Keep {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        Ok(self.wrapped.get(&function).copied().unwrap_or(function))
    }
}

/// Rewrites the main core module.
pub(super) fn rewrite(setup: &Setup<'_>) -> Result<Vec<u8>, Refusal> {
    let facts = Facts::read(setup.module)?;
    let mut keep = Keep { wrapped: BTreeMap::new() };
    let mut types =
        Types { section: TypeSection::new(), count: facts.signatures.len() as u32, added: vec![] };
    for payload in Parser::new(0).parse_all(setup.module) {
        if let Payload::TypeSection(section) = payload? {
            keep.parse_type_section(&mut types.section, section)?;
        }
    }
    let mut added = Added { next: facts.function_types.len() as u32, functions: Vec::new() };
    let meter = Meter::after(facts.globals, setup.limits)?;
    let fresh = setup.life == InstanceLife::FreshMemory;
    let heap = Heap::plan(&facts, setup.limits, fresh, &meter, &mut types, &mut added)?;
    if fresh {
        for (index, function) in (0_u32..).zip(&setup.joined.imports) {
            let ty = facts.function_type(index)?;
            if let Some(checked) =
                boundary::import(setup.types, *function, index, facts.signature(ty)?, &heap)?
            {
                keep.wrapped.insert(index, added.push(ty, checked));
            }
        }
    }
    let reset = match fresh {
        true => Some(reset::functions(&facts, &heap, &mut keep, &mut types, &mut added)?),
        false => None,
    };
    let end = added.push(types.function(&[], &[]), meter.end(reset.as_ref().map(|r| r.reset)));
    let exports = Exports { setup, facts: &facts, heap: &heap, meter: &meter, end };
    let exports = exports.section(&mut keep, &mut types, &mut added)?;

    let mut out = Sections::default();
    out.read(setup, &facts, &heap, &meter, &mut keep, &mut types)?;
    meter.globals(&mut out.globals);
    heap.globals(&mut out.globals);
    for (ty, function) in &added.functions {
        out.functions.function(*ty);
        out.code.function(function);
    }
    Ok(out.finish(&types, &exports, reset.map(|r| r.start)))
}

/// The sections of the module as they fill.
#[derive(Default)]
struct Sections {
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    data_count: u32,
}

impl Sections {
    /// Takes over the original's sections, function bodies rewritten.
    fn read(
        &mut self,
        setup: &Setup<'_>,
        facts: &Facts<'_>,
        heap: &Heap,
        meter: &Meter,
        keep: &mut Keep,
        types: &mut Types,
    ) -> Result<(), Refusal> {
        let mut validator = Validator::new_with_features(FEATURES);
        let mut allocations = wasmparser::FuncValidatorAllocations::default();
        let mut function = facts.imported;
        for payload in Parser::new(0).parse_all(setup.module) {
            let payload = payload?;
            if let ValidPayload::Func(to_validate, body) = validator.payload(&payload)? {
                let mut checker = to_validate.into_validator(std::mem::take(&mut allocations));
                let read = body::Body::read(&body, function, &mut checker, facts)?;
                allocations = checker.into_allocations();
                let rewrite =
                    body::Rewrite { facts, heap, meter, keep: &mut *keep, types: &mut *types };
                self.code.function(&rewrite.body(&read)?);
                function += 1;
                continue;
            }
            match payload {
                Payload::ImportSection(s) => keep.parse_import_section(&mut self.imports, s)?,
                Payload::FunctionSection(s) => {
                    keep.parse_function_section(&mut self.functions, s)?
                }
                Payload::TableSection(section) => {
                    for table in section {
                        let table = table?;
                        let mut ty: TableType = keep.table_type(table.ty)?;
                        let most = setup.limits.table;
                        ty.maximum = Some(ty.maximum.unwrap_or(most).min(most));
                        match table.init {
                            wasmparser::TableInit::RefNull => self.tables.table(ty),
                            wasmparser::TableInit::Expr(init) => {
                                self.tables.table_with_init(ty, &keep.const_expr(init)?)
                            }
                        };
                    }
                }
                Payload::MemorySection(_) => heap.memory(&mut self.memories),
                Payload::GlobalSection(s) => keep.parse_global_section(&mut self.globals, s)?,
                Payload::ElementSection(s) => keep.parse_element_section(&mut self.elements, s)?,
                Payload::DataSection(section) => {
                    for data in section {
                        let data = data?;
                        self.data_count += 1;
                        match data.kind {
                            DataKind::Active { .. } if heap.fresh() => {
                                self.data.passive(data.data.iter().copied());
                            }
                            _ => keep.parse_data(&mut self.data, data)?,
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(self, types: &Types, exports: &ExportSection, start: Option<u32>) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&types.section);
        if !self.imports.is_empty() {
            module.section(&self.imports);
        }
        module.section(&self.functions);
        if !self.tables.is_empty() {
            module.section(&self.tables);
        }
        module.section(&self.memories).section(&self.globals).section(exports);
        if let Some(function_index) = start {
            module.section(&StartSection { function_index });
        }
        if !self.elements.is_empty() {
            module.section(&self.elements);
        }
        if self.data_count > 0 {
            module.section(&DataCountSection { count: self.data_count });
        }
        module.section(&self.code);
        if self.data_count > 0 {
            module.section(&self.data);
        }
        module.finish()
    }
}
