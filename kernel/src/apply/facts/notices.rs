//! What an author has said, in their own topic.

use myrhiza_kernel_api::{BundleId, EventId, PublicKey};

use super::{Facts, FactsMut, damaged, key};
use crate::fault::Fault;

impl Facts<'_> {
    /// The notice by which a bundle was published, in its author's topic.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn published(&self, bundle: BundleId) -> Result<Option<EventId>, Fault> {
        self.notice(b'p', bundle)
    }

    /// The notice by which a bundle was withdrawn, in its author's topic.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn withdrawn(&self, bundle: BundleId) -> Result<Option<EventId>, Fault> {
        self.notice(b'w', bundle)
    }

    /// The bundles that were published, ascending, with the notices.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn all_published(&self) -> Result<Vec<(BundleId, EventId)>, Fault> {
        self.notices(b'p')
    }

    /// The bundles that were withdrawn, ascending, with the notices.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn all_withdrawn(&self) -> Result<Vec<(BundleId, EventId)>, Fault> {
        self.notices(b'w')
    }

    /// The clock of an author's last word by that scope.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn current(&self, scope: PublicKey) -> Result<Option<u64>, Fault> {
        let found = self.map.get(self.reader, &key(b't', &[scope.as_ref()]))?;
        found.map(|value| read_clock(&value)).transpose()
    }

    /// The same of all their scopes, ascending by scope.
    ///
    /// # Errors
    /// [`Fault`]
    pub fn all_current(&self) -> Result<Vec<u64>, Fault> {
        self.rows(b"t", usize::MAX)?.into_iter().map(|(_, value)| read_clock(&value)).collect()
    }

    fn notice(&self, of: u8, bundle: BundleId) -> Result<Option<EventId>, Fault> {
        let found = self.map.get(self.reader, &key(of, &[bundle.as_ref()]))?;
        let read = |value: &[u8]| EventId::from_slice(value).ok_or_else(|| damaged("notice"));
        found.map(|value| read(&value)).transpose()
    }

    fn notices(&self, of: u8) -> Result<Vec<(BundleId, EventId)>, Fault> {
        let read = |(bundle, event): (Vec<u8>, Vec<u8>)| {
            Some((BundleId::from_slice(&bundle)?, EventId::from_slice(&event)?))
        };
        let rows = self.rows(&[of], usize::MAX)?.into_iter();
        rows.map(|row| read(row).ok_or_else(|| damaged("notice"))).collect()
    }
}

impl FactsMut<'_> {
    pub(in crate::apply) fn put_published(&mut self, bundle: BundleId, notice: EventId) {
        self.map.set(self.overlay, &key(b'p', &[bundle.as_ref()]), notice.0);
    }

    pub(in crate::apply) fn put_withdrawn(&mut self, bundle: BundleId, notice: EventId) {
        self.map.set(self.overlay, &key(b'w', &[bundle.as_ref()]), notice.0);
    }

    pub(in crate::apply) fn put_current(&mut self, scope: PublicKey, hlc: u64) {
        self.map.set(self.overlay, &key(b't', &[scope.as_ref()]), hlc.to_be_bytes());
    }
}

fn read_clock(value: &[u8]) -> Result<u64, Fault> {
    value.try_into().map(u64::from_be_bytes).map_err(|_| damaged("clock"))
}
