use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::home::{self, Check};
use crate::text;

/// Find out what is wrong with this home, and how to mend it
#[derive(Args)]
pub(crate) struct Doctor {
    /// Look at the store alone, for a doctor that has the home
    #[arg(long, hide = true)]
    store_alone: bool,
}

#[derive(Serialize)]
struct Findings {
    ok: bool,
    checks: Vec<Check>,
}

impl Doctor {
    /// True of one that another has started.
    pub(crate) fn is_started_by_another(&self) -> bool {
        self.store_alone
    }

    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let path = cx.home_path()?;
        // What a node has open is looked at in the node.
        let lent = cx.lent.is_some().then(|| cx.open_runtime()).transpose()?;
        let runtime = lent.as_ref().map(|(_, runtime)| &**runtime);
        let checks = match self.store_alone {
            true => home::examine_store(&path, cx.default_config(), &cx.registry),
            false => home::examine(&path, &cx.command, cx.default_config(), &cx.registry, runtime),
        };
        let findings = Findings { ok: checks.iter().all(|check| check.ok), checks };
        cx.output.print(&findings, |out| {
            for check in &findings.checks {
                let mark = if check.ok { "ok  " } else { "BAD " };
                writeln!(out, "{mark} {}: {}", check.name, text::line(&check.detail))?;
                if let Some(next) = &check.next {
                    writeln!(out, "     {}", text::line(next))?;
                }
            }
            Ok(())
        })?;
        Ok(if findings.ok { Exit::Ok } else { Exit::Refused })
    }
}
