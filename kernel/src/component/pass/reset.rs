//! What gives a call the memory and globals of a new instance, without making one.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, Function, InstructionSink, ValType};
use wasmparser::Operator;

use super::facts::{Active, Facts};
use super::heap::{Fresh, Heap, LEAF_LOG2, at};
use super::{Added, Keep, Refusal, Types};

/// Bytes of the map looked at together.
const STRIDE: i32 = 64;
/// A store is marked in the leaf of its last byte, so a leaf is restored from this far before it.
const OVERLAP: i32 = 8;
/// What is restored of a leaf.
const RESTORED: i32 = (1 << LEAF_LOG2) + OVERLAP;

/// The functions that make memory and globals new.
pub(super) struct Reset {
    /// Puts the active data where a new instance has it; it is the module's start.
    pub(super) start: u32,
    /// Undoes what was written since.
    pub(super) reset: u32,
}

/// Adds them to a module with fresh memory.
pub(super) fn functions(
    facts: &Facts<'_>,
    heap: &Heap,
    keep: &mut Keep,
    types: &mut Types,
    added: &mut Added,
) -> Result<Reset, Refusal> {
    let Some(fresh) = heap.tracked() else {
        return Err(Refusal::unsupported("the memory", "it is not laid out to be reset"));
    };
    let (nothing, leaf) = (types.function(&[], &[]), types.function(&[ValType::I32], &[]));
    let start = added.push(nothing, start(&facts.actives));
    let restore = added.push(leaf, restore(&facts.actives));
    let reset = added.push(nothing, reset(facts, fresh, keep, restore)?);
    Ok(Reset { start, reset })
}

fn start(actives: &[Active]) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    for active in actives {
        code.i32_const(active.offset as i32).i32_const(0).i32_const(active.length as i32);
        code.memory_init(0, active.segment);
    }
    code.end();
    function
}

/// `(leaf)`: zeroes it and puts the active data back that overlaps it, in order.
fn restore(actives: &[Active]) -> Function {
    let (leaf, base, from, to) = (0, 1, 2, 3);
    let mut function = Function::new([(3, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(leaf).i32_const(LEAF_LOG2).i32_shl().i32_const(OVERLAP).i32_sub();
    code.i32_const(0).local_get(leaf).select().local_tee(base);
    code.i32_const(0).i32_const(RESTORED).memory_fill(0);
    for active in actives {
        let (first, end) = (active.offset as i32, active.offset.wrapping_add(active.length) as i32);
        greater(&mut code, base, first, 0);
        code.local_set(from);
        lesser(&mut code, base, end, RESTORED);
        code.local_set(to);
        code.local_get(from).local_get(to).i32_lt_u().if_(BlockType::Empty);
        code.local_get(from).local_get(from).i32_const(first).i32_sub();
        code.local_get(to).local_get(from).i32_sub().memory_init(0, active.segment).end();
    }
    code.end();
    function
}

/// The greater of `local + plus` and a constant, unsigned.
fn greater(code: &mut InstructionSink<'_>, local: u32, constant: i32, plus: i32) {
    code.local_get(local).i32_const(plus).i32_add().i32_const(constant);
    code.local_get(local).i32_const(plus).i32_add().i32_const(constant).i32_gt_u().select();
}

/// The lesser of `local + plus` and a constant, unsigned.
fn lesser(code: &mut InstructionSink<'_>, local: u32, constant: i32, plus: i32) {
    code.local_get(local).i32_const(plus).i32_add().i32_const(constant);
    code.local_get(local).i32_const(plus).i32_add().i32_const(constant).i32_lt_u().select();
}

fn reset(
    facts: &Facts<'_>,
    fresh: &Fresh,
    keep: &mut Keep,
    restore: u32,
) -> Result<Function, Refusal> {
    let (stride, leaf) = (0, 1);
    let mut function = Function::new([(2, ValType::I32)]);
    globals(facts, keep, &mut function)?;
    let mut code = function.instructions();
    code.loop_(BlockType::Empty);
    for word in 0..u64::from(STRIDE as u32 / 8) {
        code.local_get(stride).i64_load(at(fresh.map + 8 * word, 3));
        if word > 0 {
            code.i64_or();
        }
    }
    code.i64_eqz().i32_eqz().if_(BlockType::Empty);
    code.local_get(stride).local_set(leaf).loop_(BlockType::Empty);
    code.local_get(leaf).i32_load8_u(at(fresh.map, 0)).if_(BlockType::Empty);
    code.local_get(leaf).call(restore);
    code.local_get(leaf).i32_const(0).i32_store8(at(fresh.map, 0)).end();
    code.local_get(leaf).i32_const(1).i32_add().local_tee(leaf);
    code.local_get(stride).i32_const(STRIDE).i32_add().i32_lt_u().br_if(0).end();
    code.end();
    code.local_get(stride).i32_const(STRIDE).i32_add().local_tee(stride);
    code.global_get(fresh.edge).i32_lt_u().br_if(0).end();
    code.i32_const(fresh.initial).global_set(fresh.edge).end();
    Ok(function)
}

/// Sets every mutable global of the guest's to what it starts as.
fn globals(facts: &Facts<'_>, keep: &mut Keep, function: &mut Function) -> Result<(), Refusal> {
    for (global, init) in &facts.mutable {
        for operator in init.get_operators_reader() {
            let operator = operator?;
            if !matches!(operator, Operator::End) {
                function.instruction(&keep.instruction(operator)?);
            }
        }
        function.instructions().global_set(*global);
    }
    Ok(())
}
