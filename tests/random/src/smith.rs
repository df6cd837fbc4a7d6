//! Random core modules, made into `state-apply` components that report what they computed.

use std::convert::Infallible;

use arbitrary::Unstructured;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    BlockType, CodeSection, DataCountSection, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, ImportSection, MemArg, MemArgTarget,
    MemorySection, MemoryType, Module, TableSection, TypeSection, ValType,
};
use wasm_smith::{Config, InstructionKind, InstructionKinds};
use wasmparser::{FuncType, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The WIT package, as the workspace has it.
pub const WIT: &str = include_str!("../../../wit/kernel.wit");

/// The component of a world whose core module is this.
pub fn wrap(world: &str, mut module: Vec<u8>) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("kernel.wit", WIT).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// Where the verdict is laid out: near the end of the first page.
const VERDICT: i32 = 65_504;
/// How much of the memory is told as the verdict's reason.
const TOLD: i32 = 4096;
/// Functions imported before the module's own.
const IMPORTED: u32 = 1;

/// A random `state-apply` component, and how many functions it has. `apply` asks for `event.seq`,
/// calls the function of that number, and tells what it returned and what the memory begins with.
pub fn smith(seed: u64) -> (Vec<u8>, u64) {
    let mut bytes = vec![0; 16_384];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    let mut source = Unstructured::new(&bytes);
    use InstructionKind as K;
    let config = Config {
        allowed_instructions: InstructionKinds::new(&[
            K::NumericInt,
            K::Parametric,
            K::Variable,
            K::Control,
            K::Memory,
        ]),
        allow_floats: false,
        allow_start_export: false,
        bulk_memory_enabled: seed.is_multiple_of(4),
        compact_imports_enabled: false,
        disallow_traps: !seed.is_multiple_of(3),
        exceptions_enabled: false,
        extended_const_enabled: false,
        gc_enabled: false,
        max_data_segments: 4,
        max_element_segments: 4,
        max_funcs: 12,
        max_globals: 8,
        max_imports: 0,
        max_instructions: 300,
        max_memories: 1,
        max_memory32_bytes: 20 << 16,
        max_table_elements: 100,
        memory64_enabled: false,
        min_funcs: 3,
        min_memories: 1,
        min_types: 4,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    };
    let module = wasm_smith::Module::new(config, &mut source).unwrap().to_bytes();
    let (module, functions) = telling(&module);
    (wrap("state-apply", module), functions)
}

struct Shift;

impl Reencode for Shift {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(function + IMPORTED)
    }
}

/// Adds `apply`, and what it needs, to a module without imports.
fn telling(module: &[u8]) -> (Vec<u8>, u64) {
    let mut types = TypeSection::new();
    let (mut functions, mut tables, mut memories) =
        (FunctionSection::new(), TableSection::new(), MemorySection::new());
    let (mut globals, mut elements, mut code, mut data) =
        (GlobalSection::new(), ElementSection::new(), CodeSection::new(), DataSection::new());
    let (mut signatures, mut function_types, mut segments) = (Vec::new(), Vec::new(), 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            Payload::TypeSection(s) => {
                signatures = s.clone().into_iter_err_on_gc_types().map(Result::unwrap).collect();
                Shift.parse_type_section(&mut types, s).unwrap();
            }
            Payload::FunctionSection(s) => {
                function_types = s.clone().into_iter().map(Result::unwrap).collect();
                Shift.parse_function_section(&mut functions, s).unwrap();
            }
            Payload::TableSection(s) => Shift.parse_table_section(&mut tables, s).unwrap(),
            Payload::MemorySection(s) => {
                let ty = s.into_iter().next().unwrap().unwrap();
                let minimum = ty.initial.max(1);
                let maximum = Some(ty.maximum.unwrap_or(20).max(minimum));
                memories.memory(MemoryType {
                    minimum,
                    maximum,
                    memory64: false,
                    shared: false,
                    page_size_log2: None,
                });
            }
            Payload::GlobalSection(s) => Shift.parse_global_section(&mut globals, s).unwrap(),
            Payload::ElementSection(s) => Shift.parse_element_section(&mut elements, s).unwrap(),
            Payload::CodeSectionEntry(body) => {
                Shift.parse_function_body(&mut code, body).unwrap();
            }
            Payload::DataSection(s) => {
                segments = s.count();
                Shift.parse_data_section(&mut data, s).unwrap();
            }
            _ => {}
        }
    }
    let own = signatures.len() as u32;
    types.ty().function([], [ValType::I64]);
    types.ty().function([], [ValType::I32]);
    let mut imports = ImportSection::new();
    imports.import("myrhiza:kernel/event@1.0.0", "seq", EntityType::Function(own));
    functions.function(own + 1);
    let apply = IMPORTED + function_types.len() as u32;
    code.function(&caller(&signatures, &function_types));
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0).export("apply", ExportKind::Func, apply);

    let mut out = Module::new();
    out.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    out.section(&globals).section(&exports).section(&elements);
    out.section(&DataCountSection { count: segments }).section(&code).section(&data);
    (out.finish(), function_types.len() as u64)
}

fn caller(signatures: &[FuncType], function_types: &[u32]) -> Function {
    let at = |offset| MemArg { offset, align: 0, target: MemArgTarget::Memory(0), ordering: None };
    let (seq, sum) = (0, 1);
    let mut function = Function::new([(2, ValType::I64)]);
    let mut code = function.instructions();
    code.call(0).local_set(seq);
    for (index, ty) in (0_u32..).zip(function_types) {
        let ty = &signatures[*ty as usize];
        code.local_get(seq).i64_const(i64::from(index)).i64_eq().if_(BlockType::Empty);
        for (at, parameter) in ty.params().iter().enumerate() {
            match parameter {
                wasmparser::ValType::I32 => code.i32_const(at as i32 * 1001),
                _ => code.i64_const(at as i64 * 100_003),
            };
        }
        code.call(index + IMPORTED);
        for result in ty.results().iter().rev() {
            if *result == wasmparser::ValType::I32 {
                code.i64_extend_i32_u();
            }
            code.local_get(sum).i64_const(5).i64_rotl().i64_add().local_set(sum);
        }
        code.end();
    }
    code.i32_const(VERDICT).local_get(sum).local_get(sum).i64_const(32).i64_shr_u().i64_xor();
    code.i32_wrap_i64().i32_store(at(0));
    code.i32_const(VERDICT).i32_const(0).i32_store(at(4));
    code.i32_const(VERDICT).i32_const(TOLD).i32_store(at(8));
    code.i32_const(VERDICT).end();
    function
}
