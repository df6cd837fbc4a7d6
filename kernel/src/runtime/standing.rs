//! What an author has said of their bundles, as far as this home has heard; and what its user makes
//! of it. Nothing of it decides a state: a topic is folded through a withdrawn bundle as before.

use myrhiza_kernel_api::{BundleId, EventId, PublicKey, Snapshot, TopicId};

use super::loaded::installed;
use super::{Runtime, RuntimeError, blobs};
use crate::apply::Facts;
use crate::bundle::{Bundle, SignedManifest};
use crate::clock;
use crate::dag::Graph;
use crate::event::author_topic;
use crate::event::payload::{Notice, Payload};
use crate::fault::Fault;
use crate::schema;
use crate::state::Overlay;

/// Starts the keys of pins in `home`; the bundle's id follows.
const PIN: &[u8] = b"pin";

/// How a bundle stands with its author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It was withdrawn.
    pub withdrawn: Option<Withdrawn>,
    /// The author's last word, whatever it was of, in milliseconds since 1970: that is how new what
    /// this home knows is. None if nothing was ever heard.
    pub as_of_ms: Option<u64>,
    /// The user goes on with it although it is withdrawn.
    pub pinned: bool,
}

impl Standing {
    /// True if the user has yet to say what becomes of it.
    pub const fn is_open(&self) -> bool {
        self.withdrawn.is_some() && !self.pinned
    }
}

/// An author's word that nobody is to go on with a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// The notice.
    pub event: EventId,
    /// Why, for people.
    pub reason: String,
    /// The bundle to go on with.
    pub successor: Option<BundleId>,
    /// When, as its author claims, in milliseconds since 1970.
    pub at_ms: u64,
}

/// A bundle that its author has published, or withdrawn without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The bundle.
    pub bundle: BundleId,
    /// What was published; none if it was not.
    pub manifest: Option<SignedManifest>,
    /// It was withdrawn.
    pub withdrawn: Option<Withdrawn>,
}

impl Runtime {
    /// How a bundle stands with its author, by what this home has heard. `now_ms`, milliseconds since
    /// 1970, keeps claims of a later time from being believed.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn standing(
        &self,
        bundle: BundleId,
        author: PublicKey,
        now_ms: u64,
    ) -> Result<Standing, RuntimeError> {
        let (reader, topic) = (self.read()?, author_topic(author)?);
        let pinned = is_pinned(&*reader, bundle)?;
        let withdrawn = withdrawn(&*reader, topic, bundle)?;
        Ok(Standing { withdrawn, as_of_ms: as_of(&*reader, topic, now_ms)?, pinned })
    }

    /// The installed bundles that were withdrawn and that the user has not pinned, ascending by id.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn withdrawn_apps(&self) -> Result<Vec<(Bundle, Withdrawn)>, RuntimeError> {
        let (reader, mut open) = (self.read()?, Vec::new());
        for (author, topic) in self.authors()? {
            for (bundle, _) in Facts::new(&*reader, topic).all_withdrawn()? {
                let here = blobs::holds(&*reader, schema::BUNDLES, bundle.as_bytes())?;
                if !here || is_pinned(&*reader, bundle)? {
                    continue;
                }
                // An author has a word on their own bundles only.
                let app = installed(&*reader, bundle)?;
                if app.author() == author {
                    open.extend(withdrawn(&*reader, topic, bundle)?.map(|word| (app, word)));
                }
            }
        }
        open.sort_unstable_by_key(|(app, _)| app.id());
        Ok(open)
    }

    /// What an author has said, ascending by bundle, and as of when; nothing if they are not followed.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn publications(
        &self,
        author: PublicKey,
        now_ms: u64,
    ) -> Result<(Vec<Publication>, Option<u64>), RuntimeError> {
        let (reader, topic) = (self.read()?, author_topic(author)?);
        let facts = Facts::new(&*reader, topic);
        let mut all = Vec::new();
        for (bundle, event) in facts.all_published()? {
            let manifest = match notice(&*reader, topic, event)? {
                (Notice::Published(manifest), _) => Some(*manifest),
                _ => None,
            };
            all.push(Publication {
                bundle,
                manifest,
                withdrawn: withdrawn(&*reader, topic, bundle)?,
            });
        }
        for (bundle, _) in facts.all_withdrawn()? {
            if all.iter().all(|known| known.bundle != bundle) {
                let withdrawn = withdrawn(&*reader, topic, bundle)?;
                all.push(Publication { bundle, manifest: None, withdrawn });
            }
        }
        all.sort_unstable_by_key(|known| known.bundle);
        Ok((all, as_of(&*reader, topic, now_ms)?))
    }

    /// Goes on with an installed bundle although it is withdrawn.
    ///
    /// # Errors
    /// [`RuntimeError::NotInstalled`]
    pub fn pin(&mut self, bundle: BundleId) -> Result<(), RuntimeError> {
        let mut overlay = Overlay::new(self.read()?);
        if !blobs::holds(&overlay, schema::BUNDLES, bundle.as_bytes())? {
            return Err(RuntimeError::NotInstalled { bundle });
        }
        overlay.put(schema::HOME, pin_key(bundle), []);
        Ok(self.store.commit(overlay.into_batch())?)
    }

    /// Whether a bundle's author has published it, so that anybody may have it.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn is_public(&self, bundle: BundleId) -> Result<bool, RuntimeError> {
        let reader = self.read()?;
        for (_, topic) in self.authors()? {
            if Facts::new(&*reader, topic).published(bundle)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether anybody may have a bundle: it is here, and its author has published it.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn serves_public(&self, bundle: BundleId) -> Result<bool, RuntimeError> {
        Ok(self.has_bundle(bundle)? && self.is_public(bundle)?)
    }

    /// The user wants a bundle that no topic here needs: whoever has it published is asked.
    pub fn want(&mut self, bundle: BundleId) {
        self.wanted.add(bundle);
    }

    /// The bundles that are wanted and not here, what was wanted longest ago first, and how often they
    /// were.
    ///
    /// # Errors
    /// [`RuntimeError::Fault`]
    pub fn wanted(&self) -> Result<Vec<(BundleId, u32)>, RuntimeError> {
        let (reader, mut wanted) = (self.read()?, Vec::new());
        for (bundle, times) in self.wanted.iter() {
            let id = bundle.as_bytes();
            let here = blobs::holds(&*reader, schema::OFFERS, id)?
                || blobs::holds(&*reader, schema::BUNDLES, id)?;
            if !here {
                wanted.push((bundle, times));
            }
        }
        Ok(wanted)
    }
}

fn is_pinned(reader: &dyn Snapshot, bundle: BundleId) -> Result<bool, Fault> {
    Ok(reader.get(schema::HOME, &pin_key(bundle))?.is_some())
}

fn pin_key(bundle: BundleId) -> Vec<u8> {
    [PIN, bundle.as_ref()].concat()
}

/// Forgets a pin, as of a bundle that is removed.
pub(super) fn unpin(overlay: &mut Overlay, bundle: BundleId) {
    overlay.delete(schema::HOME, pin_key(bundle));
}

/// The latest clock of an author's scopes that is no claim of a later time.
fn as_of(reader: &dyn Snapshot, topic: TopicId, now_ms: u64) -> Result<Option<u64>, Fault> {
    let latest = now_ms.saturating_add(clock::MAX_AHEAD_MS);
    let clocks = Facts::new(reader, topic).all_current()?.into_iter().map(clock::wall_ms);
    Ok(clocks.filter(|ms| *ms <= latest).max())
}

fn withdrawn(
    reader: &dyn Snapshot,
    topic: TopicId,
    bundle: BundleId,
) -> Result<Option<Withdrawn>, RuntimeError> {
    let Some(event) = Facts::new(reader, topic).withdrawn(bundle)? else { return Ok(None) };
    let (Notice::Withdrawn(word), hlc) = notice(reader, topic, event)? else { return Ok(None) };
    let (reason, successor) = (word.reason().to_owned(), word.successor());
    Ok(Some(Withdrawn { event, reason, successor, at_ms: clock::wall_ms(hlc) }))
}

/// A notice of the log, and the clock it claims.
fn notice(
    reader: &dyn Snapshot,
    topic: TopicId,
    event: EventId,
) -> Result<(Notice, u64), RuntimeError> {
    let graph = Graph::new(reader, topic);
    let found = graph.event(graph.known(event)?.place)?;
    match Payload::decode(found.body()) {
        Ok(Payload::Notice(notice)) => Ok((notice, found.header().hlc)),
        _ => Err(Fault::damaged(format!("event {event}"), "another kind").into()),
    }
}
