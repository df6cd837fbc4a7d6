//! The memory: its cap, and in profiles with fresh memory the marks that a reset goes by.
//!
//! With fresh memory the real memory is as large as it may become from the start, and its size as
//! the guest sees it is a number: the *edge*. Accesses are checked against the edge, since beyond
//! it lie bytes that a memory of that size would not have. Above the guest's memory, in pages of
//! its own, lies the *map*: one byte for each 4 KiB, not 0 where the guest or the host wrote.

use myrhiza_kernel_api::ProfileLimits;
use wasm_encoder::{
    BlockType, ConstExpr, Function, GlobalSection, GlobalType, InstructionSink, MemArg,
    MemArgTarget, MemorySection, MemoryType, ValType,
};
use wasmparser::Operator;

use super::cost;
use super::facts::Facts;
use super::meter::{Meter, trap_if};
use super::{Added, Refusal, Types};

/// Bytes of a page of linear memory, as a power of two.
const PAGE_LOG2: u64 = 16;
/// Bytes that share a byte of the map, as a power of two.
pub(super) const LEAF_LOG2: i32 = 12;
/// Leaves of a page, as a power of two.
const LEAVES_LOG2: i32 = PAGE_LOG2 as i32 - LEAF_LOG2;

/// The parts that track a fresh memory.
pub(super) struct Fresh {
    /// The edge, in leaves; a global.
    pub(super) edge: u32,
    /// Where the map begins.
    pub(super) map: u64,
    /// The edge of a new instance.
    pub(super) initial: i32,
    /// `(address, length)`: traps unless it is inside the edge, then marks it written.
    pub(super) mark: u32,
    /// `(address, length)`: traps unless it is inside the edge.
    pub(super) within: u32,
}

/// The memory of the main core module.
pub(super) struct Heap {
    pages: u64,
    first_pages: u64,
    grow: u32,
    fresh: Option<Fresh>,
}

impl Heap {
    /// Lays the memory out and adds its helpers.
    pub(super) fn plan(
        facts: &Facts<'_>,
        limits: ProfileLimits,
        fresh: bool,
        meter: &Meter,
        types: &mut Types,
        added: &mut Added,
    ) -> Result<Self, Refusal> {
        let cap = limits.memory >> PAGE_LOG2;
        let pages = facts.memory.maximum.unwrap_or(cap).min(cap);
        let first_pages = facts.memory.initial;
        if first_pages > pages || pages > 1 << 14 {
            return Err(Refusal::unsupported("the memory", "it does not fit the profile's limit"));
        }
        let mut heap = Self { pages, first_pages, grow: 0, fresh: None };
        if fresh {
            let edge = facts.globals + Meter::GLOBALS;
            let map = pages << PAGE_LOG2;
            let initial = (first_pages << LEAVES_LOG2) as i32;
            let pair = types.function(&[ValType::I32, ValType::I32], &[]);
            let within = added.push(pair, within(edge));
            let mark = added.push(pair, mark(edge, map));
            heap.fresh = Some(Fresh { edge, map, initial, mark, within });
        }
        let ty = types.function(&[ValType::I32], &[ValType::I32]);
        heap.grow = added.push(ty, heap.grow(meter));
        Ok(heap)
    }

    /// Whether every call finds fresh memory.
    pub(super) fn fresh(&self) -> bool {
        self.fresh.is_some()
    }

    /// The parts of a fresh memory.
    pub(super) fn tracked(&self) -> Option<&Fresh> {
        self.fresh.as_ref()
    }

    pub(super) fn memory(&self, section: &mut MemorySection) {
        let leaves = self.pages << LEAVES_LOG2;
        let (minimum, maximum) = match self.fresh {
            Some(_) => {
                let all = self.pages + leaves.div_ceil(1 << PAGE_LOG2);
                (all, all)
            }
            None => (self.first_pages, self.pages),
        };
        section.memory(MemoryType {
            minimum,
            maximum: Some(maximum),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }

    pub(super) fn globals(&self, section: &mut GlobalSection) {
        if let Some(fresh) = &self.fresh {
            let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
            section.global(ty, &ConstExpr::i32_const(fresh.initial));
        }
    }

    /// `memory.size`.
    pub(super) fn size(&self, code: &mut InstructionSink<'_>) {
        match &self.fresh {
            Some(fresh) => code.global_get(fresh.edge).i32_const(LEAVES_LOG2).i32_shr_u(),
            None => code.memory_size(0),
        };
    }

    /// `memory.grow`.
    pub(super) fn call_grow(&self, code: &mut InstructionSink<'_>) {
        code.call(self.grow);
    }

    /// Adds pages if there is room, and charges for them only then.
    fn grow(&self, meter: &Meter) -> Function {
        let (pages, old, scratch) = (0, 1, 2);
        let mut function = Function::new([(1, ValType::I32), (1, ValType::I64)]);
        let mut code = function.instructions();
        self.size(&mut code);
        code.local_tee(old).i64_extend_i32_u().local_get(pages).i64_extend_i32_u().i64_add();
        code.i64_const(self.pages as i64).i64_gt_u().if_(BlockType::Empty);
        code.i32_const(-1).return_().end();
        code.global_get(meter.fuel).local_get(pages).i64_extend_i32_u();
        code.i64_const(cost::PAGE_LOG2).i64_shl();
        meter.take(&mut code, scratch);
        match &self.fresh {
            Some(fresh) => {
                code.local_get(old).local_get(pages).i32_add().i32_const(LEAVES_LOG2).i32_shl();
                code.global_set(fresh.edge).local_get(old);
            }
            None => {
                code.local_get(pages).memory_grow(0);
            }
        }
        code.end();
        function
    }
}

impl Fresh {
    /// Before a store: the address and the value are on the stack, and stay. Traps beyond the
    /// edge, else marks the leaf of the last byte. A sum that wraps marks a wrong leaf, which does
    /// no harm, and the store itself traps.
    pub(super) fn store(&self, code: &mut InstructionSink<'_>, access: Access, locals: Locals) {
        code.local_set(locals.value).local_tee(locals.address).local_get(locals.address);
        self.leaf(code, access);
        code.local_tee(locals.leaf).local_get(locals.leaf).global_get(self.edge).i32_ge_u();
        trap_if(code);
        code.i32_const(1).i32_store8(at(self.map, 0)).local_get(locals.value);
    }

    /// Before a load: the address is on the stack, and stays. Traps beyond the edge.
    pub(super) fn load(&self, code: &mut InstructionSink<'_>, access: Access, address: u32) {
        code.local_tee(address).local_get(address);
        self.leaf(code, access);
        code.global_get(self.edge).i32_ge_u();
        trap_if(code);
    }

    /// Replaces an address by the leaf of the last byte accessed there.
    fn leaf(&self, code: &mut InstructionSink<'_>, access: Access) {
        let last = (access.offset as u32).wrapping_add(access.bytes - 1);
        if last != 0 {
            code.i32_const(last as i32).i32_add();
        }
        code.i32_const(LEAF_LOG2).i32_shr_u();
    }
}

/// An access to memory.
#[derive(Clone, Copy)]
pub(super) struct Access {
    pub(super) offset: u64,
    pub(super) bytes: u32,
    /// The type stored; `None` for a load.
    pub(super) stores: Option<ValType>,
}

/// Scratch locals of a store.
#[derive(Clone, Copy)]
pub(super) struct Locals {
    pub(super) value: u32,
    pub(super) address: u32,
    pub(super) leaf: u32,
}

/// What an instruction accesses, if it is a load or store.
pub(super) fn access(operator: &Operator<'_>) -> Option<Access> {
    use Operator as O;
    let (memarg, bytes, stores) = match operator {
        O::I32Load8S { memarg } | O::I32Load8U { memarg } => (memarg, 1, None),
        O::I64Load8S { memarg } | O::I64Load8U { memarg } => (memarg, 1, None),
        O::I32Load16S { memarg } | O::I32Load16U { memarg } => (memarg, 2, None),
        O::I64Load16S { memarg } | O::I64Load16U { memarg } => (memarg, 2, None),
        O::I32Load { memarg } | O::F32Load { memarg } => (memarg, 4, None),
        O::I64Load32S { memarg } | O::I64Load32U { memarg } => (memarg, 4, None),
        O::I64Load { memarg } | O::F64Load { memarg } => (memarg, 8, None),
        O::I32Store8 { memarg } => (memarg, 1, Some(ValType::I32)),
        O::I32Store16 { memarg } => (memarg, 2, Some(ValType::I32)),
        O::I32Store { memarg } => (memarg, 4, Some(ValType::I32)),
        O::I64Store8 { memarg } => (memarg, 1, Some(ValType::I64)),
        O::I64Store16 { memarg } => (memarg, 2, Some(ValType::I64)),
        O::I64Store32 { memarg } => (memarg, 4, Some(ValType::I64)),
        O::I64Store { memarg } => (memarg, 8, Some(ValType::I64)),
        O::F32Store { memarg } => (memarg, 4, Some(ValType::F32)),
        O::F64Store { memarg } => (memarg, 8, Some(ValType::F64)),
        _ => return None,
    };
    Some(Access { offset: memarg.offset, bytes, stores })
}

/// A place in the memory.
pub(super) fn at(offset: u64, align: u32) -> MemArg {
    MemArg { offset, align, target: MemArgTarget::Memory(0), ordering: None }
}

/// Leaves the first byte after `(address, length)`, as i64, in local 2; traps beyond the edge.
fn inside(code: &mut InstructionSink<'_>, edge: u32) {
    code.local_get(0).i64_extend_i32_u().local_get(1).i64_extend_i32_u().i64_add().local_tee(2);
    code.global_get(edge).i64_extend_i32_u().i64_const(i64::from(LEAF_LOG2)).i64_shl().i64_gt_u();
    trap_if(code);
}

fn within(edge: u32) -> Function {
    let mut function = Function::new([(1, ValType::I64)]);
    let mut code = function.instructions();
    inside(&mut code, edge);
    code.end();
    function
}

fn mark(edge: u32, map: u64) -> Function {
    let mut function = Function::new([(1, ValType::I64)]);
    let mut code = function.instructions();
    inside(&mut code, edge);
    code.local_get(1).if_(BlockType::Empty);
    code.local_get(0).i32_const(LEAF_LOG2).i32_shr_u().local_tee(0);
    code.i32_const(map as i32).i32_add().i32_const(1);
    code.local_get(2).i64_const(1).i64_sub().i64_const(i64::from(LEAF_LOG2)).i64_shr_u();
    code.i32_wrap_i64().local_get(0).i32_sub().i32_const(1).i32_add();
    code.memory_fill(0).end().end();
    function
}
