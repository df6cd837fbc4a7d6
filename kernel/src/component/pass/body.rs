//! The rewriting of one function body.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, Function, InstructionSink, ValType};
use wasmparser::{
    FuncType, FuncValidator, FunctionBody, Operator, OperatorsReader, WasmModuleResources,
};

use super::facts::Facts;
use super::heap::{Access, Fresh, Heap, Locals, access};
use super::meter::Meter;
use super::{Keep, Refusal, Types, cost};

/// A function body, read and measured.
pub(super) struct Body<'a> {
    index: u32,
    operators: Vec<(Operator<'a>, u64)>,
    /// Groups of declared locals.
    declared: Vec<(u32, wasmparser::ValType)>,
    /// Parameters and declared locals.
    locals: u32,
    parameters: u32,
    /// Greatest number of operands at once.
    height: u32,
    /// Most parameters or results of a function it calls; `None` if it calls none.
    widest: Option<usize>,
}

impl<'a> Body<'a> {
    /// Validates the body, measuring it.
    pub(super) fn read(
        body: &FunctionBody<'a>,
        index: u32,
        checker: &mut FuncValidator<impl WasmModuleResources>,
        facts: &Facts<'_>,
    ) -> Result<Self, Refusal> {
        let mut reader = body.get_binary_reader();
        checker.read_locals(&mut reader)?;
        let mut rest = OperatorsReader::new(reader);
        let (mut operators, mut height, mut widest) = (Vec::new(), 0, None);
        while !rest.eof() {
            let (operator, at) = rest.read_with_offset()?;
            checker.op(at, &operator)?;
            height = height.max(checker.operand_stack_height());
            let callee = match operator {
                Operator::Call { function_index } => Some(facts.function_type(function_index)?),
                Operator::CallIndirect { type_index, .. } => Some(type_index),
                _ => None,
            };
            if let Some(callee) = callee {
                let width = width(facts.signature(callee)?);
                widest = Some(widest.unwrap_or(0).max(width));
            }
            operators.push((operator, at));
        }
        rest.finish()?;
        let declared = body.get_locals_reader()?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let parameters = facts.signature(facts.function_type(index)?)?.params().len() as u32;
        let locals = checker.len_locals();
        Ok(Self { index, operators, declared, locals, parameters, height, widest })
    }

    fn run(&self, from: usize) -> i64 {
        cost::run(self.operators.iter().skip(from).map(|(operator, _)| operator))
    }
}

fn width(signature: &FuncType) -> usize {
    signature.params().len().max(signature.results().len())
}

/// Locals that the rewriting adds after the function's own.
struct Scratch {
    added: Vec<(u32, ValType)>,
    next: u32,
    fuel: u32,
    word: u32,
    /// Address and leaf of an access; for bulk instructions the first two operands.
    address: u32,
    other: u32,
    values: Vec<(ValType, u32)>,
}

impl Scratch {
    fn of(body: &Body<'_>) -> Self {
        let (fuel, word) = (body.locals, body.locals + 1);
        let added = vec![(1, ValType::I64), (3, ValType::I32)];
        let mut scratch = Self {
            added,
            next: body.locals + 4,
            fuel,
            word,
            address: word + 1,
            other: word + 2,
            values: Vec::new(),
        };
        for ty in body.operators.iter().filter_map(|(operator, _)| access(operator)?.stores) {
            if !scratch.values.iter().any(|(known, _)| *known == ty) {
                scratch.values.push((ty, scratch.next));
                scratch.added.push((1, ty));
                scratch.next += 1;
            }
        }
        scratch
    }

    fn value(&self, ty: ValType) -> u32 {
        self.values.iter().find(|(known, _)| *known == ty).map_or(self.word, |(_, local)| *local)
    }
}

/// What is needed to rewrite a body.
pub(super) struct Rewrite<'r, 'a> {
    pub(super) facts: &'r Facts<'a>,
    pub(super) heap: &'r Heap,
    pub(super) meter: &'r Meter,
    pub(super) keep: &'r mut Keep,
    pub(super) types: &'r mut Types,
}

impl Rewrite<'_, '_> {
    /// The body with metering.
    pub(super) fn body(mut self, body: &Body<'_>) -> Result<Function, Refusal> {
        let scratch = Scratch::of(body);
        let mut locals = Vec::new();
        for (count, ty) in &body.declared {
            locals.push((*count, self.keep.val_type(*ty)?));
        }
        locals.extend(scratch.added.iter().copied());
        let mut function = Function::new(locals);

        let frame = cost::frame(body.locals, body.height, body.widest.unwrap_or(0));
        let frame = i32::try_from(frame).unwrap_or(i32::MAX);
        let calls = body.widest.is_some();
        self.meter.enter(&mut function.instructions(), frame, calls.then_some(scratch.word));
        // A function that calls gives its frame back at its end, so every way out leads there.
        if calls {
            let block = self.block_of_results(body.index)?;
            function.instructions().block(block);
        }
        let declared = i64::from(body.locals - body.parameters);
        let entry = cost::ENTRY + declared / cost::LOCALS;
        self.meter.charge(&mut function.instructions(), entry + body.run(0), scratch.fuel);

        let (mut depth, mut dead) = (0_u32, false);
        for (at, (operator, offset)) in body.operators.iter().enumerate() {
            let last = at + 1 == body.operators.len();
            match operator {
                Operator::Return if calls => {
                    function.instructions().br(depth);
                }
                Operator::End if last && calls => {
                    let mut code = function.instructions();
                    code.end();
                    self.meter.leave(&mut code, frame);
                    code.end();
                }
                operator => {
                    self.operator(operator, *offset, body.index, &scratch, &mut function)?
                }
            }
            match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                Operator::End => depth = depth.saturating_sub(1),
                _ => {}
            }
            if cost::leaves(operator) {
                dead = true;
            } else if cost::ends_run(operator) && !matches!(operator, Operator::BrIf { .. }) {
                dead = false;
            }
            if cost::ends_run(operator) && !last && !dead {
                let units = body.run(at + 1);
                self.meter.charge(&mut function.instructions(), units, scratch.fuel);
            }
        }
        Ok(function)
    }

    fn block_of_results(&mut self, function: u32) -> Result<BlockType, Refusal> {
        let results = self.facts.signature(self.facts.function_type(function)?)?.results();
        let results = results.iter().map(|ty| self.keep.val_type(*ty));
        let results = results.collect::<Result<Vec<_>, _>>()?;
        Ok(match results.as_slice() {
            [] => BlockType::Empty,
            [one] => BlockType::Result(*one),
            many => BlockType::FunctionType(self.types.function(&[], many)),
        })
    }

    /// One instruction, with what must come before it.
    fn operator(
        &mut self,
        operator: &Operator<'_>,
        offset: u64,
        index: u32,
        scratch: &Scratch,
        function: &mut Function,
    ) -> Result<(), Refusal> {
        let mut code = function.instructions();
        match operator {
            Operator::MemorySize { .. } => {
                self.heap.size(&mut code);
                return Ok(());
            }
            Operator::MemoryGrow { .. } => {
                self.heap.call_grow(&mut code);
                return Ok(());
            }
            Operator::MemoryFill { .. }
            | Operator::MemoryCopy { .. }
            | Operator::MemoryInit { .. } => {
                self.charge_bulk(&mut code, cost::BYTES_LOG2, scratch);
            }
            Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::TableGrow { .. } => self.charge_bulk(&mut code, 0, scratch),
            _ => {}
        }
        if let Some(fresh) = self.heap.tracked() {
            self.refuse_lasting(operator, offset, index)?;
            track(fresh, operator, scratch, &mut code);
        }
        function.instruction(&self.keep.instruction(operator.clone())?);
        Ok(())
    }

    /// Charges for the count on top of the stack, and leaves it there.
    fn charge_bulk(&self, code: &mut InstructionSink<'_>, log2: i64, scratch: &Scratch) {
        code.local_tee(scratch.word);
        code.global_get(self.meter.fuel).local_get(scratch.word).i64_extend_i32_u();
        code.i64_const(log2).i64_shr_u();
        self.meter.take(code, scratch.fuel);
    }

    /// Refuses what would outlast a reset.
    fn refuse_lasting(
        &self,
        operator: &Operator<'_>,
        offset: u64,
        index: u32,
    ) -> Result<(), Refusal> {
        let what = match operator {
            Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. } => "it changes a table",
            Operator::ElemDrop { .. } => "it drops an element segment",
            Operator::DataDrop { .. } => "it drops a data segment",
            Operator::MemoryInit { data_index, .. }
                if self.facts.actives.iter().any(|active| active.segment == *data_index) =>
            {
                "it reads a data segment that is used up at the start"
            }
            _ => return Ok(()),
        };
        Err(Refusal::unsupported(
            format!("function {index} of the main core module, core byte {offset:#x}"),
            format!("{what}, and every call of this profile must find those as new; avoid it"),
        ))
    }
}

/// Checks and marks what an instruction accesses.
fn track(
    fresh: &Fresh,
    operator: &Operator<'_>,
    scratch: &Scratch,
    code: &mut InstructionSink<'_>,
) {
    match operator {
        Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } | Operator::MemoryInit { .. } => {
            let (to, from, length) = (scratch.address, scratch.other, scratch.word);
            code.local_set(length).local_set(from).local_tee(to).local_get(length).call(fresh.mark);
            if matches!(operator, Operator::MemoryCopy { .. }) {
                code.local_get(from).local_get(length).call(fresh.within);
            }
            code.local_get(to).local_get(from).local_get(length);
        }
        operator => match access(operator) {
            Some(access @ Access { stores: Some(ty), .. }) => {
                let locals = Locals {
                    value: scratch.value(ty),
                    address: scratch.address,
                    leaf: scratch.word,
                };
                fresh.store(code, access, locals);
            }
            Some(access) => fresh.load(code, access, scratch.address),
            None => {}
        },
    }
}
