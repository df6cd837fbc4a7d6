//! Memories, tables and what is put into them at the start.

use myrhiza_kernel_api::ProfileLimits;
use wasmparser::{DataKind, Parser, Payload};

use crate::component::finding::{Report, Rule};
use crate::component::join::Joined;
use crate::component::model::Model;
use crate::component::trampoline::constant;

/// Bytes of a page of linear memory.
const PAGE: u64 = 65_536;

/// The main core module has one memory within the limit, and no table starts above it.
pub(in crate::component) fn memories(
    model: &Model<'_>,
    joined: Option<&Joined<'_>>,
    limits: ProfileLimits,
    report: &mut Report,
) {
    for (index, module) in (0_u32..).zip(&model.modules) {
        let place = format!("core module {index}");
        let main = joined.is_some_and(|joined| joined.module == index);
        let (mut memory, mut start) = (None, None);
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            match payload {
                Payload::MemorySection(section) => {
                    for ty in section.into_iter().map_while(Result::ok) {
                        memory = Some(ty.initial);
                    }
                }
                Payload::TableSection(section) => {
                    for table in section.into_iter().map_while(Result::ok) {
                        if table.ty.initial > limits.table {
                            let message = format!(
                                "a table starts with {} entries, and at most {} are admitted; have fewer functions called through pointers",
                                table.ty.initial, limits.table
                            );
                            report.push(Rule::Memory, place.clone(), message);
                        }
                    }
                }
                Payload::StartSection { .. } => start = Some(()),
                Payload::DataSection(section) => {
                    for data in section.into_iter().map_while(Result::ok) {
                        let DataKind::Active { offset_expr, .. } = data.kind else { continue };
                        let end =
                            constant(&offset_expr).map(|at| u64::from(at) + data.data.len() as u64);
                        if end.is_none_or(|end| end > memory.unwrap_or(0) * PAGE) {
                            let message = "a data segment is not inside the memory the module starts with; start with more memory";
                            report.push(Rule::Memory, place.clone(), message);
                        }
                    }
                }
                _ => {}
            }
        }
        if start.is_some() {
            let message = "a start function would run before any call, with nobody to answer its host calls and nothing to charge; do its work in the exported function";
            report.push(Rule::Unsupported, place.clone(), message);
        }
        match memory {
            Some(pages) if pages.saturating_mul(PAGE) > limits.memory => {
                let message = format!(
                    "the memory starts with {} bytes, and at most {} are admitted; lower the initial memory or stack size",
                    pages.saturating_mul(PAGE),
                    limits.memory
                );
                report.push(Rule::Memory, place, message);
            }
            None if main => report.push(
                Rule::Memory,
                place,
                "it defines no memory; define one, as every compiler does by itself",
            ),
            _ => {}
        }
    }
}
