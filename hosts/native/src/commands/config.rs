use std::collections::BTreeMap;
use std::io::Write as _;

use clap::Args;

use crate::console::note;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::home::{self, KEYS};

/// Show this home's settings, or change one
#[derive(Args)]
pub(crate) struct Config {
    /// The setting to show alone or to change
    key: Option<String>,
    /// What to change it to
    value: Option<String>,
}

impl Config {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let mut home = cx.open_home()?;
        let keys = match &self.key {
            Some(key) => vec![
                *KEYS.iter().find(|known| *known == key).ok_or_else(|| home::no_setting(key))?,
            ],
            None => KEYS.to_vec(),
        };
        if let (Some(key), Some(value)) = (&self.key, &self.value) {
            home.configure(&cx.registry, key, value)?;
            if cx.lent.is_some() {
                note!("the node that is up goes on as it was; start it again for this to hold");
            }
        }
        let config = home.config();
        let shown: BTreeMap<_, _> =
            keys.iter().map(|key| (*key, config.get(key).unwrap_or_default())).collect();
        cx.output.print(&shown, |out| {
            shown.iter().try_for_each(|(key, value)| writeln!(out, "{key} = {value:?}"))
        })?;
        Ok(Exit::Ok)
    }
}
