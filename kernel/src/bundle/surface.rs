//! What a component imports and exports, read off its bytes before anything is known to be right.

use wasmparser::{ComponentTypeRef, Parser, Payload};

/// The names at a component's outside, in order. Where the bytes stop making sense, so does the
/// list; what is wrong with them is for admission to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Surface {
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
}

impl Surface {
    pub(super) fn of(component: &[u8]) -> Self {
        let mut surface = Self::default();
        let mut inside = 0_usize;
        for payload in Parser::new(0).parse_all(component).map_while(Result::ok) {
            match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => inside += 1,
                Payload::End(_) => inside = inside.saturating_sub(1),
                Payload::ComponentImportSection(imports) if inside == 0 => {
                    // A type that is imported is a name, not something to be had.
                    let imports = imports
                        .into_iter()
                        .map_while(Result::ok)
                        .filter(|import| !matches!(import.ty, ComponentTypeRef::Type(_)));
                    surface.imports.extend(imports.map(|import| import.name.name.into()));
                }
                Payload::ComponentExportSection(exports) if inside == 0 => {
                    let exports = exports.into_iter().map_while(Result::ok);
                    surface.exports.extend(exports.map(|export| export.name.name.into()));
                }
                _ => {}
            }
        }
        surface
    }
}
