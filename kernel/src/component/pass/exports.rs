//! What the rewritten module exports: what the component uses, behind the checks it needs.

use myrhiza_kernel_api::limits::EXPORT_NAME_BYTES;
use wasm_encoder::reencode::Reencode;
use wasm_encoder::{ExportKind, ExportSection, ValType};

use super::facts::Facts;
use super::heap::Heap;
use super::meter::{self, Meter};
use super::{Added, Keep, Refusal, Setup, Types, boundary};
use crate::component::join::Role;

/// The core export that ends a call, for functions that return nothing that must be freed. One for
/// each result a lifted function can have.
pub(in crate::component) fn end_export(result: Option<ValType>) -> &'static str {
    match result {
        None => "meter_end",
        Some(ValType::I32) => "meter_end_i32",
        Some(ValType::I64) => "meter_end_i64",
        Some(ValType::F32) => "meter_end_f32",
        Some(_) => "meter_end_f64",
    }
}

/// The core export that tells the fuel that the last call left.
pub(in crate::component) const LEFT_EXPORT: &str = "meter_left";

/// What exports are made from.
pub(super) struct Exports<'e, 'a> {
    pub(super) setup: &'e Setup<'a>,
    pub(super) facts: &'e Facts<'a>,
    pub(super) heap: &'e Heap,
    pub(super) meter: &'e Meter,
    /// The function that ends a call.
    pub(super) end: u32,
}

impl Exports<'_, '_> {
    /// The exports, under the original's names; then the meter's.
    pub(super) fn section(
        &self,
        keep: &mut Keep,
        types: &mut Types,
        added: &mut Added,
    ) -> Result<ExportSection, Refusal> {
        let mut exports = ExportSection::new();
        for (name, role) in &self.setup.joined.roles {
            plain(name)?;
            let original = self.facts.exported_function(name)?;
            let ty = self.facts.function_type(original)?;
            let index = keep.function_index(original)?;
            let wrapper = self.wrapper(*role, index, ty)?;
            let index = wrapper.map_or(index, |function| added.push(ty, function));
            exports.export(name, ExportKind::Func, index);
        }
        for result in self.setup.ends {
            let function = match result {
                None => self.end,
                Some(ty) => added.push(types.function(&[*ty], &[]), meter::just_end(self.end)),
            };
            exports.export(end_export(*result), ExportKind::Func, function);
        }
        let left = added.push(types.function(&[], &[ValType::I64]), self.meter.left());
        exports.export(LEFT_EXPORT, ExportKind::Func, left);
        if let Some(memory) = self.setup.joined.memory {
            plain(memory)?;
            exports.export(memory, ExportKind::Memory, 0);
        }
        Ok(exports)
    }

    fn wrapper(
        &self,
        role: Role,
        index: u32,
        ty: u32,
    ) -> Result<Option<wasm_encoder::Function>, Refusal> {
        let signature = self.facts.signature(ty)?;
        match role {
            Role::PostReturn => Ok(Some(meter::then_end(index, signature, self.end))),
            Role::Call(function) if self.heap.fresh() => {
                boundary::result(self.setup.types, function, index, signature, self.heap)
            }
            Role::Realloc if self.heap.fresh() => Ok(Some(boundary::realloc(index, self.heap))),
            Role::Call(_) | Role::Realloc => Ok(None),
        }
    }
}

/// Refuses names that some engine does not take, and those of the meter.
fn plain(name: &str) -> Result<(), Refusal> {
    let taken = |b: u8| b.is_ascii_graphic() && !b"\"'`\\$".contains(&b);
    if name.len() <= EXPORT_NAME_BYTES && name.bytes().all(taken) && !name.starts_with("meter_") {
        return Ok(());
    }
    let place = format!("core export `{}`", name.escape_debug());
    let message = "not every engine takes this name; use letters, digits, `-` and `_`, and no \
                   `meter_` in front";
    Err(Refusal::unsupported(place, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [LIMITS-3]
    #[test]
    fn the_name_of_a_core_export_has_as_many_bytes_as_the_limit_and_no_more() {
        assert!(plain(&"n".repeat(EXPORT_NAME_BYTES)).is_ok());
        assert!(plain(&"n".repeat(EXPORT_NAME_BYTES + 1)).is_err());
    }
}
