use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::home;
use crate::node::NodeFile;
use crate::ui;

/// Say where the web shell of this home's node is, or show topics in this terminal
#[derive(Args)]
pub(crate) struct Ui {
    /// Show topics in this terminal, with the keyboard alone; needs no node
    #[arg(long)]
    terminal: bool,
    /// The topic to show first in the terminal: its name, or the start of its id
    #[arg(requires = "terminal")]
    topic: Option<String>,
}

#[derive(Serialize)]
struct Place {
    /// With what lets one in: the part after `#` never leaves a browser.
    page: String,
}

impl Ui {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        if !self.terminal {
            return tell_page(cx);
        }
        if cx.output.json {
            return Err(Failure::usage(
                "usage",
                "nothing was shown",
                "a screen is no JSON",
                "leave `--json` out; for programs there are `myrhiza view TOPIC --json` and `myrhiza do`",
            ));
        }
        ui::run(cx, self.topic.as_deref())
    }
}

fn tell_page(cx: &Context<'_>) -> Outcome<Exit> {
    let path = cx.home_path()?;
    let what = "there is no page to show";
    let Some(node) = NodeFile::up(&path)? else {
        // A home that is not there is told as by every other command.
        home::check(&path)?;
        return Err(Failure::refused(
            "no-node",
            what,
            "this home's node is not up",
            "start it with `myrhiza up`, which prints the address too; or show topics here, with \
             `myrhiza ui --terminal`",
        ));
    };
    let Some(page) = node.page()? else {
        return Err(Failure::refused(
            "no-page",
            what,
            "this home's node is up, but has no page beside its program",
            "`cargo xtask build native` puts it there, then start the node again; or show topics here, \
             with `myrhiza ui --terminal`",
        ));
    };
    let place = Place { page };
    cx.output.print(&place, |out| writeln!(out, "{}", place.page))?;
    Ok(Exit::Ok)
}
