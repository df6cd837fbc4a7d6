//! The component around the rewritten core module.
//!
//! Everything keeps its index but core functions: those that end a call and tell its fuel are
//! inserted where the main instance is made, and later ones shift.

use std::convert::Infallible;

use myrhiza_kernel_api::ProfilePolicy;
use wasm_encoder::reencode::{self, Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, Component, ComponentAliasSection,
    ComponentExportKind, ComponentExportSection, ComponentSectionId, ComponentTypeSection,
    ComponentValType, ExportKind, PrimitiveValType, RawSection, ValType,
};
use wasmparser::types::TypesRef;
use wasmparser::{CanonicalFunction, Parser, Payload};

use super::finding::{Report, Rule};
use super::join::Joined;
use super::model::Model;
use super::pass::{self, LEFT_EXPORT, Refusal, Setup, end_export};

/// The export that tells the fuel that was left when the last call ended.
pub const METER_LEFT: &str = "meter-left";

/// Instruments a component that was found admissible; reports what the pass does not handle.
pub(super) fn assemble(
    bytes: &[u8],
    model: &Model<'_>,
    joined: &Joined<'_>,
    types: TypesRef<'_>,
    policy: &dyn ProfilePolicy,
    report: &mut Report,
) -> Option<Vec<u8>> {
    match encode(bytes, model, joined, types, policy) {
        Ok(bytes) => Some(bytes),
        Err(Refusal { rule, place, message }) => {
            report.push(rule, place, message);
            None
        }
    }
}

fn encode(
    bytes: &[u8],
    model: &Model<'_>,
    joined: &Joined<'_>,
    types: TypesRef<'_>,
    policy: &dyn ProfilePolicy,
) -> Result<Vec<u8>, Refusal> {
    let missing = |what: &str| Refusal {
        rule: Rule::Unsupported,
        place: "the component".into(),
        message: format!("{what} is missing"),
    };
    let module = model.modules.get(joined.module as usize);
    let module = module.ok_or_else(|| missing("the main core module"))?;
    let mut ends = Vec::new();
    for lift in model.lifts.iter().filter(|lift| lift.options.post_return.is_none()) {
        let end = core_result(types, lift.core_function);
        if !ends.contains(&end) {
            ends.push(end);
        }
    }
    let setup =
        Setup { module, joined, types, limits: policy.limits(), life: policy.life(), ends: &ends };
    let main = pass::rewrite(&setup)?;
    let mut writer = Writer { joined, types, main: &main, ends: &ends, modules: 0, instances: 0 };
    let mut component = Component::new();
    writer.parse_component(&mut component, Parser::new(0), bytes)?;
    writer.export_left(&mut component);
    Ok(component.finish())
}

/// What a core function that is lifted returns.
fn core_result(types: TypesRef<'_>, function: u32) -> Option<ValType> {
    let id = types.core_function_at(function);
    match types[id].unwrap_func().results().first()? {
        wasmparser::ValType::I32 => Some(ValType::I32),
        wasmparser::ValType::I64 => Some(ValType::I64),
        wasmparser::ValType::F32 => Some(ValType::F32),
        _ => Some(ValType::F64),
    }
}

/// Writes the component again.
struct Writer<'w, 'a> {
    joined: &'w Joined<'a>,
    types: TypesRef<'w>,
    main: &'w [u8],
    ends: &'w [Option<ValType>],
    modules: u32,
    instances: u32,
}

impl Writer<'_, '_> {
    fn inserted(&self) -> u32 {
        self.ends.len() as u32 + 1
    }

    /// The core functions that are inserted: the ends of calls, and what they left.
    fn insert(&self, component: &mut Component) {
        let mut aliases = ComponentAliasSection::new();
        let names = self.ends.iter().map(|end| end_export(*end)).chain([LEFT_EXPORT]);
        for name in names {
            let instance = self.joined.instance;
            aliases.alias(Alias::CoreInstanceExport { instance, kind: ExportKind::Func, name });
        }
        component.section(&aliases);
    }

    /// The inserted core function that ends calls of one that is lifted without a post-return.
    fn end_of(&self, function: u32) -> u32 {
        let result = core_result(self.types, function);
        let at = self.ends.iter().position(|end| *end == result).unwrap_or(0);
        self.joined.functions_then + at as u32
    }

    /// Lifts and exports the function that tells the fuel; last, so nothing shifts for it.
    fn export_left(&self, component: &mut Component) {
        let mut types = ComponentTypeSection::new();
        let result = Some(ComponentValType::Primitive(PrimitiveValType::U64));
        types.function().params([] as [(&str, ComponentValType); 0]).result(result);
        component.section(&types);
        let mut lifts = CanonicalFunctionSection::new();
        let left = self.joined.functions_then + self.ends.len() as u32;
        lifts.lift(left, self.types.component_type_count(), []);
        component.section(&lifts);
        let mut exports = ComponentExportSection::new();
        let function = self.types.component_function_count();
        exports.export(METER_LEFT, ComponentExportKind::Func, function, None);
        component.section(&exports);
    }
}

impl Reencode for Writer<'_, '_> {
    type Error = Infallible;

    /// A core function of the component.
    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        let shift = if function < self.joined.functions_then { 0 } else { self.inserted() };
        Ok(function + shift)
    }
}

impl ReencodeComponent for Writer<'_, '_> {
    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        _: Parser,
        module: &[u8],
    ) -> Result<(), reencode::Error> {
        let data = if self.modules == self.joined.module { self.main } else { module };
        self.modules += 1;
        component.section(&RawSection { id: ComponentSectionId::CoreModule as u8, data });
        Ok(())
    }

    /// Custom sections decide nothing, and are left out.
    fn parse_component_custom_section(
        &mut self,
        _: &mut Component,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        Ok(())
    }

    fn parse_component_payload(
        &mut self,
        component: &mut Component,
        payload: Payload<'_>,
        whole: &[u8],
    ) -> Result<(), reencode::Error> {
        let instances = match &payload {
            Payload::InstanceSection(section) => section.count(),
            _ => 0,
        };
        component_utils::parse_component_payload(self, component, payload, whole)?;
        let before = self.instances;
        self.instances += instances;
        if (before..self.instances).contains(&self.joined.instance) {
            self.insert(component);
        }
        Ok(())
    }

    fn parse_component_canonical(
        &mut self,
        section: &mut CanonicalFunctionSection,
        function: CanonicalFunction,
    ) -> Result<(), reencode::Error> {
        let CanonicalFunction::Lift { core_func_index, type_index, options } = &function else {
            return component_utils::parse_component_canonical(self, section, function);
        };
        let mut kept = Vec::new();
        for option in options {
            kept.push(self.canonical_option(*option)?);
        }
        // By what this lift says itself: a call that nothing ends is never reset.
        if !kept.iter().any(|option| matches!(option, CanonicalOption::PostReturn(_))) {
            kept.push(CanonicalOption::PostReturn(self.end_of(*core_func_index)));
        }
        section.lift(self.function_index(*core_func_index)?, *type_index, kept);
        Ok(())
    }
}
