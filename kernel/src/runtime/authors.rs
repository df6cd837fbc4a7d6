//! Authors' topics: those of others are followed, and this home's person speaks in their own.

use std::collections::BTreeSet;

use myrhiza_kernel_api::{BundleId, PublicKey, TopicId};

use super::author::Draft;
use super::topics::Entrance;
use super::{Ambient, Authored, Runtime, RuntimeError, Signer, Subject, TopicRecord, blobs};
use crate::apply::Facts;
use crate::bundle::Bundle;
use crate::clock;
use crate::codec::Canonical;
use crate::event::payload::{Join, Notice, Withdrawal};
use crate::event::{Kind, author_genesis};
use crate::identity::SecretKey;
use crate::schema;
use crate::state::Overlay;

impl Runtime {
    /// The authors whose topics are here, with these; ascending by key.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn authors(&self) -> Result<Vec<(PublicKey, TopicId)>, RuntimeError> {
        self.indexed(|index| {
            index.authors().iter().map(|(author, topic)| (*author, *topic)).collect()
        })
    }

    /// Takes an author's topic in, which is then exchanged with peers as every other; nothing is done
    /// if it is here.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn follow(&mut self, author: PublicKey, now_ms: u64) -> Result<TopicId, RuntimeError> {
        let genesis = author_genesis(author)?;
        let topic = genesis.topic();
        match TopicRecord::load(&*self.read()?, topic) {
            Ok(_) => Ok(topic),
            Err(RuntimeError::NoTopic { .. }) => {
                self.enter(&Entrance::of("", &[genesis]), now_ms)?;
                Ok(topic)
            }
            Err(error) => Err(error),
        }
    }

    /// Follows the authors of the installed apps, and of others only `signer`'s person. Returns how
    /// many topics came and went. One whose topic is still being removed is followed by a later call.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn follow_authors(
        &mut self,
        signer: Signer<'_>,
        now_ms: u64,
    ) -> Result<usize, RuntimeError> {
        let needed: BTreeSet<_> = self.apps()?.iter().map(Bundle::author).collect();
        let followed = self.authors()?;
        let mut moved = 0;
        for (author, topic) in &followed {
            if *author != signer.person() && !needed.contains(author) {
                self.leave(*topic, signer.certificate)?;
                moved += 1;
            }
        }
        for author in needed {
            if followed.iter().all(|(known, _)| *known != author) {
                match self.follow(author, now_ms) {
                    Ok(_) => moved += 1,
                    Err(RuntimeError::Busy { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(moved)
    }

    /// Publishes a bundle of this person's: tells everybody of it, and serves it to whoever asks.
    ///
    /// # Errors
    /// [`RuntimeError::BadInput`] if it is somebody else's, [`RuntimeError::NotAccepted`] if it is
    /// published already or withdrawn.
    pub fn publish(
        &mut self,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
        bundle: &Bundle,
    ) -> Result<Authored, RuntimeError> {
        if bundle.author() != signer.person() {
            return Err(RuntimeError::BadInput {
                what: Subject::Bundle,
                cause: "it is signed by somebody else".into(),
            });
        }
        let notice = Notice::Published(Box::new(bundle.signed_manifest()));
        let authored = self.give_notice(signer, ambient, &notice)?;
        let mut overlay = Overlay::new(self.read()?);
        blobs::put(&mut overlay, schema::PUBLISHED, bundle.id().as_bytes(), &bundle.to_bytes());
        self.store.commit(overlay.into_batch())?;
        Ok(authored)
    }

    /// Tells everybody that nobody is to go on with a bundle of this person's, whose long-term key
    /// `person` is. It is for ever.
    ///
    /// # Errors
    /// [`RuntimeError::BadInput`] if the reason is too long, [`RuntimeError::NotAccepted`] if it is
    /// withdrawn already.
    pub fn withdraw(
        &mut self,
        (person, signer): (&SecretKey, Signer<'_>),
        ambient: &mut Ambient<'_>,
        (bundle, successor): (BundleId, Option<BundleId>),
        reason: &str,
    ) -> Result<Authored, RuntimeError> {
        let withdrawal = Withdrawal::sign(person, bundle, reason, successor).map_err(|error| {
            RuntimeError::BadInput { what: Subject::Reason, cause: error.to_string() }
        })?;
        self.give_notice(signer, ambient, &Notice::Withdrawn(withdrawal))
    }

    /// Tells everybody that there is no news, if this home has said nothing for `age_ms`
    /// milliseconds. A home that has never published or withdrawn anything says nothing: it cannot
    /// know that it knows all its person has said.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn stay_current(
        &mut self,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
        age_ms: u64,
    ) -> Result<Option<Authored>, RuntimeError> {
        let topic = author_genesis(signer.person())?.topic();
        let said = Facts::new(&*self.read()?, topic).current(signer.scope.public())?;
        let due =
            said.is_some_and(|said| ambient.now_ms.saturating_sub(clock::wall_ms(said)) >= age_ms);
        match due {
            true => self.give_notice(signer, ambient, &Notice::Current).map(Some),
            false => Ok(None),
        }
    }

    /// Brings this home's scope into its person's own topic, and that into the home.
    ///
    /// # Errors
    /// [`RuntimeError::NotAccepted`] if the person has too many scopes there.
    pub fn enter_own(
        &mut self,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
    ) -> Result<TopicId, RuntimeError> {
        let topic = self.follow(signer.person(), ambient.now_ms)?;
        if !Facts::new(&*self.read()?, topic).is_of(signer.scope.public(), signer.person())? {
            let join = Join::Open(signer.certificate.clone()).to_bytes();
            let opened = self.open(topic)?;
            self.author(opened, signer, ambient, draft(Kind::Join, join))?;
        }
        Ok(topic)
    }

    fn give_notice(
        &mut self,
        signer: Signer<'_>,
        ambient: &mut Ambient<'_>,
        notice: &Notice,
    ) -> Result<Authored, RuntimeError> {
        let topic = self.enter_own(signer, ambient)?;
        let opened = self.open(topic)?;
        self.author(opened, signer, ambient, draft(Kind::Notice, notice.to_bytes()))
    }
}

fn draft(kind: Kind, payload: Vec<u8>) -> Draft {
    Draft { kind, variant: 0, payload, parents: Vec::new() }
}
