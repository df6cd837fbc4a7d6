use clap::Args;
use myrhiza_kernel::identity;
use serde::Serialize;

use crate::context::{Context, shown};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::home::{self, NewHome};
use crate::names;
use crate::terminal::{self, PASSPHRASE};

/// Make a home: a new person's keys, settings and a store
#[derive(Args)]
pub(crate) struct Init {
    /// Leave the keys unsealed; whoever can read the files can sign as you
    #[arg(long)]
    no_passphrase: bool,
    /// What this home is called among yours
    #[arg(long, default_value = "device")]
    name: String,
    /// The store that keeps it
    #[arg(long)]
    store: Option<String>,
}

#[derive(Serialize)]
struct Made {
    id: String,
    name: String,
    home: String,
    sealed: bool,
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
        let person = home::create(
            &path,
            NewHome { config, scope_name: &self.name, passphrase },
            &cx.registry,
        )?;
        let made = Made {
            id: person.to_string(),
            name: identity::names::person(&person),
            home: shown(&path),
            sealed,
        };
        cx.output.print(&made, |out| {
            writeln!(out, "made a home at {}", made.home)?;
            writeln!(out, "you are {}", made.name)
        })?;
        Ok(Exit::Ok)
    }
}
