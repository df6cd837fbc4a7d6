use std::collections::BTreeMap;

use myrhiza_kernel::event::payload::Admission;
use myrhiza_kernel::runtime::Membership;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::runtime::{membership, told};
use crate::text;

#[derive(Serialize)]
struct Listed {
    id: String,
    name: String,
    /// `null` where the app is not installed.
    app: Option<String>,
    bundle: String,
    /// Upgrades so far.
    generation: u32,
    /// The bundle it waits for; `null` where it does not wait.
    waits: Option<String>,
    admission: &'static str,
    founder: String,
    events: u64,
    folded: bool,
    /// Whether this home can act in it; `null` where it is not folded.
    member: Option<bool>,
    /// Whether the author of its bundle has revoked that, and it is not pinned.
    revoked: bool,
    /// Whether no peer shares it with this home, though some that have it were reached; `null` where the
    /// node is not up.
    denied: Option<bool>,
}

pub(super) fn list(cx: &Context<'_>) -> Outcome<Exit> {
    let (home, runtime) = cx.open_runtime()?;
    let apps = runtime.apps().map_err(told("the apps were not read"))?;
    let apps: BTreeMap<_, _> =
        apps.iter().map(|bundle| (bundle.id(), bundle.manifest().name.clone())).collect();
    let revoked = runtime.withdrawn_apps().map_err(told("what authors say was not read"))?;
    let topics = runtime.topics().map_err(told("the topics were not read"))?;
    let listed = topics
        .into_iter()
        .map(|topic| {
            let genesis = topic.topic.genesis();
            let folded = topic.record.settled();
            let bundle = topic.in_force.bundle;
            let member = match membership(&home, &runtime, topic.id)? {
                _ if !folded => None,
                Membership::Unknown | Membership::Awaited => None,
                membership => {
                    Some(matches!(membership, Membership::Member | Membership::Elsewhere))
                }
            };
            Ok(Listed {
                id: topic.id.to_string(),
                app: apps.get(&bundle).cloned(),
                bundle: bundle.to_string(),
                generation: topic.in_force.generation,
                waits: topic.waits.map(|waits| waits.bundle().to_string()),
                admission: match genesis.admission {
                    Admission::Open => "open",
                    Admission::Invite => "invite",
                    Admission::Author => "author",
                },
                founder: topic.topic.founder().to_string(),
                events: topic.record.events,
                folded,
                member,
                revoked: revoked.iter().any(|(app, _)| app.id() == bundle),
                denied: cx.is_denied(topic.id),
                name: topic.record.name,
            })
        })
        .collect::<Outcome<Vec<_>>>()?;
    let none = "there are no topics here; `myrhiza topic create APP` founds one, `myrhiza topic join TICKET` \
                enters one";
    cx.output.remark_if(listed.is_empty(), none);
    cx.output.print(&listed, |out| {
        let rows: Vec<_> = listed.iter().map(row).collect();
        let widths: [usize; 3] =
            std::array::from_fn(|at| rows.iter().map(|row| row[at].width()).max().unwrap_or(0));
        rows.iter().try_for_each(|row| {
            for (cell, width) in row.iter().zip(widths) {
                write!(out, "{cell}{}  ", " ".repeat(width.saturating_sub(cell.width())))?;
            }
            writeln!(out, "{}", row[3])
        })
    })?;
    Ok(Exit::Ok)
}

/// A topic's line, in columns.
fn row(topic: &Listed) -> [String; 4] {
    let app = match (&topic.app, &topic.waits) {
        (Some(app), None) => text::line(app).into_owned(),
        (Some(app), Some(next)) => format!("{}  (waits for bundle {next})", text::line(app)),
        (None, _) => format!("needs bundle {}", topic.bundle),
    };
    let member = if topic.member == Some(false) { "  (not a member)" } else { "" };
    let revoked = if topic.revoked { "  (its author has revoked this version)" } else { "" };
    let denied = match topic.denied {
        Some(true) => "  (no peer that was reached shares it with this home)",
        _ => "",
    };
    [
        topic.id[..16].to_owned(),
        text::line(&topic.name).into_owned(),
        text::count(topic.events, "event"),
        format!("{app}{member}{denied}{revoked}"),
    ]
}
