use myrhiza_kernel::identity::{self, SecretKey};
use myrhiza_kernel::runtime::{Device, Membership, Runtime, RuntimeError, Signer, TopicSummary};
use myrhiza_kernel_api::{EventId, PublicKey, TopicId};
use serde::Serialize;
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
    for TopicSummary { id, record, .. } in topics {
        let ended = progress::during("revoking", || {
            in_topic(&mut runtime, id, person, device.scope, signer)
        })?;
        let (topic, name) = (id.to_string(), record.name);
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
            writeln!(out, "ended in {}: {event}", text::line(name))?;
        }
        for Failed { name, reason, .. } in &done.failed {
            writeln!(out, "not ended in {}: {}", text::line(name), text::line(reason))?;
        }
        Ok(())
    })?;
    if !done.failed.is_empty() {
        note!("mend what is named and run it again: where it has ended nothing more is done");
    }
    Ok(if done.failed.is_empty() { Exit::Ok } else { Exit::Refused })
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
