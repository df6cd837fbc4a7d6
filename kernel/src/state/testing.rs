//! What the tests of this folder share.

use std::borrow::Cow;

use myrhiza_kernel_api::store::{KeyRange, Visit};
use myrhiza_kernel_api::{Keyspace, Snapshot, StoreError};

use super::Overlay;

/// A snapshot of a store that holds nothing.
struct Nothing;

impl Snapshot for Nothing {
    fn get(&self, _: Keyspace, _: &[u8]) -> Result<Option<Cow<'_, [u8]>>, StoreError> {
        Ok(None)
    }

    fn scan(
        &self,
        _: Keyspace,
        _: KeyRange<'_>,
        _: bool,
        _: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        Ok(())
    }
}

/// An overlay above nothing.
pub(crate) fn empty() -> Overlay {
    Overlay::new(Box::new(Nothing))
}

/// Every entry of a keyspace.
pub(crate) fn entries(snapshot: &dyn Snapshot, keyspace: Keyspace) -> Vec<(Vec<u8>, Vec<u8>)> {
    use myrhiza_kernel_api::StoreExt;
    snapshot.prefix(keyspace, &[], usize::MAX).unwrap()
}
