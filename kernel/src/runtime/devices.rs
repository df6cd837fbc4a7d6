//! A person's homes, as one of them knows them. Who is certified is kept here so that it can be named;
//! it decides nothing.

use std::collections::BTreeMap;

use myrhiza_kernel_api::{PublicKey, Snapshot, StoreExt, TopicId};

use super::record::topic_ids;
use super::{Ambient, Authored, Membership, Runtime, RuntimeError, Signer};
use crate::apply::Facts;
use crate::codec::Canonical;
use crate::fault::Fault;
use crate::identity::Certificate;
use crate::schema;
use crate::state::Overlay;

/// Starts the keys of certificates in `home`; the scope follows.
const PREFIX: &[u8] = b"device";

/// A scope of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its key.
    pub scope: PublicKey,
    /// What the person calls it.
    pub name: String,
    /// The topics it came into, ascending, and how it stands there now.
    pub topics: Vec<(TopicId, Membership)>,
}

impl Runtime {
    /// Keeps in mind a scope that its person has certified.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn remember_device(&mut self, certificate: &Certificate) -> Result<(), RuntimeError> {
        let mut overlay = Overlay::new(self.read()?);
        let key = [PREFIX, certificate.scope().as_ref()].concat();
        overlay.put(schema::HOME, key, certificate.to_bytes());
        Ok(self.store.commit(overlay.into_batch())?)
    }

    /// The scopes of a person, ascending: those this home was told of, and those that came into its
    /// topics.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn devices(&self, person: PublicKey) -> Result<Vec<Device>, RuntimeError> {
        let reader = self.read()?;
        let mut devices = BTreeMap::new();
        for certificate in certificates(&*reader)? {
            if certificate.person() == person {
                let (scope, name) = (certificate.scope(), certificate.name().to_owned());
                devices.insert(scope, Device { scope, name, topics: Vec::new() });
            }
        }
        for topic in topic_ids(&*reader)? {
            let facts = Facts::new(&*reader, topic);
            for scope in facts.scopes_of(person)? {
                let mut claims = facts.claims(scope)?.into_iter();
                let own = claims.find(|record| record.person == person);
                let name = own.map(|record| record.name).unwrap_or_default();
                let topics = Vec::new();
                let device = devices.entry(scope).or_insert(Device { scope, name, topics });
                device.topics.push((topic, self.membership(topic, scope, person)?));
            }
        }
        Ok(devices.into_values().collect())
    }

    /// Brings this home's scope into a topic if it is not in and its person is a member by another
    /// home, or it has a ticket that was kept until the topic has come. Otherwise nothing is done.
    ///
    /// # Errors
    /// [`RuntimeError::NotAccepted`] if the person has too many scopes there, or the ticket does not
    /// let in.
    pub fn take_part(
        &mut self,
        topic: TopicId,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
    ) -> Result<Option<Authored>, RuntimeError> {
        self.resume(topic)?;
        // Into an author's topic a home comes with the first that it says there.
        if self.founding_of(topic)?.author().is_some() {
            return Ok(None);
        }
        match self.membership(topic, signer.scope.public(), signer.person())? {
            Membership::Elsewhere => self.delegate(topic, signer, ambient).map(Some),
            Membership::Awaited => self.join_as_kept(topic, signer, ambient),
            _ => Ok(None),
        }
    }
}

fn certificates(reader: &dyn Snapshot) -> Result<Vec<Certificate>, Fault> {
    let rows = reader.prefix(schema::HOME, PREFIX, usize::MAX)?;
    let read = |(_, bytes): (Vec<u8>, Vec<u8>)| Certificate::from_bytes(&bytes);
    let read: Result<_, _> = rows.into_iter().map(read).collect();
    read.map_err(|cause| Fault::damaged("the certificate of a device", cause))
}
