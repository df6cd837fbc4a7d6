//! Names of functions, for findings only: nothing is decided by them.

use std::collections::BTreeMap;
use std::fmt;

use wasmparser::{KnownCustom, Name, Parser, Payload};

/// Longest part of a name that is shown, in characters.
const SHOWN: usize = 120;

/// The function names of one core module, as its name section has them.
#[derive(Default)]
pub(super) struct Names(BTreeMap<u32, String>);

impl Names {
    /// Reads the name section, as far as there is a sound one.
    pub(super) fn of(module: &[u8]) -> Self {
        let mut names = BTreeMap::new();
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            let Payload::CustomSection(section) = payload else { continue };
            let KnownCustom::Name(subsections) = section.as_known() else { continue };
            for subsection in subsections.into_iter().map_while(Result::ok) {
                let Name::Function(functions) = subsection else { continue };
                for naming in functions.into_iter().map_while(Result::ok) {
                    names.insert(naming.index, naming.name.chars().take(SHOWN).collect());
                }
            }
        }
        Self(names)
    }

    /// Where an instruction is, in words.
    pub(super) fn place(&self, module: usize, function: u32, offset: u64) -> Place<'_> {
        Place { module, function, name: self.0.get(&function).map(String::as_str), offset }
    }
}

/// A place in a core module.
pub(super) struct Place<'a> {
    module: usize,
    function: u32,
    name: Option<&'a str>,
    offset: u64,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "core module {}, function {}", self.module, self.function)?;
        if let Some(name) = self.name {
            write!(f, " `{}`", name.escape_debug())?;
        }
        write!(f, ", byte {:#x}", self.offset)
    }
}
