//! Checks of what crosses between guest and host, where engines need not agree.
//!
//! The canonical ABI reads and writes the guest's memory on the host's behalf. The real memory is
//! larger than the guest's with fresh memory, engines have treated bad pointers differently, and
//! what the host writes nobody marks. So everything that crosses is checked against the edge, and
//! what is going to be written is marked, by wrappers around realloc, imports and exports.

use wasm_encoder::{BlockType, Function, InstructionSink, ValType};
use wasmparser::component_types::{ComponentDefinedType, ComponentFuncTypeId, ComponentValType};
use wasmparser::types::TypesRef;
use wasmparser::{FuncType, PrimitiveValType};

use super::Refusal;
use super::heap::{Fresh, Heap, at};
use super::meter::trap_if;

/// Most values that are passed without going through memory.
const FLAT_PARAMETERS: usize = 16;
/// Most values that are returned without going through memory.
const FLAT_RESULTS: usize = 1;

/// A value type, as far as profiles with fresh memory use them.
enum Shape {
    /// A number of so many bytes.
    Number(u32),
    /// A list of bytes.
    Bytes,
    /// An option.
    Option(Box<Shape>),
    /// A record.
    Record(Vec<Shape>),
}

impl Shape {
    fn of(types: TypesRef<'_>, ty: ComponentValType) -> Result<Self, Refusal> {
        use PrimitiveValType as P;
        let unfit = || {
            Refusal::unsupported(
                "a function's type",
                "only numbers, lists of bytes, options and records cross in this profile",
            )
        };
        let primitive = |ty: PrimitiveValType| match ty {
            P::Bool | P::S8 | P::U8 => Ok(Self::Number(1)),
            P::S16 | P::U16 => Ok(Self::Number(2)),
            P::S32 | P::U32 => Ok(Self::Number(4)),
            P::S64 | P::U64 => Ok(Self::Number(8)),
            _ => Err(unfit()),
        };
        let id = match ty {
            ComponentValType::Primitive(ty) => return primitive(ty),
            ComponentValType::Type(id) => id,
        };
        match &types[id] {
            ComponentDefinedType::Primitive(ty) => primitive(*ty),
            ComponentDefinedType::List { element, .. } => match Self::of(types, *element)? {
                Self::Number(1) => Ok(Self::Bytes),
                _ => Err(unfit()),
            },
            ComponentDefinedType::Option { ty, .. } => {
                Ok(Self::Option(Box::new(Self::of(types, *ty)?)))
            }
            ComponentDefinedType::Record(record) => {
                let fields = record.fields.values().map(|ty| Self::of(types, *ty));
                Ok(Self::Record(fields.collect::<Result<_, _>>()?))
            }
            _ => Err(unfit()),
        }
    }

    /// Values it takes when passed outside memory.
    fn flat(&self) -> usize {
        match self {
            Self::Number(_) => 1,
            Self::Bytes => 2,
            Self::Option(inner) => 1 + inner.flat(),
            Self::Record(fields) => fields.iter().map(Self::flat).sum(),
        }
    }

    fn align(&self) -> u32 {
        match self {
            Self::Number(size) => *size,
            Self::Bytes => 4,
            Self::Option(inner) => inner.align(),
            Self::Record(fields) => fields.iter().map(Self::align).max().unwrap_or(1),
        }
    }

    fn size(&self) -> u32 {
        match self {
            Self::Number(size) => *size,
            Self::Bytes => 8,
            Self::Option(inner) => inner.align() + inner.size(),
            Self::Record(fields) => {
                let end = fields.iter().fold(0, |end, f| up(end, f.align()) + f.size());
                up(end, self.align())
            }
        }
    }

    /// Checks a value that lies in checked memory, `offset` after the address in a local.
    fn check(&self, code: &mut InstructionSink<'_>, fresh: &Fresh, address: u32, offset: u32) {
        let place = |plus: u32| at(u64::from(offset + plus), 0);
        match self {
            Self::Number(_) => {}
            Self::Bytes => {
                code.local_get(address).i32_load(place(0));
                code.local_get(address).i32_load(place(4)).call(fresh.within);
            }
            Self::Option(inner) => {
                code.local_get(address).i32_load8_u(place(0)).i32_const(1).i32_gt_u();
                trap_if(code);
                code.local_get(address).i32_load8_u(place(0)).if_(BlockType::Empty);
                inner.check(code, fresh, address, offset + inner.align());
                code.end();
            }
            Self::Record(fields) => {
                let mut end = offset;
                for field in fields {
                    let start = up(end, field.align());
                    field.check(code, fresh, address, start);
                    end = start + field.size();
                }
            }
        }
    }
}

fn up(offset: u32, align: u32) -> u32 {
    offset.next_multiple_of(align.max(1))
}

fn tracked(heap: &Heap) -> Result<&Fresh, Refusal> {
    let unfit = || Refusal::unsupported("the memory", "it is not laid out to be checked");
    heap.tracked().ok_or_else(unfit)
}

/// Traps unless the address in a local is a multiple of `align`.
fn aligned(code: &mut InstructionSink<'_>, address: u32, align: u32) {
    if align > 1 {
        code.local_get(address).i32_const(align as i32 - 1).i32_and();
        trap_if(code);
    }
}

/// A wrapper around an imported function that checks what the guest hands over and marks where
/// the result will be written; `None` where nothing needs it.
pub(super) fn import(
    types: TypesRef<'_>,
    ty: ComponentFuncTypeId,
    index: u32,
    signature: &FuncType,
    heap: &Heap,
) -> Result<Option<Function>, Refusal> {
    let fresh = tracked(heap)?;
    let ty = &types[ty];
    let parameters = ty.params.iter().map(|(_, ty)| Shape::of(types, *ty));
    let parameters = parameters.collect::<Result<Vec<_>, _>>()?;
    let result = ty.result.map(|ty| Shape::of(types, ty)).transpose()?;
    let flat: usize = parameters.iter().map(Shape::flat).sum();
    if flat > FLAT_PARAMETERS {
        let message = "its parameters go through memory, which this profile's do not";
        return Err(Refusal::unsupported("a function's type", message));
    }
    let area = result.filter(|shape| shape.flat() > FLAT_RESULTS);
    if area.is_none() && parameters.iter().all(|shape| matches!(shape, Shape::Number(_))) {
        return Ok(None);
    }
    let mut function = Function::new([]);
    let mut code = function.instructions();
    let mut local = 0;
    for shape in &parameters {
        match shape {
            Shape::Number(_) => {}
            Shape::Bytes => {
                code.local_get(local).local_get(local + 1).call(fresh.within);
            }
            Shape::Option(_) | Shape::Record(_) => {
                let message = "options and records are not passed to the host in this profile";
                return Err(Refusal::unsupported("a function's type", message));
            }
        }
        local += shape.flat() as u32;
    }
    if let Some(area) = &area {
        aligned(&mut code, local, area.align());
        code.local_get(local).i32_const(area.size() as i32).call(fresh.mark);
    }
    for parameter in 0..signature.params().len() as u32 {
        code.local_get(parameter);
    }
    code.call(index).end();
    Ok(Some(function))
}

/// A wrapper around an exported function that checks its result where it lies in memory; `None`
/// where it does not.
pub(super) fn result(
    types: TypesRef<'_>,
    ty: ComponentFuncTypeId,
    index: u32,
    signature: &FuncType,
    heap: &Heap,
) -> Result<Option<Function>, Refusal> {
    let fresh = tracked(heap)?;
    let Some(ty) = types[ty].result else { return Ok(None) };
    let shape = Shape::of(types, ty)?;
    if shape.flat() <= FLAT_RESULTS {
        return Ok(None);
    }
    let parameters = signature.params().len() as u32;
    let address = parameters;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    for parameter in 0..parameters {
        code.local_get(parameter);
    }
    code.call(index).local_set(address);
    aligned(&mut code, address, shape.align());
    code.local_get(address).i32_const(shape.size() as i32).call(fresh.within);
    shape.check(&mut code, fresh, address, 0);
    code.local_get(address).end();
    Ok(Some(function))
}

/// A wrapper around the guest's realloc, `(old, old size, align, size)`, that checks and marks the
/// place the host is about to write to.
pub(super) fn realloc(index: u32, heap: &Heap) -> Function {
    let (align, size, address) = (2, 3, 4);
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    for parameter in 0..4 {
        code.local_get(parameter);
    }
    code.call(index).local_set(address);
    code.local_get(address).local_get(align).i32_const(1).i32_sub().i32_and();
    trap_if(&mut code);
    if let Some(fresh) = heap.tracked() {
        code.local_get(address).local_get(size).call(fresh.mark);
    }
    code.local_get(address).end();
    function
}
