//! Installing a bundle, wherever it comes from: shown, agreed to, put into the home.

use std::io::Write as _;

use myrhiza_kernel::bundle::{Bundle, InstallPlan};
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::Runtime;

use super::authors;
use super::offers::{self, Found};
use crate::console::{self, note};
use crate::context::Context;
use crate::failure::Outcome;
use crate::runtime::{self, told};
use crate::{terminal, text};

/// Installs what was found; and where that is for a topic which goes on with another bundle, that too:
/// one after another, as the user agrees to each. The last of them.
pub(super) fn found(
    cx: &Context<'_>,
    runtime: &mut Runtime,
    (mut bundle, topic): Found,
    yes: bool,
    pin: bool,
) -> Outcome<Bundle> {
    loop {
        install(cx, runtime, &bundle, yes, pin)?;
        let Some(topic) = topic else { return Ok(bundle) };
        let waits = runtime::topic(runtime, &topic.to_string())?.waits;
        let Some(next) = waits.filter(|waits| waits.bundle() != bundle.id()) else {
            return Ok(bundle);
        };
        // It is installed, whatever becomes of the next.
        let (manifest, next) = (bundle.manifest(), next.to_string());
        let name = text::line(&manifest.name);
        note!(
            "installed {name} {}; the topic goes on with {}",
            manifest.version,
            text::line(&next)
        );
        console::ask_anew();
        bundle = offers::of_topic(cx, runtime, &topic.to_string(), false)?;
    }
}

/// Installs a bundle if the user agrees to what it may do. One that its author has revoked is
/// installed only to be pinned.
pub(super) fn install(
    cx: &Context<'_>,
    runtime: &mut Runtime,
    bundle: &Bundle,
    yes: bool,
    pin: bool,
) -> Outcome<()> {
    let what = format!("{} was not installed", bundle.manifest().name);
    let plan = runtime.plan_install(bundle).map_err(told(&what))?;
    show(&plan);
    authors::gate(cx, runtime, bundle, pin)?;
    terminal::confirm(&format!("install {} {}", plan.app.name, plan.app.version), &what, yes)?;
    runtime::install(runtime, bundle).map_err(told(&what))?;
    if pin {
        runtime.pin(bundle.id()).map_err(told(what))?;
    }
    Ok(())
}

/// Shows a plan on standard error, so that standard output stays what the command prints.
fn show(plan: &InstallPlan) {
    let app = &plan.app;
    note!("{} {}", text::line(&app.name), app.version);
    for line in text::lines(&plan.description).filter(|line| !line.is_empty()) {
        note!("  {line}");
    }
    note!("bundle  {}", app.bundle);
    let known = if plan.author_is_known { "known here" } else { "for the first time here" };
    note!("signed  by {}, {known}", names::person(&app.author));
    if let Some(previous) = plan.previous {
        note!("after   version {previous}");
    }
    for ability in &app.abilities {
        let new =
            if plan.previous.is_some() && plan.added.contains(ability) { " (new)" } else { "" };
        note!("may     {}: {}{new}", text::line(&ability.profile), text::line(&ability.words()));
    }
    for ability in &plan.removed {
        note!("no more {}: {}", text::line(&ability.profile), text::line(&ability.words()));
    }
    for notice in &plan.notices {
        note!("note    {}", text::line(&notice.to_string()));
    }
}
