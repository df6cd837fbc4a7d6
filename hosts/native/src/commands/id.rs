use clap::Args;
use myrhiza_kernel::identity;
use serde::Serialize;

use crate::context::{Context, shown};
use crate::exit::Exit;
use crate::failure::Outcome;

/// Show who you are in this home
#[derive(Args)]
pub(crate) struct Id {}

#[derive(Serialize)]
struct Shown {
    id: String,
    name: String,
    scope: String,
    scope_name: String,
    sealed: bool,
    home: String,
}

impl Id {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let home = cx.open_home()?;
        let certificate = home.certificate();
        let shown = Shown {
            id: certificate.person().to_string(),
            name: identity::names::person(&certificate.person()),
            scope: certificate.scope().to_string(),
            scope_name: certificate.name().into(),
            sealed: home.is_sealed(),
            home: shown(home.path()),
        };
        cx.output.print(&shown, |out| {
            writeln!(out, "person  {}", shown.name)?;
            writeln!(out, "in hex  {}", shown.id)?;
            writeln!(out, "scope   {} ({})", shown.scope, crate::text::line(&shown.scope_name))?;
            writeln!(out, "keys    {}", if shown.sealed { "sealed" } else { "unsealed" })?;
            writeln!(out, "home    {}", shown.home)
        })?;
        Ok(Exit::Ok)
    }
}
