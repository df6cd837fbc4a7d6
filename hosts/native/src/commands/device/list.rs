use myrhiza_kernel::identity;
use myrhiza_kernel::runtime::{Device, Membership, Runtime};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::home::Home;
use crate::runtime::told;
use crate::text;

#[derive(Serialize)]
struct Listed {
    scope: String,
    name: String,
    /// It is the home that was asked.
    here: bool,
    topics: Vec<In>,
}

/// A topic the device came into.
#[derive(Serialize)]
struct In {
    topic: String,
    name: String,
    /// Whether it can act there; `null` where nothing is folded.
    member: Option<bool>,
}

pub(super) fn list(cx: &Context<'_>) -> Outcome<Exit> {
    let (home, runtime) = cx.open_runtime()?;
    let topics = runtime.topics().map_err(told("the topics were not read"))?;
    let of = |device: Device| Listed {
        scope: device.scope.to_string(),
        here: device.scope == home.certificate().scope(),
        name: device.name,
        topics: device
            .topics
            .into_iter()
            .filter_map(|(id, membership)| {
                let name = topics.iter().find(|topic| topic.id == id)?.record.name.clone();
                let member = match membership {
                    Membership::Unknown => None,
                    membership => Some(membership == Membership::Member),
                };
                Some(In { topic: id.to_string(), name, member })
            })
            .collect(),
    };
    let listed: Vec<_> = devices(&home, &runtime)?.into_iter().map(of).collect();
    cx.output.print(&listed, |out| listed.iter().try_for_each(|device| show(out, device)))?;
    Ok(Exit::Ok)
}

/// All that this home knows of, itself among them.
pub(super) fn devices(home: &Home, runtime: &Runtime) -> Outcome<Vec<Device>> {
    let found = runtime.devices(home.person());
    let mut devices = found.map_err(told("the devices were not read"))?;
    let own = home.certificate();
    if devices.iter().all(|device| device.scope != own.scope()) {
        let name = own.name().to_owned();
        devices.push(Device { scope: own.scope(), name, topics: Vec::new() });
    }
    Ok(devices)
}

fn show(out: &mut dyn std::io::Write, device: &Listed) -> std::io::Result<()> {
    let key = device.scope.parse().map(|key| identity::names::scope(&key)).unwrap_or_default();
    let mark = if device.here { "  (this home)" } else { "" };
    writeln!(out, "{}  {key}{mark}", text::line(&device.name))?;
    for topic in &device.topics {
        let mark = match topic.member {
            Some(true) => "",
            Some(false) => "  (ended)",
            None => "  (not folded)",
        };
        writeln!(out, "  {}{mark}", text::line(&topic.name))?;
    }
    Ok(())
}
