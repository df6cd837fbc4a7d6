//! Folds a `notice`: what an author says of their bundles.

use super::facts::{Facts, FactsMut};
use super::fold::{Fold, Stepped};
use super::host::FoldHost;
use super::{Ruling, Verdict};
use crate::event::Body;
use crate::event::payload::{Notice, Payload};
use crate::fault::Fault;

impl Fold<'_> {
    /// Folds a notice. A withdrawal counts whichever of the author's scopes carries it, also where
    /// that was cut: it is the long-term key's word.
    pub(super) fn notice(
        &mut self,
        mut host: Box<FoldHost>,
        body: &Body,
    ) -> Result<Stepped, Fault> {
        let notice = match Payload::decode(body) {
            Ok(Payload::Notice(notice)) => notice,
            Ok(_) => return Err(Fault::damaged(format!("event {}", body.id()), "another kind")),
            Err(cause) => return Err(Fault::damaged(format!("event {}", body.id()), cause)),
        };
        let author = match self.author(host.overlay(), body)? {
            Ok(author) if author.kind != 0 => {
                Err(Ruling::kernel_reject("what acts by itself speaks for no author"))
            }
            author => author,
        };
        let (topic, scope, hlc) = (self.topic.topic(), body.header().scope, body.header().hlc);
        let facts = Facts::new(host.overlay(), topic);
        let known = facts.current(scope)?;
        let ruling = match (&notice, &author) {
            (Notice::Withdrawn(word), _) if facts.withdrawn(word.bundle())?.is_some() => {
                Ruling::kernel_reject("the bundle is withdrawn already")
            }
            (Notice::Withdrawn(_), _) => Ruling::accept(0),
            (_, Err(why)) => why.clone(),
            (Notice::Published(manifest), _) if facts.withdrawn(manifest.id())?.is_some() => {
                Ruling::kernel_reject("the bundle is withdrawn")
            }
            (Notice::Published(manifest), _) if facts.published(manifest.id())?.is_some() => {
                Ruling::kernel_reject("the bundle is published already")
            }
            (Notice::Current, _) if known.is_some_and(|known| known >= hlc) => {
                Ruling::kernel_reject("its author has said something later")
            }
            _ => Ruling::accept(0),
        };
        if ruling.verdict != Verdict::Accept {
            return Ok((host, ruling.into()));
        }
        let mut facts = FactsMut::new(host.overlay(), topic);
        match &notice {
            Notice::Withdrawn(withdrawal) => facts.put_withdrawn(withdrawal.bundle(), body.id()),
            Notice::Published(manifest) => facts.put_published(manifest.id(), body.id()),
            Notice::Current => {}
        }
        if author.is_ok() && known.is_none_or(|known| known < hlc) {
            facts.put_current(scope, hlc);
        }
        Ok((host, ruling.into()))
    }
}
