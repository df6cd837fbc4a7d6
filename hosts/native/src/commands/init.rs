use clap::Args;
use myrhiza_kernel::identity;
use serde::Serialize;
use std::io::Write as _;

use crate::console::note;
use crate::context::{Context, shown};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::home::{self, Made, NewHome};
use crate::names;
use crate::terminal::{self, PASSPHRASE};

/// Make a home: a new person's keys, settings and a store; or with `--device` one more of a person's
#[derive(Args)]
pub(crate) struct Init {
    /// Leave the keys unsealed; whoever can read the files can sign as you
    #[arg(long)]
    no_passphrase: bool,
    /// Keep the passphrase in the system's keyring too, so that it is not asked for
    #[arg(long, conflicts_with = "no_passphrase")]
    keyring: bool,
    /// What this home is called among yours
    #[arg(long, default_value = "device")]
    name: String,
    /// Make it one more home of a person who has one: it prints a request, for `device add` there
    #[arg(long)]
    device: bool,
    /// The store that keeps it
    #[arg(long)]
    store: Option<String>,
}

#[derive(Serialize)]
struct NewPerson {
    id: String,
    name: String,
    home: String,
    sealed: bool,
    /// The system's keyring has the passphrase.
    keyring: bool,
}

/// A home that waits for the answer to its request.
#[derive(Serialize)]
struct Asking {
    request: String,
    scope: String,
    home: String,
    sealed: bool,
    /// The system's keyring has the passphrase.
    keyring: bool,
}

impl Init {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let path = cx.home_path()?;
        home::check_free(&path)?;
        names::check("the name of this home", &self.name, "--name")?;
        let mut config = cx.default_config();
        if let Some(store) = self.store {
            config.store = store;
        }
        cx.registry.get(myrhiza_kernel_api::Kind::Store, &config.store).map_err(|error| {
            Failure::usage(
                "unknown-store",
                "no home was made",
                error.to_string(),
                "choose one of those with `--store`",
            )
        })?;
        let passphrase = match self.no_passphrase {
            true => None,
            false => Some(terminal::new_passphrase(PASSPHRASE)?),
        };
        let sealed = passphrase.is_some();
        let (scope_name, keyring, device) = (&*self.name, self.keyring, self.device);
        let new = NewHome { config, scope_name, passphrase, keyring, device };
        let home = shown(&path);
        match home::create(&path, new, &cx.registry)? {
            Made::Home(person) => {
                let (id, name) = (person.to_string(), identity::names::person(&person));
                let made = NewPerson { id, name, home, sealed, keyring };
                cx.output.print(&made, |out| {
                    writeln!(out, "made a home at {}", made.home)?;
                    writeln!(out, "you are {}", made.name)
                })?;
            }
            Made::Waiting(request) => {
                let scope = request.scope();
                note!("made a home at {home}, whose key is {}", identity::names::scope(&scope));
                note!("it asks to be one of yours: bring this to a home you have, for");
                note!(
                    "`myrhiza device add REQUEST`, and its answer here, for `myrhiza device accept ANSWER`"
                );
                let (request, scope) = (request.to_text(), scope.to_string());
                let asking = Asking { request, scope, home, sealed, keyring };
                cx.output.print(&asking, |out| writeln!(out, "{}", asking.request))?;
            }
        }
        Ok(Exit::Ok)
    }
}
