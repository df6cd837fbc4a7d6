//! How to make an instance of a component, as a component's bytes say it.
//!
//! Only what admission lets through is understood: core modules and their instances, host functions
//! that are lowered, and core functions that are lifted (`docs/spec/components.md`). Names and
//! indices are resolved here, once, so that making an instance follows a list.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::world::Function;

/// How to make an instance.
#[derive(Debug)]
pub struct Plan {
    /// Where in the component's bytes each core module is.
    pub modules: Vec<Range<usize>>,
    /// The core instances, in the order in which they are made.
    pub instances: Vec<CoreInstance>,
    /// The core functions.
    pub functions: Vec<CoreFunction>,
    /// The core memories.
    pub memories: Vec<Export>,
    /// The core tables.
    pub tables: Vec<Export>,
    /// The core globals.
    pub globals: Vec<Export>,
    /// The memory that all values pass through, as an index into `memories`.
    pub memory: Option<usize>,
    /// The profile's export.
    pub export: Lift,
    /// Those of the exports that a profile need not have, by name.
    pub others: Vec<(&'static str, Lift)>,
    /// The fuel the last call left.
    pub meter_left: Lift,
}

impl Plan {
    /// The core functions that make room for values, each once.
    pub fn reallocs(&self) -> BTreeSet<usize> {
        let hosts = self.functions.iter().filter_map(|function| match function {
            CoreFunction::Host { realloc, .. } => *realloc,
            CoreFunction::Export(_) => None,
        });
        let others = self.others.iter().filter_map(|(_, lift)| lift.realloc);
        hosts.chain(self.export.realloc).chain(others).collect()
    }
}

/// A core instance.
#[derive(Debug)]
pub enum CoreInstance {
    /// Of a core module, with the instances it imports from by module name.
    Of {
        /// The core module.
        module: usize,
        /// Name and instance.
        imports: Vec<(String, usize)>,
    },
    /// Items put together under names.
    Items(Vec<(String, Item)>),
}

/// What a name of a core instance stands for, as an index among its kind.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Item {
    Function(usize),
    Memory(usize),
    Table(usize),
    Global(usize),
}

/// An export of a core instance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Export {
    pub instance: usize,
    pub name: String,
}

/// A core function.
#[derive(Debug)]
pub enum CoreFunction {
    /// Of a core instance.
    Export(Export),
    /// A function of the host's.
    Host {
        /// Which.
        function: Function,
        /// How many words are passed to it.
        words: usize,
        /// The core function that makes room for its result.
        realloc: Option<usize>,
    },
}

/// A core function that is called from outside, and what goes with it, as indices into
/// [`Plan::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lift {
    /// The function.
    pub function: usize,
    /// Makes room for arguments.
    pub realloc: Option<usize>,
    /// Is called with what `function` returned.
    pub post_return: Option<usize>,
}

/// Why a component is not understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The bytes are no component, or one that uses what is not admitted.
    #[error(transparent)]
    Invalid(#[from] wasmparser::BinaryReaderError),
    /// An import that the profile's world does not have.
    #[error("it imports `{interface}` `{name}`, which its profile does not have")]
    Import {
        /// The instance's name.
        interface: String,
        /// The name in it.
        name: String,
    },
    /// An export that the profile's world has is missing.
    #[error("it does not export `{0}`")]
    Export(&'static str),
    /// A function has another type than in the profile's world.
    #[error("`{name}` is `{found}`, and the kernel's is `{expected}`")]
    Type {
        /// The function.
        name: String,
        /// Its type.
        found: String,
        /// The type it should have.
        expected: &'static str,
    },
    /// Something that admission does not let through.
    #[error("it has {0}, which admission refuses; hand the backend what admission returned")]
    Shape(&'static str),
}
