use clap::Args;
use clap_complete::Shell;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;

/// Print a script that completes this command in a shell
#[derive(Args)]
pub(crate) struct Completions {
    shell: Shell,
}

impl Completions {
    /// `described` is the whole command line.
    pub(crate) fn run(self, cx: &Context<'_>, described: &mut clap::Command) -> Outcome<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, described, "myrhiza", &mut script);
        cx.output.stream(|out| out.write_all(&script))?;
        Ok(Exit::Ok)
    }
}
