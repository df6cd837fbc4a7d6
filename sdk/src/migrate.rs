//! What an app does with the state an earlier version of it left.

use crate::context::{Context, WriteState};

/// A version of an app, as its manifest names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    /// `major.minor.patch`.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }
}

/// What `migrate` can reach: the state as it was before the upgrade, and the topic's facts.
///
/// A migration is cut into chunks, each with the limits of one event. A chunk is a call of
/// `fn(&mut impl MigrateContext, Version, Option<C>) -> Option<C>`: it is given the version that
/// left the state and where the chunk before stopped (none for the first), and gives back where to
/// go on, or `None` once nothing is left to do. A trap in any chunk undoes all of them, and the
/// topic stays with the version before.
pub trait MigrateContext: Context + WriteState {}
impl<T: Context + WriteState> MigrateContext for T {}
