//! What authors say of their bundles: shown before an install and wherever it concerns the user.

use std::io::Write as _;

use myrhiza_api::apps::{Revoked, Word};
use myrhiza_kernel::bundle::Bundle;
use myrhiza_kernel::identity::names;
use myrhiza_kernel::node::PeerStatus;
use myrhiza_kernel::runtime::{Publication, Runtime, Standing};
use myrhiza_kernel_api::{BundleId, PublicKey};
use serde::Serialize;

use crate::console::note;
use crate::context::{Context, now_ms};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::runtime::told;
use crate::text;

/// Milliseconds after which what is known of an author is called old: a day.
const STALE_MS: u64 = 86_400_000;

/// A revocation for people, on one line, after "revoked".
fn revocation(revoked: &Revoked) -> String {
    let when = text::ago(now_ms(), revoked.at);
    let next = match &revoked.successor {
        Some(bundle) => format!("; go on with bundle {bundle}"),
        None => String::new(),
    };
    format!("{when} by its author: {}{next}", text::line(&revoked.reason))
}

/// Follows an author, and in a node gives peers a moment to tell what they know of them.
pub(super) fn hear(cx: &Context<'_>, runtime: &mut Runtime, author: PublicKey) -> Outcome<()> {
    let what = "the author was not followed";
    let topic = runtime.follow(author, now_ms()).map_err(told(what))?;
    let Some(lent) = cx.lent.as_ref().filter(|lent| lent.patient) else { return Ok(()) };
    let has_told =
        |peer: &PeerStatus| peer.topics.get(&topic).is_some_and(|exchange| exchange.complete);
    if lent.status.peers.is_empty() || lent.status.peers.iter().any(has_told) {
        return Ok(());
    }
    Err(Failure::refused(
        code::NOT_HEARD,
        format!("what {} says was not heard", names::person(&author)),
        "no peer has told of it yet",
        "keep this home's node up (`myrhiza up`) until a peer that knows of them is connected",
    ))
}

/// Shows what its author says of a bundle that is to be installed. One that is revoked passes only
/// where `pin` says so.
pub(super) fn gate(
    cx: &Context<'_>,
    runtime: &mut Runtime,
    bundle: &Bundle,
    pin: bool,
) -> Outcome<()> {
    hear(cx, runtime, bundle.author())?;
    let standing = standing(runtime, bundle)?;
    if let Some(note) = staleness(&standing, now_ms()) {
        note!("note    {note}");
    }
    let Some(withdrawn) = standing.withdrawn else { return Ok(()) };
    let revoked = revocation(&Revoked::from(withdrawn));
    note!("REVOKED {revoked}");
    if pin || standing.pinned {
        return Ok(());
    }
    Err(Failure::unanswered(
        code::REVOKED,
        format!("{} was not installed", bundle.manifest().name),
        format!("it was revoked {revoked}"),
        "ask its author for another version; or, to run it all the same, give `--pin`",
    ))
}

fn standing(runtime: &Runtime, bundle: &Bundle) -> Outcome<Standing> {
    let standing = runtime.standing(bundle.id(), bundle.author(), now_ms());
    standing.map_err(told("what its author says was not read"))
}

/// Why what is known of an author may be out of date.
fn staleness(standing: &Standing, now: u64) -> Option<String> {
    let ask = "a node that is up (`myrhiza up`) asks its peers";
    match standing.as_of_ms {
        None => Some(format!(
            "nothing was heard from its author yet, so it may be revoked without this home \
             knowing: {ask}"
        )),
        Some(at) if now.saturating_sub(at) > STALE_MS => Some(format!(
            "what is known of its author's revocations is of {}, and may be out of date: {ask}",
            text::ago(now, at)
        )),
        Some(_) => None,
    }
}

/// What there is to say to people of an author's word on an installed app, if anything.
pub(super) fn words(word: &Word) -> Option<String> {
    let revoked = revocation(word.revoked.as_ref()?);
    Some(match word.pinned {
        true => format!("{revoked} (pinned)"),
        false => format!("{revoked}; remove it, or `myrhiza app pin` it"),
    })
}

/// Says on standard error that a topic's app is revoked, if it is and the user has not pinned it.
pub(super) fn warn(runtime: &Runtime, bundle: BundleId) -> Outcome<()> {
    let open = runtime.withdrawn_apps().map_err(told("what authors say was not read"))?;
    for (app, withdrawn) in open.into_iter().filter(|(app, _)| app.id() == bundle) {
        let name = text::line(&app.manifest().name).into_owned();
        note!("the app {name} was revoked {}", revocation(&Revoked::from(withdrawn)));
        note!("leave the topic, go on with a later version, or keep to it with `myrhiza app pin`");
    }
    Ok(())
}

/// Refuses to bring others to a bundle that is revoked and that the user has not pinned.
pub(super) fn refuse(runtime: &Runtime, bundle: BundleId, what: &str) -> Outcome<()> {
    let open = runtime.withdrawn_apps().map_err(told("what authors say was not read"))?;
    match open.into_iter().find(|(app, _)| app.id() == bundle) {
        None => Ok(()),
        Some((_, withdrawn)) => Err(Failure::unanswered(
            code::REVOKED,
            what,
            format!("the app was revoked {}", revocation(&Revoked::from(withdrawn))),
            "take a version that is not revoked; or keep to this one, with `myrhiza app pin`",
        )),
    }
}

/// What an author has published.
#[derive(Serialize)]
struct Said {
    author: String,
    author_name: String,
    as_of: Option<u64>,
    bundles: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    bundle: String,
    /// `null` where it was revoked without having been published.
    name: Option<String>,
    version: Option<String>,
    revoked: Option<Revoked>,
}

pub(super) fn published(cx: &Context<'_>, author: Option<&str>) -> Outcome<Exit> {
    let (home, mut runtime) = cx.open_runtime()?;
    let author = match author {
        Some(author) => parse_author(author)?,
        None => home.person(),
    };
    hear(cx, &mut runtime, author)?;
    let said = runtime.publications(author, now_ms());
    let (bundles, as_of) = said.map_err(told("what the author says was not read"))?;
    let heard = Standing { as_of_ms: as_of, ..Standing::default() };
    if let Some(note) = staleness(&heard, now_ms()).filter(|_| author != home.person()) {
        note!("note    {note}");
    }
    let listed = |known: Publication| Listed {
        bundle: known.bundle.to_string(),
        name: known.manifest.as_ref().map(|signed| signed.manifest().name.clone()),
        version: known.manifest.as_ref().map(|signed| signed.manifest().version.to_string()),
        revoked: known.withdrawn.map(Revoked::from),
    };
    let said = Said {
        author: author.to_string(),
        author_name: names::person(&author),
        as_of,
        bundles: bundles.into_iter().map(listed).collect(),
    };
    cx.output.print(&said, |out| {
        match said.as_of {
            Some(at) => writeln!(out, "as of {}", text::ago(now_ms(), at))?,
            None => writeln!(out, "nothing was heard from {}", said.author_name)?,
        }
        said.bundles.iter().try_for_each(|listed| {
            let name = listed.name.as_deref().map_or("?".into(), text::line);
            let version = listed.version.as_deref().unwrap_or_default();
            write!(out, "{}  {name} {version}", listed.bundle)?;
            match &listed.revoked {
                Some(revoked) => writeln!(out, "  revoked {}", revocation(revoked)),
                None => writeln!(out),
            }
        })
    })?;
    Ok(Exit::Ok)
}

/// The newest version of an author's app that is published and not revoked.
pub(super) fn newest(
    cx: &Context<'_>,
    runtime: &mut Runtime,
    author: PublicKey,
    name: &str,
) -> Outcome<BundleId> {
    hear(cx, runtime, author)?;
    let what = "what the author says was not read";
    let (bundles, _) = runtime.publications(author, now_ms()).map_err(told(what))?;
    let fits = |known: &Publication| known.withdrawn.is_none();
    let manifests = bundles.into_iter().filter(fits).filter_map(|known| known.manifest);
    let named = manifests.filter(|signed| {
        let manifest = signed.manifest();
        manifest.name.eq_ignore_ascii_case(name) || manifest.id.eq_ignore_ascii_case(name)
    });
    let newest = named.max_by_key(|signed| (signed.manifest().version, signed.id()));
    newest.map(|signed| signed.id()).ok_or_else(|| {
        Failure::not_found(
            "not-found",
            format!("there is no app {name:?} of {}", names::person(&author)),
            "its author has published none that this home has heard of",
            "`myrhiza app published AUTHOR` shows what there is",
        )
    })
}

/// A person by their name or key.
pub(super) fn parse_author(given: &str) -> Outcome<PublicKey> {
    names::parse_person(given).or_else(|error| {
        given.parse::<PublicKey>().map_err(|_| {
            Failure::usage(
                "bad-person",
                "no author is named so",
                error.to_string(),
                "write `myr1…` as `myrhiza id` shows it there, or 64 hexadecimal digits",
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_an_author_is_old_after_a_day() {
        let note = |as_of_ms| {
            let standing = Standing { as_of_ms, ..Standing::default() };
            staleness(&standing, 100 * STALE_MS)
        };
        assert!(note(None).unwrap().starts_with("nothing was heard"));
        assert!(note(Some(97 * STALE_MS)).unwrap().contains("3 days ago"));
        assert_eq!(note(Some(99 * STALE_MS)), None);
        assert_eq!(note(Some(101 * STALE_MS)), None);
    }
}
