//! What the commands need of the kernel's runtime: names resolved, errors told, signatures checked
//! on all cores.

use std::io::Write as _;
use std::thread;

use myrhiza_kernel::bundle::Bundle;
use myrhiza_kernel::event::{BodyError, Event, UnverifiedEvent, verify_all_on};
use myrhiza_kernel::fault::Fault;
use myrhiza_kernel::identity::{SignatureError, names};
use myrhiza_kernel::runtime::{
    Ambient, Busy, Membership, PART, Runtime, RuntimeError, Signer, Subject, TopicSummary, Waits,
};
use myrhiza_kernel_api::{StoreError, TopicId};

use crate::console::note;
use crate::failure::{Failure, Outcome, code};
use crate::home::Home;
use crate::names::{Choice, resolve};
use crate::progress::{Meter, Unit};
use crate::view::quoted;
use crate::{progress, text};

/// What is left where an app has failed: its view may be what fails.
pub(crate) const AFTER_A_FAILED_APP: &str =
    "`myrhiza log TOPIC` and `myrhiza state TOPIC` show what is there; tell the app's author";

/// What did not happen, and why the kernel says so.
pub(crate) fn told(what: impl Into<String>) -> impl FnOnce(RuntimeError) -> Failure {
    let what = what.into();
    move |error| {
        let cause = error.to_string();
        match error {
            RuntimeError::Fault(Fault::Store(StoreError::Full { .. })) => Failure::refused(
                "disk-full",
                what,
                cause,
                "free some space and run the command again; what was done before is kept",
            ),
            RuntimeError::Fault(Fault::Store(_)) => {
                Failure::refused("store", what, cause, "`myrhiza doctor` looks closer")
            }
            RuntimeError::Fault(Fault::Backend(_)) => Failure::refused(
                "backend",
                what,
                cause,
                "nothing was decided: run the command again",
            ),
            RuntimeError::Fault(_) => Failure::refused(
                "home-damaged",
                what,
                cause,
                "make a new home and import its topics, from other members or from exports",
            ),
            RuntimeError::NoTopic { .. } => Failure::not_found(
                "not-found",
                what,
                cause,
                "`myrhiza topic list` shows the topics there are",
            ),
            RuntimeError::NoEvent { .. } => Failure::not_found(
                "not-found",
                what,
                cause,
                "`myrhiza log TOPIC` shows the events there are",
            ),
            RuntimeError::NotInstalled { .. } => Failure::not_found(
                "not-installed",
                what,
                cause,
                "install it with `myrhiza app install FILE`",
            ),
            RuntimeError::Waits { .. } => Failure::refused(
                "waits",
                what,
                cause,
                "install it with `myrhiza app install TOPIC`, once a peer has given it, or from a file; \
                 until then the topic is shown as it was before the upgrade",
            ),
            RuntimeError::HaveTopic { .. } => {
                Failure::refused("have-topic", what, cause, "use the one that is there")
            }
            RuntimeError::Busy { .. } => Failure::refused(
                code::BUSY,
                what,
                cause,
                "run the command again when that is done; `myrhiza topic list` shows it",
            ),
            RuntimeError::Named { .. } => {
                Failure::usage("named", what, cause, "leave `--name` out")
            }
            RuntimeError::NameTaken { .. } | RuntimeError::Name { .. } => {
                Failure::usage("bad-name", what, cause, "give another with `--name`")
            }
            RuntimeError::Install(_) => Failure::refused(
                "not-admitted",
                what,
                cause,
                "ask its author for a bundle without these faults; `myrhiza inspect FILE` lists them",
            ),
            RuntimeError::InUse { topic, .. } => {
                let next = format!(
                    "leave it first, with `myrhiza topic leave {}`, and others that need it",
                    quoted(&topic)
                );
                Failure::refused("in-use", what, cause, next)
            }
            RuntimeError::NoComponent { profile, .. } => {
                let next = match profile {
                    "state-propose" => "give the payload's bytes with `--payload-hex`",
                    _ => "use an app that has one",
                };
                Failure::refused("no-component", what, cause, next)
            }
            RuntimeError::HasPropose { .. } => Failure::usage(
                "has-propose",
                what,
                cause,
                "give an intent, such as `myrhiza view TOPIC` shows",
            ),
            RuntimeError::Refused(_) | RuntimeError::NotAccepted(_) => Failure::refused(
                "refused",
                what,
                cause,
                "`myrhiza view TOPIC` shows what can be done now",
            ),
            RuntimeError::Trapped { .. } => {
                Failure::refused(code::APP_FAILED, what, cause, AFTER_A_FAILED_APP)
            }
            RuntimeError::NotAsked | RuntimeError::NoAnswer => Failure::refused(
                "not-asked",
                what,
                cause,
                "`myrhiza view TOPIC` shows what can be done now",
            ),
            RuntimeError::NotAMember { .. } => Failure::refused(
                "not-a-member",
                what,
                cause,
                "join with a ticket: `myrhiza topic join TICKET`",
            ),
            RuntimeError::Behind { .. } => Failure::refused(
                "behind",
                what,
                cause,
                "keep this home's node up (`myrhiza up`) until a peer has given it, or ask those who were \
                 there for a file: `myrhiza topic export`; if you were removed, nobody gives it to this \
                 home: that takes a new home (`myrhiza --home DIR init`) and a ticket",
            ),
            RuntimeError::Ticket(_) => {
                Failure::refused("no-ticket", what, cause, "ask somebody who may invite")
            }
            RuntimeError::BadInput { what: Subject::Ticket, .. } => Failure::refused(
                "bad-input",
                what,
                cause,
                "ask whoever sent the ticket for a new one",
            ),
            RuntimeError::BadInput { what: Subject::ExportGenesis | Subject::Genesis, .. } => {
                let next = "ask another member for a file, made with `myrhiza topic export`";
                Failure::refused("bad-input", what, cause, next)
            }
            RuntimeError::BadInput { what: Subject::Person, .. } => {
                Failure::refused("bad-input", what, cause, "`myrhiza log TOPIC` shows who joined")
            }
            RuntimeError::BadInput { what: Subject::Bundle, .. } => Failure::refused(
                "bad-input",
                what,
                cause,
                "give a later version of the topic's app; `myrhiza app list` shows what is installed",
            ),
            RuntimeError::BadInput { what: Subject::Data, .. } => Failure::refused(
                "bad-input",
                what,
                cause,
                "`myrhiza doctor` looks closer; if it is of a later version, update Myrhiza",
            ),
            RuntimeError::Body(BodyError::Payload(_)) => {
                Failure::refused("too-large", what, cause, "make it smaller")
            }
            RuntimeError::BadInput { .. } | RuntimeError::Body(_) => {
                let next =
                    "bring the topic up to date with a file from another member and try again";
                Failure::refused("bad-input", what, cause, next)
            }
            _ => Failure::refused("bad-input", what, cause, "check what was given"),
        }
    }
}

/// How this home stands in a topic.
pub(crate) fn membership(home: &Home, runtime: &Runtime, topic: TopicId) -> Outcome<Membership> {
    let scope = home.certificate().scope();
    runtime
        .membership(topic, scope, home.person())
        .map_err(told("whether this home is a member was not read"))
}

/// Brings this home into a topic that its person is in by another home, before it signs there.
pub(crate) fn take_part(
    runtime: &mut Runtime,
    topic: TopicId,
    signer: Signer<'_>,
    ambient: &mut Ambient<'_>,
) -> Outcome<()> {
    let entered = runtime.take_part(topic, signer, ambient);
    let what = "this home did not come into the topic";
    let entered = entered.map_err(|error| match error {
        RuntimeError::NotAccepted(ruling) => Failure::refused(
            "not-a-member",
            what,
            ruling.reason,
            "ask a member for another ticket: `myrhiza topic join TICKET`",
        ),
        error => told(what)(error),
    })?;
    if entered.is_some() {
        tracing::info!(%topic, "this home came into a topic of its person's");
    }
    Ok(())
}

/// Why this home is not a member; `None` if it is, or nobody can tell.
pub(crate) fn not_a_member(membership: &Membership) -> Option<String> {
    match membership {
        Membership::Member | Membership::Elsewhere | Membership::Unknown => None,
        Membership::Removed => Some("you were removed".into()),
        Membership::Revoked => Some("this home's key was revoked".into()),
        Membership::Rejected(reason) => Some(format!("your join was rejected: {reason}")),
        Membership::Awaited => {
            Some("the topic has not come yet: keep the node up (`myrhiza up`) until it has".into())
        }
        Membership::Outside => {
            Some("you have not joined it; `myrhiza topic join TICKET` does, with a ticket".into())
        }
    }
}

/// The topic that is meant.
pub(crate) fn topic(runtime: &Runtime, asked: &str) -> Outcome<TopicSummary> {
    let topics = runtime.topics().map_err(told("the topics were not read"))?;
    let choice = |topic: TopicSummary| {
        let (id, name) = (topic.id.to_string(), topic.record.name.clone());
        let label = format!("{name} ({})", &id[..16]);
        Choice { names: vec![name, names::topic(&topic.id)], id, label, value: topic }
    };
    resolve("topic", asked, topics.into_iter().map(choice).collect(), "myrhiza topic list")
}

/// The topic that is meant, folded to its tip: a kill or a full disk may have stopped it short.
pub(crate) fn folded(runtime: &mut Runtime, asked: &str) -> Outcome<TopicSummary> {
    let meant = topic(runtime, asked)?;
    if meant.record.settled() {
        return Ok(meant);
    }
    let what = format!("{} was not folded", meant.record.name);
    resume(runtime, meant.id).map_err(told(what))?;
    let meant = topic(runtime, &meant.id.to_string())?;
    tell_if_it_is_behind(&meant);
    Ok(meant)
}

/// Folds a topic on. In a node the rest of a long fold is the node's.
fn resume(runtime: &mut Runtime, topic: TopicId) -> Result<(), RuntimeError> {
    if runtime.works_in_parts() {
        return runtime.resume(topic);
    }
    let meter = Meter::new("folding", Unit::Events);
    while let Some(Busy::Folding { folded, events }) = runtime.busy(topic)? {
        meter.at(folded, events);
        runtime.in_parts(PART, |runtime| runtime.go_on(topic))?;
        if !runtime.is_at_work(topic) {
            break;
        }
    }
    Ok(())
}

/// Installs a bundle that the user has agreed to, and folds what waited for it; in a node the rest of a
/// long fold is the node's.
pub(crate) fn install(runtime: &mut Runtime, bundle: &Bundle) -> Result<(), RuntimeError> {
    if runtime.works_in_parts() {
        return runtime.install(bundle);
    }
    progress::during("installing", || runtime.in_parts(PART, |runtime| runtime.install(bundle)))?;
    for topic in runtime.at_work().collect::<Vec<_>>() {
        resume(runtime, topic)?;
    }
    Ok(())
}

/// Says on standard error what to install before a topic can be used, or used as others do.
pub(crate) fn tell_what_it_waits_for(topic: &TopicSummary) {
    if let Some(Waits::App(bundle)) = &topic.waits {
        note!("the topic needs bundle {bundle}, which is not installed: its events wait for it");
        tell_how_to_install();
    }
    tell_if_it_is_behind(topic);
}

/// Says on standard error that a topic is shown as it was before an upgrade, if it is.
pub(crate) fn tell_if_it_is_behind(topic: &TopicSummary) {
    if let Some(waits @ Waits::Upgrade { .. }) = &topic.waits {
        let waits = waits.to_string();
        note!("the topic goes on with {}, which is not installed:", text::line(&waits));
        note!("it is shown as it was before");
        tell_how_to_install();
    }
}

fn tell_how_to_install() {
    note!("install it with `myrhiza app install FILE`; or, once this home's node (`myrhiza up`)");
    note!("has it from a peer, with the topic's name in place of the file");
}

/// The app that is meant: of one app in several versions, the newest.
pub(crate) fn app(runtime: &Runtime, asked: &str) -> Outcome<Bundle> {
    let apps = runtime.apps().map_err(told("the apps were not read"))?;
    let choice = |app: Bundle| {
        let (id, manifest) = (app.id().to_string(), app.manifest());
        let label = format!("{} {} ({})", manifest.name, manifest.version, &id[..16]);
        let names = vec![manifest.name.clone(), manifest.id.clone(), names::bundle(&app.id())];
        Choice { names, id, label, value: app }
    };
    let newest = |app: &Bundle| {
        let newer = |other: &Bundle| {
            other.lineage() == app.lineage()
                && (other.manifest().version, other.id()) > (app.manifest().version, app.id())
        };
        !apps.iter().any(newer)
    };
    // An older version is still had by its bundle's id.
    let is_named = |app: &Bundle| {
        app.manifest().name.eq_ignore_ascii_case(asked)
            || app.manifest().id.eq_ignore_ascii_case(asked)
    };
    let meant = apps.iter().filter(|app| !is_named(app) || newest(app)).cloned();
    resolve("app", asked, meant.map(choice).collect(), "myrhiza app list")
}

/// Checks signatures on every core.
pub(crate) fn verify(events: Vec<UnverifiedEvent>) -> Vec<Result<Event, SignatureError>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    verify_all_on(events, cores, |jobs| {
        thread::scope(|scope| {
            for job in jobs {
                scope.spawn(job);
            }
        });
    })
}
