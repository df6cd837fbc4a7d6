use myrhiza_kernel::identity::{self, SecretKey};
use myrhiza_kernel::runtime::{Device, Membership, Runtime, RuntimeError, Signer};
use myrhiza_kernel_api::{EventId, PublicKey, TopicId};
use serde::Serialize;
use std::borrow::Cow;
use std::io::Write as _;

use super::{list, no_long_term_key};
use crate::console::note;
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::names::{Choice, resolve};
use crate::runtime::told;
use crate::{progress, terminal, text};

#[derive(Serialize)]
struct Done {
    scope: String,
    name: String,
    revoked: Vec<Revoked>,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
struct Revoked {
    topic: String,
    name: String,
    event: String,
}

#[derive(Serialize)]
struct Failed {
    topic: String,
    name: String,
    reason: String,
}

pub(super) fn revoke(cx: &Context<'_>, asked: &str, yes: bool) -> Outcome<Exit> {
    let what = "no device was revoked";
    let (mut home, mut runtime) = cx.open_runtime()?;
    let device = device(asked, list::devices(&home, &runtime)?)?;
    let name = text::line(&device.name).into_owned();
    let topics = runtime.topics().map_err(told(what))?;
    let is_here = device.scope == home.certificate().scope();
    let this = if is_here { ", which is the home you are in," } else { "" };
    note!("what it did after what this home has seen of it falls, and it can do nothing more");
    terminal::confirm(
        &format!("end {name}{this} in {}", text::count(topics.len() as u64, "topic")),
        what,
        yes,
    )?;
    let keys = home.unseal()?;
    let person = keys.person().ok_or_else(|| no_long_term_key(what))?;
    let signer = home.signer(&keys);
    let mut done = Done {
        scope: device.scope.to_string(),
        name: device.name,
        revoked: Vec::new(),
        failed: Vec::new(),
    };
    let mut topics: Vec<_> =
        topics.into_iter().map(|topic| (topic.id, topic.record.name)).collect();
    // Where this person has spoken as an author.
    for (author, topic) in runtime.authors().map_err(told(what))? {
        if author == home.person() && !runtime.members(topic).map_err(told(what))?.is_empty() {
            topics.push((topic, String::new()));
        }
    }
    for (id, name) in topics {
        let ended = progress::during("revoking", || {
            in_topic(&mut runtime, id, person, device.scope, signer)
        })?;
        let topic = id.to_string();
        match ended {
            Ok(Some(event)) => {
                done.revoked.push(Revoked { topic, name, event: event.to_string() });
            }
            Ok(None) => {}
            Err(error) => done.failed.push(Failed { topic, name, reason: error.to_string() }),
        }
    }
    cx.output.print(&done, |out| {
        for Revoked { name, event, .. } in &done.revoked {
            writeln!(out, "ended in {}: {event}", called(name))?;
        }
        for Failed { name, reason, .. } in &done.failed {
            writeln!(out, "not ended in {}: {}", called(name), text::line(reason))?;
        }
        Ok(())
    })?;
    if !done.failed.is_empty() {
        note!("mend what is named and run it again: where it has ended nothing more is done");
    }
    Ok(if done.failed.is_empty() { Exit::Ok } else { Exit::Refused })
}

/// What a topic is called; the one in which this person speaks as an author has no name.
fn called(name: &str) -> Cow<'_, str> {
    if name.is_empty() { "what you publish".into() } else { text::line(name) }
}

/// Ends a scope where its person is a member, also if it never came in: its certificate would let it.
/// None if there is nothing to end.
fn in_topic(
    runtime: &mut Runtime,
    topic: TopicId,
    person: &SecretKey,
    scope: PublicKey,
    signer: Signer<'_>,
) -> Outcome<Result<Option<EventId>, RuntimeError>> {
    with_ambient(|ambient| {
        let mut end = || -> Result<Option<EventId>, RuntimeError> {
            runtime.resume(topic)?;
            if runtime.membership(topic, scope, person.public())? == Membership::Revoked {
                return Ok(None);
            }
            let is_own = runtime.founding_of(topic)?.author() == Some(person.public());
            if is_own {
                runtime.enter_own(signer, ambient)?;
            }
            match runtime.membership(topic, signer.scope.public(), person.public())? {
                Membership::Outside | Membership::Rejected(_) | Membership::Removed => Ok(None),
                _ => {
                    runtime.take_part(topic, signer, ambient)?;
                    let revoked = runtime.revoke(topic, person, &[scope], signer, ambient)?;
                    Ok(Some(revoked.event.id()))
                }
            }
        };
        Ok(end())
    })
}

/// The device that is meant.
fn device(asked: &str, devices: Vec<Device>) -> Outcome<Device> {
    let choice = |device: Device| {
        let (id, key) = (device.scope.to_string(), identity::names::scope(&device.scope));
        let label = format!("{} ({})", text::line(&device.name), &id[..16]);
        Choice { names: vec![device.name.clone(), key], id, label, value: device }
    };
    resolve("device", asked, devices.into_iter().map(choice).collect(), "myrhiza device list")
}
