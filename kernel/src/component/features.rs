//! The one list of WebAssembly features that components may use.
//!
//! It says what is allowed, so that tomorrow's proposals start out refused. The validator here and
//! every engine's configuration go by it (`docs/spec/components.md`).

use myrhiza_kernel_api::Determinism;
use wasmparser::{Operator, WasmFeatures, for_each_operator};

/// What a component of any profile may use, floats included.
pub const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::COMPONENT_MODEL)
    .union(WasmFeatures::FLOATS);

/// [`FEATURES`], without floats where the result must be the same on every machine.
pub(super) fn features(determinism: Determinism) -> WasmFeatures {
    match determinism {
        Determinism::Strict => FEATURES.difference(WasmFeatures::FLOATS),
        Determinism::Free => FEATURES,
    }
}

/// Why an instruction may be refused.
pub(super) enum Family {
    /// Admitted everywhere.
    Plain,
    /// Computes with floats, named as in the text format's manner.
    Float(&'static str),
    /// Of a proposal that is not admitted.
    Foreign { instruction: &'static str, proposal: &'static str },
}

/// The family of an instruction.
pub(super) fn family(operator: &Operator<'_>) -> Family {
    macro_rules! names {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            match operator {
                $(Operator::$op { .. } => (stringify!($proposal), stringify!($op)),)*
                _ => ("an unknown proposal", "an unknown instruction"),
            }
        };
    }
    let (proposal, instruction) = for_each_operator!(names);
    match proposal {
        "mvp"
        | "sign_extension"
        | "bulk_memory"
        | "reference_types"
        | "saturating_float_to_int" => {
            if instruction.contains("F32") || instruction.contains("F64") {
                Family::Float(instruction)
            } else {
                Family::Plain
            }
        }
        proposal => Family::Foreign { instruction, proposal },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_refused() {
        for refused in [
            WasmFeatures::SIMD,
            WasmFeatures::RELAXED_SIMD,
            WasmFeatures::THREADS,
            WasmFeatures::TAIL_CALL,
            WasmFeatures::EXCEPTIONS,
            WasmFeatures::GC,
            WasmFeatures::GC_TYPES,
            WasmFeatures::FUNCTION_REFERENCES,
            WasmFeatures::MEMORY64,
            WasmFeatures::MULTI_MEMORY,
            WasmFeatures::CUSTOM_PAGE_SIZES,
            WasmFeatures::EXTENDED_CONST,
            WasmFeatures::WIDE_ARITHMETIC,
            WasmFeatures::CM_ASYNC,
        ] {
            assert!(!FEATURES.intersects(refused));
        }
        assert!(!features(Determinism::Strict).contains(WasmFeatures::FLOATS));
    }
}
