//! Says which instructions and types are refused, and where, once the validator found some.

use myrhiza_kernel_api::Determinism;
use wasmparser::{
    ComponentDefinedType, ComponentType, ComponentTypeDeclaration, ComponentValType,
    InstanceTypeDeclaration, MemoryType, Parser, Payload, PrimitiveValType, RefType, TypeRef,
    ValType,
};

use crate::component::features::{Family, family};
use crate::component::finding::{Report, Rule};
use crate::component::names::Names;

const FLOAT: &str = "floats are not computed alike everywhere, and this profile's results must be; \
                     use integers, also in code that is never run";
const FEATURE: &str = "it is not in the list of admitted features; compile without it";

/// Reports every float and foreign feature of a component that is valid with all features on.
pub(in crate::component) fn explain(bytes: &[u8], determinism: Determinism, report: &mut Report) {
    if determinism == Determinism::Strict {
        component_floats(bytes, report);
    }
    let mut index = 0;
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        if let Payload::ModuleSection { unchecked_range, .. } = payload {
            let range = unchecked_range.start as usize..unchecked_range.end as usize;
            if let Some(bytes) = bytes.get(range) {
                let names = Names::of(bytes);
                let mut scan = Scan { index, determinism, names: &names, report };
                scan.module(bytes, unchecked_range.start);
            }
            index += 1;
        }
    }
}

/// Reports component-level types made of floats; no validator refuses those.
pub(in crate::component) fn component_floats(bytes: &[u8], report: &mut Report) {
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        let Payload::ComponentTypeSection(section) = payload else { continue };
        for (at, ty) in section.into_iter_with_offsets().map_while(Result::ok) {
            if has_float(&ty) {
                report.push(Rule::Float, format!("component type at byte {at:#x}"), FLOAT);
            }
        }
    }
}

fn has_float(ty: &ComponentType<'_>) -> bool {
    let float = |ty: &ComponentValType| match ty {
        ComponentValType::Primitive(p) => {
            matches!(p, PrimitiveValType::F32 | PrimitiveValType::F64)
        }
        ComponentValType::Type(_) => false,
    };
    match ty {
        ComponentType::Func(ty) => {
            ty.params.iter().any(|(_, ty)| float(ty)) || ty.result.as_ref().is_some_and(float)
        }
        ComponentType::Defined(ty) => match ty {
            ComponentDefinedType::Primitive(p) => float(&ComponentValType::Primitive(*p)),
            ComponentDefinedType::Record(fields) => fields.iter().any(|(_, ty)| float(ty)),
            ComponentDefinedType::Variant(cases) => {
                cases.iter().any(|case| case.ty.as_ref().is_some_and(float))
            }
            ComponentDefinedType::List(ty)
            | ComponentDefinedType::FixedLengthList(ty, _)
            | ComponentDefinedType::Option(ty) => float(ty),
            ComponentDefinedType::Map(key, value) => float(key) || float(value),
            ComponentDefinedType::Tuple(types) => types.iter().any(float),
            ComponentDefinedType::Result { ok, err } => {
                ok.iter().chain(err.iter()).any(float)
            }
            ComponentDefinedType::Future(ty) | ComponentDefinedType::Stream(ty) => {
                ty.as_ref().is_some_and(float)
            }
            ComponentDefinedType::Flags(_)
            | ComponentDefinedType::Enum(_)
            | ComponentDefinedType::Own(_)
            | ComponentDefinedType::Borrow(_) => false,
        },
        ComponentType::Instance(declarations) => declarations.iter().any(|declaration| {
            matches!(declaration, InstanceTypeDeclaration::Type(ty) if has_float(ty))
        }),
        ComponentType::Component(declarations) => declarations.iter().any(|declaration| {
            matches!(declaration, ComponentTypeDeclaration::Type(ty) if has_float(ty))
        }),
        ComponentType::Resource { .. } => false,
    }
}

/// One core module.
struct Scan<'a> {
    index: usize,
    determinism: Determinism,
    names: &'a Names,
    report: &'a mut Report,
}

impl Scan<'_> {
    fn module(&mut self, bytes: &[u8], start: u64) {
        let (mut memories, mut imported, mut defined) = (0_u32, 0_u32, 0_u32);
        for payload in Parser::new(start).parse_all(bytes).map_while(Result::ok) {
            match payload {
                Payload::TypeSection(section) => {
                    for (at, group) in section.into_iter_with_offsets().map_while(Result::ok) {
                        for ty in group.types() {
                            match &ty.composite_type.inner {
                                wasmparser::CompositeInnerType::Func(ty) => {
                                    for value in ty.params().iter().chain(ty.results()) {
                                        self.value(*value, "a function type", at);
                                    }
                                }
                                _ => self.feature("a type of garbage collection", at),
                            }
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports().map_while(Result::ok) {
                        match import.ty {
                            TypeRef::Func(_) | TypeRef::FuncExact(_) => imported += 1,
                            TypeRef::Memory(ty) => {
                                memories += 1;
                                self.memory(ty, start);
                            }
                            TypeRef::Table(ty) => self.reference(ty.element_type, start),
                            TypeRef::Global(ty) => {
                                self.value(ty.content_type, "a global", start);
                            }
                            TypeRef::Tag(_) => self.feature("an exception tag", start),
                        }
                    }
                }
                Payload::MemorySection(section) => {
                    for (at, ty) in section.into_iter_with_offsets().map_while(Result::ok) {
                        memories += 1;
                        self.memory(ty, at);
                        if memories == 2 {
                            self.feature("a second memory", at);
                        }
                    }
                }
                Payload::TableSection(section) => {
                    for (at, table) in section.into_iter_with_offsets().map_while(Result::ok) {
                        self.reference(table.ty.element_type, at);
                        if table.ty.table64 || table.ty.shared {
                            self.feature("a 64-bit or shared table", at);
                        }
                    }
                }
                Payload::GlobalSection(section) => {
                    for (at, global) in section.into_iter_with_offsets().map_while(Result::ok) {
                        self.value(global.ty.content_type, "a global", at);
                    }
                }
                Payload::TagSection(section) => {
                    self.feature("an exception tag", section.range().start);
                }
                Payload::CodeSectionEntry(body) => {
                    self.body(&body, imported + defined);
                    defined += 1;
                }
                _ => {}
            }
        }
    }

    /// At most one finding of each rule for a function: the first instruction it applies to.
    fn body(&mut self, body: &wasmparser::FunctionBody<'_>, function: u32) {
        let strict = self.determinism == Determinism::Strict;
        let (mut float, mut feature) = (false, false);
        let (Ok(locals), Ok(operators)) = (body.get_locals_reader(), body.get_operators_reader())
        else {
            return;
        };
        for (_, ty) in locals.into_iter().map_while(Result::ok) {
            if !float && strict && matches!(ty, ValType::F32 | ValType::F64) {
                float = true;
                let place = self.names.place(self.index, function, body.range().start);
                self.report.push(
                    Rule::Float,
                    place.to_string(),
                    format!("a local is {ty}; {FLOAT}"),
                );
            }
        }
        for (operator, at) in operators.into_iter_with_offsets().map_while(Result::ok) {
            let place = || self.names.place(self.index, function, at).to_string();
            match family(&operator) {
                Family::Float(instruction) if strict && !float => {
                    float = true;
                    self.report.push(Rule::Float, place(), format!("{instruction}: {FLOAT}"));
                }
                Family::Foreign { instruction, proposal } if !feature => {
                    feature = true;
                    let message = format!("{instruction} of proposal `{proposal}`: {FEATURE}");
                    self.report.push(Rule::Feature, place(), message);
                }
                _ => {}
            }
        }
    }

    fn place(&self, at: u64) -> String {
        format!("core module {}, byte {at:#x}", self.index)
    }

    fn feature(&mut self, what: &str, at: u64) {
        let place = self.place(at);
        self.report.push(Rule::Feature, place, format!("{what}: {FEATURE}"));
    }

    fn value(&mut self, ty: ValType, what: &str, at: u64) {
        match ty {
            ValType::I32 | ValType::I64 => {}
            ValType::F32 | ValType::F64 if self.determinism == Determinism::Strict => {
                let place = self.place(at);
                self.report.push(Rule::Float, place, format!("{what} has {ty}: {FLOAT}"));
            }
            ValType::F32 | ValType::F64 => {}
            ValType::V128 => self.feature(&format!("{what} has v128 of proposal `simd`"), at),
            ValType::Ref(ty) => self.reference(ty, at),
        }
    }

    fn reference(&mut self, ty: RefType, at: u64) {
        if ty != RefType::FUNCREF {
            self.feature(&format!("the reference type {ty}"), at);
        }
    }

    fn memory(&mut self, ty: MemoryType, at: u64) {
        for (has, what) in [
            (ty.memory64, "a 64-bit memory"),
            (ty.shared, "a shared memory of proposal `threads`"),
            (ty.page_size_log2.is_some(), "a memory with pages of its own size"),
        ] {
            if has {
                self.feature(what, at);
            }
        }
    }
}
