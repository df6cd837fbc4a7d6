//! Topics: found, enter, leave, hand on.

mod export;
mod import;
mod invite;
mod list;
mod membership;
mod revoke;

use std::path::PathBuf;

use clap::Subcommand;
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use serde::Serialize;

use super::ticket;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::{terminal, text};

pub(super) use membership::enter;

/// Found, enter, leave and hand on topics
#[derive(Subcommand)]
pub(crate) enum Topic {
    /// Found a topic of an app
    Create {
        /// The app's name, or the start of its bundle's id
        app: String,
        /// What it is called [default: the app's id]
        #[arg(long)]
        name: Option<String>,
        /// Let in whoever knows of it
        #[arg(long)]
        open: bool,
    },
    /// List this home's topics
    List,
    /// Make a ticket that lets one person in, or as many as `--uses` says: whoever comes first
    Invite(invite::Invite),
    /// End a ticket you made: who came in by it stays, nobody else comes in
    #[command(arg = terminal::unasked_yes())]
    Revoke {
        /// The ticket, or `-` to read it from standard input
        ticket: String,
    },
    /// Enter a topic by a ticket
    Join {
        /// The ticket, or `-` to read it from standard input
        ticket: String,
        /// What it is called here [default: its founder's name for it]
        #[arg(long)]
        name: Option<String>,
        /// Use the ticket although its day is over by this machine's clock
        #[arg(long)]
        even_if_expired: bool,
    },
    /// Forget a topic in this home; others keep it
    Leave {
        /// The topic's name, or the start of its id
        topic: String,
        /// Agree to forget it
        #[arg(long)]
        yes: bool,
    },
    /// End a person's membership, from what this home has seen of them on
    Remove {
        /// The topic's name, or the start of its id
        topic: String,
        /// The person: `myr1…`, or their key in hex, or enough of the start of either
        person: String,
        /// Agree to remove them
        #[arg(long)]
        yes: bool,
    },
    /// Write a topic into one file that anyone can verify
    Export {
        /// The topic's name, or the start of its id
        topic: String,
        /// Where it goes
        #[arg(value_parser = PathBufValueParser::new().try_map(a_file))]
        file: PathBuf,
        /// Put the app's bundle into the file
        #[arg(long)]
        with_bundles: bool,
    },
    /// Take in a topic, or what is new in it, from an exported file
    Import {
        /// An exported topic
        file: PathBuf,
        /// What it is called here, if it is new [default: its founder's name for it]
        #[arg(long)]
        name: Option<String>,
        /// Agree to install the bundles that come with it
        #[arg(long)]
        yes: bool,
    },
}

/// What elsewhere stands for standard output is not meant as a file's name.
fn a_file(path: PathBuf) -> Result<PathBuf, &'static str> {
    match path.as_os_str() == "-" {
        true => Err("an export goes into a file; name it, as `./-` if it is to be called so"),
        false => Ok(path),
    }
}

/// A topic in a few words.
#[derive(Serialize)]
struct Short {
    topic: String,
    name: String,
}

impl Topic {
    /// True if it reads a ticket from standard input.
    pub(crate) fn reads_ticket(&self) -> bool {
        match self {
            Self::Join { ticket, .. } | Self::Revoke { ticket } => ticket == ticket::FROM_INPUT,
            _ => false,
        }
    }

    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        match self {
            Self::Create { app, name, open } => membership::create(cx, &app, name, open),
            Self::List => list::list(cx),
            Self::Invite(invite) => invite.run(cx),
            Self::Revoke { ticket } => revoke::revoke(cx, &ticket),
            Self::Join { ticket, name, even_if_expired } => {
                membership::join(cx, &ticket, name.as_deref(), even_if_expired)
            }
            Self::Leave { topic, yes } => membership::leave(cx, &topic, yes),
            Self::Remove { topic, person, yes } => membership::remove(cx, &topic, &person, yes),
            Self::Export { topic, file, with_bundles } => {
                export::export(cx, topic, &file, with_bundles)
            }
            Self::Import { file, name, yes } => import::import(cx, &file, name, yes),
        }
    }
}

fn short(cx: &Context<'_>, topic: String, name: String, done: &str) -> Outcome<Exit> {
    let short = Short { topic, name };
    cx.output.print(&short, |out| {
        writeln!(out, "{done} {} ({})", text::line(&short.name), short.topic)
    })?;
    Ok(Exit::Ok)
}
