use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::terminal::{self, NEW_PASSPHRASE};

/// Change the passphrase the keys are sealed with
///
/// Without a terminal the new one is given in MYRHIZA_NEW_PASSPHRASE.
#[derive(Args)]
pub(crate) struct Passwd {
    /// Leave the keys unsealed; whoever can read the files can sign as you
    #[arg(long)]
    no_passphrase: bool,
}

#[derive(Serialize)]
struct Changed {
    sealed: bool,
}

impl Passwd {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let mut home = cx.open_home()?;
        let keys = home.unseal()?;
        let passphrase = match self.no_passphrase {
            true => None,
            false => Some(terminal::new_passphrase(NEW_PASSPHRASE)?),
        };
        home.reseal(&keys, passphrase.as_ref())?;
        let changed = Changed { sealed: passphrase.is_some() };
        cx.output.print(&changed, |out| match changed.sealed {
            true => writeln!(out, "the keys are sealed with the new passphrase"),
            false => writeln!(out, "the keys are unsealed"),
        })?;
        Ok(Exit::Ok)
    }
}
