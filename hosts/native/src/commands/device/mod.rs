//! A person's homes: bring in one more, see them, end one.

mod accept;
mod add;
mod list;
mod revoke;

use clap::Subcommand;
use myrhiza_kernel::identity::DeviceTextError;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};

/// Bring in, list and end the homes you have
#[derive(Subcommand)]
pub(crate) enum Device {
    /// Certify another device as yours, by the request that `myrhiza init --device` printed there
    Add {
        /// The request: `myrrequest1…`
        request: String,
        /// What it is called among your devices [default: what it calls itself]
        #[arg(long)]
        name: Option<String>,
        /// Agree that the device is yours
        #[arg(long)]
        yes: bool,
    },
    /// Make this home, which asked, one of the person who answered
    Accept {
        /// The answer: `myranswer1…`
        answer: String,
        /// Agree that the person is you
        #[arg(long)]
        yes: bool,
    },
    /// List your devices, as far as this home knows them
    List,
    /// End a device of yours in every topic of this home, from what this home has seen of it on
    Revoke {
        /// The device's name, or its key: `myrscope1…`, or the start of it in hex
        device: String,
        /// Agree to end it
        #[arg(long)]
        yes: bool,
    },
}

impl Device {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        match self {
            Self::Add { request, name, yes } => add::add(cx, &request, name.as_deref(), yes),
            Self::Accept { answer, yes } => accept::accept(cx, &answer, yes),
            Self::List => list::list(cx),
            Self::Revoke { device, yes } => revoke::revoke(cx, &device, yes),
        }
    }
}

/// What was copied from one device to the other cannot be read.
fn unread(what: &str) -> impl FnOnce(DeviceTextError) -> Failure {
    move |error| {
        let next = match &error {
            DeviceTextError::Codec(error) if error.is_update_needed() => "update Myrhiza",
            _ => "copy it from the other device again",
        };
        Failure::refused("bad-device-text", what, error.to_string(), next)
    }
}

/// This home cannot speak for its person.
pub(super) fn no_long_term_key(what: &str) -> Failure {
    Failure::refused(
        "no-long-term-key",
        what,
        "this home has not the long-term key, which signs bundles and certifies and revokes devices",
        "run it in the home that you made first",
    )
}
