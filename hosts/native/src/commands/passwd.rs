use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::terminal::{self, NEW_PASSPHRASE};

/// Change the passphrase the keys are sealed with, or whether the system's keyring has it
///
/// Without a terminal the new one is given in MYRHIZA_NEW_PASSPHRASE. A keyring that has the old one gets
/// the new one.
#[derive(Args)]
pub(crate) struct Passwd {
    /// Leave the keys unsealed; whoever can read the files can sign as you
    #[arg(long)]
    no_passphrase: bool,
    /// Keep the passphrase in the system's keyring, so that it is not asked for; it stays the same
    #[arg(long, conflicts_with_all = ["no_passphrase", "no_keyring"])]
    keyring: bool,
    /// Take the passphrase out of the system's keyring; it stays the same
    #[arg(long, conflicts_with = "no_passphrase")]
    no_keyring: bool,
}

#[derive(Serialize)]
struct Changed {
    sealed: bool,
    /// The system's keyring has the passphrase.
    keyring: bool,
}

impl Passwd {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let mut home = cx.open_home()?;
        if self.keyring {
            home.keep_in_keyring()?;
        } else if self.no_keyring {
            home.take_out_of_keyring()?;
        } else {
            let keys = home.unseal()?;
            let passphrase = match self.no_passphrase {
                true => None,
                false => Some(terminal::new_passphrase(NEW_PASSPHRASE)?),
            };
            home.reseal(&keys, passphrase.as_ref())?;
            let sealed = passphrase.is_some();
            return self.tell(cx, &Changed { sealed, keyring: home.is_in_keyring()? });
        }
        self.tell(cx, &Changed { sealed: home.is_sealed(), keyring: home.is_in_keyring()? })
    }

    fn tell(&self, cx: &Context<'_>, changed: &Changed) -> Outcome<Exit> {
        cx.output.print(changed, |out| match (changed.sealed, changed.keyring) {
            _ if self.keyring => writeln!(out, "the keyring has the passphrase"),
            _ if self.no_keyring => writeln!(out, "the keyring does not have the passphrase"),
            (true, true) => {
                writeln!(
                    out,
                    "the keys are sealed with the new passphrase, which the keyring has too"
                )
            }
            (true, false) => writeln!(out, "the keys are sealed with the new passphrase"),
            (false, _) => writeln!(out, "the keys are unsealed"),
        })?;
        Ok(Exit::Ok)
    }
}
