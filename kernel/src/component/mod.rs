//! Admission of components: from the bytes somebody made to bytes any engine can be given.
//!
//! [`inspect`] says what a component imports and what is wrong with it; [`admit`] also instruments
//! it. Both take hostile bytes. The rules, the exports that are added and the exact meaning of the
//! instrumentation are the protocol's, not an engine's: `docs/spec/components.md` and
//! `docs/spec/metering.md`.
//!
//! # What a backend calls
//!
//! - The profile's exports, as the original has them. When such a call ends, its *post-return*
//!   (which every engine calls by itself) keeps the fuel that was left, refills fuel and stack, and
//!   in profiles with fresh memory makes memory and globals those of a new instance.
//! - `meter-left: func() -> u64`, between calls: the fuel that was left when the last call ended,
//!   its reallocs and post-return included; the whole fuel before the first.
//!
//! A new instance is ready for its first call. After a trap the instance is never called again; the
//! call counts as having used all its fuel.

mod assemble;
mod check;
mod features;
mod finding;
mod join;
mod model;
mod names;
mod pass;
#[cfg(test)]
pub(crate) mod tests;
mod trampoline;

use myrhiza_kernel_api::{ComponentId, Determinism, ProfilePolicy, limits};
use wasmparser::types::Types;
use wasmparser::{Validator, WasmFeatures};

pub use assemble::METER_LEFT;
pub use check::{INTERFACES, Shape, WORLDS};
pub use features::FEATURES;
pub use finding::{Finding, Findings, Rule};

use crate::hash::{Context, derive};
use finding::Report;
use join::Joined;
use model::Model;

/// A component that passed, instrumented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Identity of the bytes that came in.
    pub original: ComponentId,
    /// Identity of `bytes`.
    pub id: ComponentId,
    /// The instrumented component.
    pub bytes: Vec<u8>,
    /// Full names of the interfaces it imports, sorted.
    pub imports: Vec<String>,
    /// Fuel of one call.
    pub fuel: u64,
}

/// What a component is, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Full names of what it imports, sorted, permitted or not. Empty where it cannot be read.
    pub imports: Vec<String>,
    /// Everything that is wrong; empty if it would be admitted.
    pub findings: Vec<Finding>,
}

/// The identity of a component, over the bytes its author built.
pub fn component_id(bytes: &[u8]) -> ComponentId {
    ComponentId(derive(Context::ComponentId, &[bytes]).0)
}

/// Admits and instruments a component for a profile.
///
/// The result depends on the bytes and the policy alone, and is the same on every machine.
///
/// # Errors
/// Everything that is wrong with the component, as far as one thing does not hide another.
pub fn admit(bytes: &[u8], policy: &dyn ProfilePolicy) -> Result<Admitted, Findings> {
    let mut report = Report::new(policy.name());
    let (imports, instrumented) = judge(bytes, Some(policy), &mut report);
    match instrumented {
        Some(instrumented) if report.is_empty() => Ok(Admitted {
            original: component_id(bytes),
            id: component_id(&instrumented),
            bytes: instrumented,
            imports,
            fuel: policy.limits().fuel,
        }),
        _ => Err(report.into_findings()),
    }
}

/// Says what a component imports and everything that is wrong with it, under a profile's rules or
/// only under those that every component must keep.
pub fn inspect(bytes: &[u8], policy: Option<&dyn ProfilePolicy>) -> Inspection {
    let mut report = Report::new(policy.map_or("", |policy| policy.name()));
    let (imports, _) = judge(bytes, policy, &mut report);
    Inspection { imports, findings: report.into_findings().0 }
}

/// Applies the rules in order of cost. Without findings, and with a policy, there is a result.
fn judge(
    bytes: &[u8],
    policy: Option<&dyn ProfilePolicy>,
    report: &mut Report,
) -> (Vec<String>, Option<Vec<u8>>) {
    if !check::bounded(bytes, report) {
        return (Vec::new(), None);
    }
    let determinism = policy.map_or(Determinism::Free, |policy| policy.determinism());
    let Some((types, sound)) = validated(bytes, determinism, report) else {
        return (Vec::new(), None);
    };
    let types = types.as_ref();
    let model = match Model::read(bytes, report) {
        Ok(model) => model,
        Err(error) => {
            report.structure(&error);
            return (Vec::new(), None);
        }
    };
    let mut imports: Vec<_> = model
        .imports
        .iter()
        .filter(|(_, ty)| matches!(ty, wasmparser::ComponentTypeRef::Instance(_)))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    imports.sort();
    if let Some(policy) = policy {
        check::imports(&model, types, policy, report);
        check::exports(&model, types, policy, report);
    }
    if !sound {
        return (imports, None);
    }
    let joined = join::join(&model, types, report);
    if let Some(policy) = policy {
        check::memories(&model, joined.as_ref(), policy.limits(), report);
    }
    let instrumented = match (policy, joined) {
        (Some(policy), Some(joined)) if report.is_empty() => {
            instrumented(bytes, &model, &joined, types, policy, report)
        }
        _ => None,
    };
    (imports, instrumented)
}

/// Validates with the admitted features. Where that fails but the component is valid WebAssembly,
/// reports which features it uses, and the types are good for looking at imports and exports only.
fn validated(bytes: &[u8], determinism: Determinism, report: &mut Report) -> Option<(Types, bool)> {
    let error =
        match Validator::new_with_features(features::features(determinism)).validate_all(bytes) {
            Ok(types) => {
                if determinism == Determinism::Strict {
                    check::component_floats(bytes, report);
                }
                return Some((types, true));
            }
            Err(error) => error,
        };
    match Validator::new_with_features(WasmFeatures::all()).validate_all(bytes) {
        Ok(types) => {
            check::explain(bytes, determinism, report);
            if report.is_empty() {
                let place = format!("byte {:#x}", error.offset());
                let message = format!(
                    "{}: it is not in the list of admitted features; compile without it",
                    error.message()
                );
                report.push(Rule::Feature, place, message);
            }
            Some((types, false))
        }
        Err(error) => {
            report.structure(&error);
            None
        }
    }
}

/// Instruments, and makes sure of what came out before anyone relies on it.
fn instrumented(
    bytes: &[u8],
    model: &Model<'_>,
    joined: &Joined<'_>,
    types: wasmparser::types::TypesRef<'_>,
    policy: &dyn ProfilePolicy,
    report: &mut Report,
) -> Option<Vec<u8>> {
    let out = assemble::assemble(bytes, model, joined, types, policy, report)?;
    if out.len() > limits::INSTRUMENTED_BYTES {
        let message = format!(
            "{} bytes after instrumentation, and at most {} are admitted; make it smaller",
            out.len(),
            limits::INSTRUMENTED_BYTES
        );
        report.push(Rule::Size, "the component", message);
        return None;
    }
    if let Err(error) = Validator::new_with_features(FEATURES).validate_all(&out) {
        let message = format!(
            "instrumented, it is not valid: {}; please report this component",
            error.message()
        );
        report.push(Rule::Unsupported, format!("instrumented byte {:#x}", error.offset()), message);
        return None;
    }
    Some(out)
}
