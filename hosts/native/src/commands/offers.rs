//! Where a bundle comes from that is to be installed: a file, or a peer that gave it to the node.

use std::path::Path;

use myrhiza_kernel::bundle::{self, Bundle};
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::{Runtime, Waits};
use myrhiza_kernel_api::{BundleId, TopicId, limits};

use super::topic::enter;
use super::{authors, ticket};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::names::{Choice, resolve};
use crate::node::{Ask, Waits as Wait};
use crate::runtime::{self, told};
use crate::steps::Step;
use crate::{console, files, text};

/// A bundle, and the topic it is for, if it is for one.
pub(super) type Found = (Bundle, Option<TopicId>);

/// Does something with the bundle that is meant by a file's path, a ticket, the name of a topic that
/// waits for it, the start of its id, or its author and its name. A ticket's topic is joined first.
/// What is not here is asked of peers.
pub(super) fn find(
    cx: &Context<'_>,
    from: String,
    then: impl FnOnce(&Context<'_>, &mut Runtime, Found) -> Outcome<Exit> + Send + 'static,
) -> Outcome<Exit> {
    if ticket::is_one(&from) {
        let topic = enter(cx, &from)?;
        let (_home, mut runtime) = cx.open_runtime()?;
        let bundle = of_topic(cx, &runtime, &topic.to_string(), true)?;
        return then(cx, &mut runtime, (bundle, Some(topic)));
    }
    let given = Path::new(&from);
    // What is no name of anything else is one of a file.
    let is_file = given.is_absolute() || given.extension().is_some_and(|kind| kind == "myr");
    let file = if is_file { cx.file(given)? } else { console::path(given) };
    cx.go_on(Step::files(move || {
        let read = if file.exists() { Some(of_file(&file)?) } else { None };
        Ok(Step::kernel(move |cx, _, runtime| {
            let found = match read {
                Some(bundle) => (bundle, None),
                None => of_peers(cx, runtime, &from)?,
            };
            then(cx, runtime, found).map(Step::Done)
        }))
    }))
}

fn of_peers(cx: &Context<'_>, runtime: &mut Runtime, from: &str) -> Outcome<Found> {
    if let Some((author, name)) = from.split_once('/')
        && let Ok(author) = authors::parse_author(author)
    {
        let newest = authors::newest(cx, runtime, author, name)?;
        return of_anybody(cx, runtime, newest).map(|bundle| (bundle, None));
    }
    if let Ok(topic) = runtime::topic(runtime, from) {
        let bundle = of_topic(cx, runtime, &topic.id.to_string(), false)?;
        return Ok((bundle, Some(topic.id)));
    }
    let bundle = match (of_id(runtime, from), parse_bundle(from)) {
        (Err(_), Some(id)) => of_anybody(cx, runtime, id),
        (found, _) => found,
    };
    bundle.map(|bundle| (bundle, None))
}

/// A bundle's id, in full.
pub(super) fn parse_bundle(given: &str) -> Option<BundleId> {
    names::parse_bundle(given).ok().or_else(|| given.parse().ok())
}

/// A bundle that is here, or that whoever has it published is asked for.
fn of_anybody(cx: &Context<'_>, runtime: &mut Runtime, id: BundleId) -> Outcome<Bundle> {
    let known = known(runtime)?.into_iter().find(|bundle| bundle.id() == id);
    known.ok_or_else(|| {
        runtime.want(id);
        let words = format!("bundle {id}, which no peer has given yet");
        cx.ask(Ask::Bundle(Wait { words, of: None }));
        not_offered(id)
    })
}

fn of_file(file: &Path) -> Outcome<Bundle> {
    let bytes = files::read(file, limits::BUNDLE_BYTES)?;
    bundle::open(&bytes).map_err(|error| {
        let next = match error.is_update_needed() {
            true => "update Myrhiza",
            false => "`myrhiza inspect` lists everything that is wrong with it",
        };
        let what = format!("{} was not installed", file.display());
        Failure::refused("bad-bundle", what, error.to_string(), next)
    })
}

/// The bundle that a topic waits for, or is folded through.
pub(super) fn of_topic(
    cx: &Context<'_>,
    runtime: &Runtime,
    topic: &str,
    by_ticket: bool,
) -> Outcome<Bundle> {
    let topic = runtime::topic(runtime, topic)?;
    let needs = topic.waits.as_ref().map_or(topic.in_force.bundle, Waits::bundle);
    let known = known(runtime)?;
    known.into_iter().find(|bundle| bundle.id() == needs).ok_or_else(|| {
        let name = text::line(&topic.record.name).into_owned();
        let words =
            format!("bundle {needs} of the topic {name}, which no peer has given yet");
        let what = match by_ticket {
            true => format!("the ticket to {name} brought no app: bundle {needs} was not installed"),
            false => format!("bundle {needs} of the topic {name} was not installed"),
        };
        let next = "ask a member for a new ticket: `myrhiza app install TICKET`, also while the topic is \
                    here; if you were removed, from a new home, which `myrhiza --home DIR init` makes";
        cx.ask(Ask::Bundle(Wait { words, of: Some((topic.id, what, next.into())) }));
        not_offered(needs)
    })
}

fn of_id(runtime: &Runtime, asked: &str) -> Outcome<Bundle> {
    let choice = |bundle: Bundle| {
        let (id, manifest) = (bundle.id().to_string(), bundle.manifest());
        let label = format!("{} {} ({})", manifest.name, manifest.version, &id[..16]);
        let names = vec![manifest.name.clone(), names::bundle(&bundle.id())];
        Choice { names, id, label, value: bundle }
    };
    let choices = known(runtime)?.into_iter().map(choice).collect();
    resolve("file, topic or bundle", asked, choices, "myrhiza topic list").map_err(|mut failure| {
        if failure.exit == Exit::NotFound {
            failure.next =
                "check the path; or give a ticket, a topic of `myrhiza topic list`, a bundle's \
                            whole id, or AUTHOR/NAME"
                    .into();
        }
        failure
    })
}

/// The bundles there are: those given by peers, and those installed.
fn known(runtime: &Runtime) -> Outcome<Vec<Bundle>> {
    let failed = told("the bundles were not read");
    let offers = runtime.offers().map_err(failed)?;
    let installed = runtime.apps().map_err(told("the bundles were not read"))?;
    Ok(offers.into_iter().chain(installed).collect())
}

fn not_offered(bundle: BundleId) -> Failure {
    Failure::not_found(
        code::NOT_OFFERED,
        format!("bundle {bundle} was not installed"),
        "no peer has given it yet",
        "keep this home's node up (`myrhiza up`) and try again, or install it from a file",
    )
}
