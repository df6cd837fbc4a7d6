//! Memories and tables: how large they start, and what is put into them then.

use myrhiza_kernel_api::ProfileLimits;
use wasmparser::{DataKind, ElementItems, ElementKind, Parser, Payload, TypeRef};

use crate::component::finding::{Report, Rule};
use crate::component::join::Joined;
use crate::component::model::Model;
use crate::component::trampoline::constant;

/// Bytes of a page of linear memory.
const PAGE: u64 = 65_536;

/// The main core module has one memory within the limit, no table starts above its limit, and
/// making an instance runs no code and cannot trap.
pub(in crate::component) fn memories(
    model: &Model<'_>,
    joined: Option<&Joined<'_>>,
    limits: ProfileLimits,
    report: &mut Report,
) {
    for (index, module) in (0_u32..).zip(&model.modules) {
        let place = format!("core module {index}");
        let mut start = Start { place, limits, memory: None, tables: Vec::new(), report };
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            start.payload(payload);
        }
        if start.memory.is_none() && joined.is_some_and(|joined| joined.module == index) {
            start.memory("it defines no memory; define one, as every compiler does by itself");
        }
    }
}

/// How a core module starts.
struct Start<'r> {
    place: String,
    limits: ProfileLimits,
    /// Bytes of memory.
    memory: Option<u64>,
    /// Entries of each table, imported ones first.
    tables: Vec<u64>,
    report: &'r mut Report,
}

impl Start<'_> {
    fn memory(&mut self, message: impl Into<String>) {
        self.report.push(Rule::Memory, self.place.clone(), message);
    }

    fn payload(&mut self, payload: Payload<'_>) {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports().map_while(Result::ok) {
                    if let TypeRef::Table(ty) = import.ty {
                        self.tables.push(ty.initial);
                    }
                }
            }
            Payload::TableSection(section) => {
                for table in section.into_iter().map_while(Result::ok) {
                    self.table(table.ty.initial);
                }
            }
            Payload::MemorySection(section) => {
                for ty in section.into_iter().map_while(Result::ok) {
                    self.pages(ty.initial);
                }
            }
            Payload::StartSection { .. } => {
                let message = "a start function would run before any call, with nobody to answer \
                               its host calls and nothing to charge; do its work in the exported \
                               function";
                self.report.push(Rule::Unsupported, self.place.clone(), message);
            }
            Payload::ElementSection(section) => {
                for element in section.into_iter().map_while(Result::ok) {
                    let ElementKind::Active { table_index, offset_expr } = element.kind else {
                        continue;
                    };
                    let count = match element.items {
                        ElementItems::Functions(items) => items.count(),
                        ElementItems::Expressions(_, items) => items.count(),
                    };
                    let table = self.tables.get(table_index.unwrap_or(0) as usize).copied();
                    let end = constant(&offset_expr).map(|at| u64::from(at) + u64::from(count));
                    if end.is_none_or(|end| end > table.unwrap_or(0)) {
                        self.memory(
                            "an element segment is not inside the table the module starts with; \
                             start with a larger table",
                        );
                    }
                }
            }
            Payload::DataSection(section) => {
                for data in section.into_iter().map_while(Result::ok) {
                    let DataKind::Active { offset_expr, .. } = data.kind else { continue };
                    let length = data.data.len() as u64;
                    let end = constant(&offset_expr).map(|at| u64::from(at) + length);
                    if end.is_none_or(|end| end > self.memory.unwrap_or(0)) {
                        self.memory(
                            "a data segment is not inside the memory the module starts with; \
                             start with more memory",
                        );
                    }
                }
            }
            _ => {}
        }
    }

    fn table(&mut self, entries: u64) {
        self.tables.push(entries);
        let most = self.limits.table;
        if entries > most {
            self.memory(format!(
                "a table starts with {entries} entries, and at most {most} are admitted; have \
                 fewer functions called through pointers"
            ));
        }
    }

    fn pages(&mut self, pages: u64) {
        let (bytes, most) = (pages.saturating_mul(PAGE), self.limits.memory);
        self.memory = Some(bytes);
        if bytes > most {
            self.memory(format!(
                "the memory starts with {bytes} bytes, and at most {most} are admitted; lower the \
                 initial memory or stack size"
            ));
        }
    }
}
