use std::collections::BTreeMap;

use myrhiza_kernel::event::payload::Admission;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::runtime::told;
use crate::text;

#[derive(Serialize)]
struct Listed {
    id: String,
    name: String,
    /// `null` where the app is not installed.
    app: Option<String>,
    bundle: String,
    admission: &'static str,
    founder: String,
    events: u64,
    folded: bool,
}

pub(super) fn list(cx: &Context) -> Outcome<Exit> {
    let (_home, runtime) = cx.open_runtime()?;
    let apps = runtime.apps().map_err(told("the apps were not read"))?;
    let apps: BTreeMap<_, _> =
        apps.iter().map(|bundle| (bundle.id(), bundle.manifest().name.clone())).collect();
    let topics = runtime.topics().map_err(told("the topics were not read"))?;
    let listed: Vec<_> = topics
        .into_iter()
        .map(|topic| {
            let genesis = topic.topic.genesis();
            Listed {
                id: topic.id.to_string(),
                app: apps.get(&genesis.bundle).cloned(),
                bundle: genesis.bundle.to_string(),
                admission: match genesis.admission {
                    Admission::Open => "open",
                    Admission::Invite => "invite",
                },
                founder: topic.topic.founder().to_string(),
                events: topic.record.events,
                folded: topic.record.settled() && apps.contains_key(&genesis.bundle),
                name: topic.record.name,
            }
        })
        .collect();
    cx.output.print(&listed, |out| {
        listed.iter().try_for_each(|topic| {
            let name = text::line(&topic.name);
            write!(out, "{}  {name}  {} events  ", &topic.id[..16], topic.events)?;
            match &topic.app {
                Some(app) => writeln!(out, "{}", text::line(app)),
                None => writeln!(out, "needs bundle {}", topic.bundle),
            }
        })
    })?;
    Ok(Exit::Ok)
}
