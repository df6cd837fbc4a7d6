//! Bundles that wait for the user's word. What the user sees of one, and says yes to, is one thing with
//! a digest: if there is more to know by the time of the yes, it counts for nothing.

use myrhiza_kernel::bundle::{self, Ability, Bundle, InstallPlan};
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::RuntimeError;
use myrhiza_kernel_api::{BundleId, limits};
use serde::Serialize;

use super::apps::{Short, Word};
use crate::error::told;
use crate::words::{from_hex, hex};
use crate::{Answer, Desk, Error};

/// A bundle that waits, in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    #[serde(flatten)]
    short: Short,
    author: String,
    author_name: String,
    /// The topics that wait for it.
    topics: Vec<String>,
}

/// What installing a bundle would mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offer {
    #[serde(flatten)]
    plan: Plan,
    /// The topics that wait for it.
    topics: Vec<String>,
    /// The author's last word, in milliseconds since 1970; none if nothing was ever heard.
    as_of: Option<u64>,
    /// Digest of all that the user has to know: it goes with their yes.
    shown: String,
}

/// The part of it that the user agrees to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Plan {
    #[serde(flatten)]
    short: Short,
    description: String,
    author: String,
    author_name: String,
    /// Something of this author is installed.
    author_is_known: bool,
    /// The version before it that is installed.
    previous: Option<String>,
    may: Vec<May>,
    /// What the version before may do and this one may not.
    no_more: Vec<May>,
    /// What should make one stop and think.
    notices: Vec<String>,
    revoked: Option<super::apps::Revoked>,
    pinned: bool,
}

/// Something it may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct May {
    /// Which of its components.
    profile: String,
    interface: String,
    /// To be read after "it may".
    words: String,
    /// The version before may not.
    new: bool,
}

/// What became of an offer that the user does not want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// It is gone; else a topic needs it, and it stays.
    gone: bool,
}

impl Plan {
    fn of(bundle: &Bundle, plan: &InstallPlan, word: Word) -> Self {
        let may = |ability: &Ability, new| May {
            profile: ability.profile.clone(),
            interface: ability.interface.clone(),
            words: ability.words(),
            new,
        };
        let is_new = |ability: &Ability| plan.previous.is_some() && plan.added.contains(ability);
        Self {
            short: Short::from(bundle),
            description: plan.description.clone(),
            author: plan.app.author.to_string(),
            author_name: names::person(&plan.app.author),
            author_is_known: plan.author_is_known,
            previous: plan.previous.map(|version| version.to_string()),
            may: plan.app.abilities.iter().map(|ability| may(ability, is_new(ability))).collect(),
            no_more: plan.removed.iter().map(|ability| may(ability, false)).collect(),
            notices: plan.notices.iter().map(ToString::to_string).collect(),
            revoked: word.revoked,
            pinned: word.pinned,
        }
    }

    fn digest(&self) -> String {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        hex(blake3::hash(&bytes).as_bytes())
    }
}

pub(crate) fn list(desk: &Desk<'_, '_>) -> Result<Answer, Error> {
    let offers = desk.runtime().offers().map_err(told("what waits was not read"))?;
    let waiting = waiting(desk)?;
    let listed = |bundle: Bundle| Listed {
        short: Short::from(&bundle),
        author: bundle.author().to_string(),
        author_name: names::person(&bundle.author()),
        topics: of(&waiting, bundle.id()),
    };
    Ok(Answer::Offers(offers.into_iter().map(listed).collect()))
}

/// Each topic that waits, with the bundle.
fn waiting(desk: &Desk<'_, '_>) -> Result<Vec<(BundleId, String)>, Error> {
    let topics = desk.runtime().topics().map_err(told("the topics were not read"))?;
    let waits =
        topics.into_iter().filter_map(|topic| Some((topic.waits?.bundle(), topic.record.name)));
    Ok(waits.collect())
}

fn of(waiting: &[(BundleId, String)], bundle: BundleId) -> Vec<String> {
    waiting.iter().filter(|(of, _)| *of == bundle).map(|(_, name)| name.clone()).collect()
}

/// An offered bundle, or one that is installed already.
fn find(desk: &Desk<'_, '_>, id: BundleId) -> Result<Bundle, Error> {
    let read = || -> Result<Option<Bundle>, RuntimeError> {
        let here = desk.runtime().offers()?.into_iter().chain(desk.runtime().apps()?);
        Ok(here.into_iter().find(|bundle| bundle.id() == id))
    };
    read().map_err(told("what waits was not read"))?.ok_or_else(|| {
        Error::new(
            "not-found",
            "there is nothing to install",
            format!("bundle {id} does not wait here"),
            "leave this open until a peer has given it; or take it from a file",
        )
    })
}

pub(crate) fn show(desk: &mut Desk<'_, '_>, id: BundleId) -> Result<Answer, Error> {
    let bundle = find(desk, id)?;
    Ok(Answer::Offer(Box::new(offer(desk, &bundle)?)))
}

/// What installing means, as far as this home knows now. Peers are asked for the author's word, which
/// may come later.
fn offer(desk: &mut Desk<'_, '_>, bundle: &Bundle) -> Result<Offer, Error> {
    let what = format!("{} cannot be installed", bundle.manifest().name);
    let plan = desk.runtime().plan_install(bundle).map_err(told(&what))?;
    let now_ms = desk.ambient.now_ms;
    desk.seat.runtime.follow(bundle.author(), now_ms).map_err(told(&what))?;
    let word = Word::on(desk.runtime(), bundle, now_ms).map_err(told(&what))?;
    let as_of = word.as_of;
    let plan = Plan::of(bundle, &plan, word);
    let topics = of(&waiting(desk)?, bundle.id());
    Ok(Offer { shown: plan.digest(), plan, topics, as_of })
}

pub(crate) fn take(desk: &mut Desk<'_, '_>, bytes: &str) -> Result<Answer, Error> {
    let what = "the file was not taken";
    let bad = |cause: String| {
        Error::new("bad-bundle", what, cause, "ask its author for a bundle that is whole")
    };
    if bytes.len() > 2 * limits::BUNDLE_BYTES {
        return Err(bad(format!("a bundle is at most {} bytes", limits::BUNDLE_BYTES)));
    }
    let bytes = from_hex(bytes).ok_or_else(|| bad("it came damaged".into()))?;
    let bundle = bundle::open(&bytes).map_err(|error| match error.is_update_needed() {
        true => Error::new("update-needed", what, error.to_string(), "update Myrhiza"),
        false => bad(error.to_string()),
    })?;
    // What nobody could install is not kept.
    let offer = offer(desk, &bundle)?;
    desk.seat.runtime.want(bundle.id());
    if !desk.seat.runtime.offer(bundle.id(), &bytes).map_err(told(what))? {
        let cause = "it was refused meanwhile";
        return Err(Error::new("changed", what, cause, "choose the file again"));
    }
    Ok(Answer::Offer(Box::new(offer)))
}

pub(crate) fn confirm(
    desk: &mut Desk<'_, '_>,
    id: BundleId,
    shown: &str,
    pin: bool,
) -> Result<Answer, Error> {
    let bundle = find(desk, id)?;
    let what = format!("{} was not installed", bundle.manifest().name);
    let Offer { plan, shown: current, .. } = offer(desk, &bundle)?;
    if current != shown {
        return Err(Error::new(
            "changed",
            what,
            "there is more to know about it than was shown",
            "read it again, and decide then",
        ));
    }
    if let Some(revoked) = plan.revoked.filter(|_| !pin && !plan.pinned) {
        return Err(Error::new(
            "revoked",
            what,
            format!("its author has withdrawn it: {}", revoked.reason),
            "ask its author for another version; or say that you keep to it all the same",
        ));
    }
    desk.seat.runtime.install(&bundle).map_err(told(&what))?;
    if pin {
        desk.seat.runtime.pin(id).map_err(told(what))?;
    }
    Ok(Answer::Installed(Short::from(&bundle)))
}

pub(crate) fn refuse(desk: &mut Desk<'_, '_>, bundle: BundleId) -> Result<Answer, Error> {
    let gone = desk.seat.runtime.refuse_offer(bundle);
    Ok(Answer::Refused(Refused { gone: gone.map_err(told("the offer was not removed"))? }))
}
