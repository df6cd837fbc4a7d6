use std::path::PathBuf;

use clap::Args;
use myrhiza_kernel::bundle::{self, FileKind};
use myrhiza_kernel::component::Finding;
use myrhiza_kernel::identity::names;
use myrhiza_kernel_api::{ProfilePolicy, limits};
use serde::Serialize;

use super::ticket;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::files;
use crate::home::listing;
use crate::text;

/// Show what a bundle or component is and everything that keeps it from being installed, or what a
/// ticket is for
#[derive(Args)]
pub(crate) struct Inspect {
    /// A packed bundle, or a component by itself; or a ticket, or `-` to read one from standard input
    #[arg(value_name = "FILE|TICKET")]
    file: PathBuf,
    /// Judge a component under this profile alone
    #[arg(long)]
    profile: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    ok: bool,
    kind: &'static str,
    bundle: Option<String>,
    imports: Vec<String>,
    findings: Vec<Finding>,
}

impl Inspect {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        if let Some(given) =
            self.file.to_str().filter(|given| *given == "-" || ticket::is_one(given))
        {
            return ticket::show(cx, given);
        }
        let profile = self.profile.map(|name| profile(cx, &name)).transpose()?;
        let bytes = files::read(&self.file, limits::BUNDLE_BYTES)?;
        let inspection = bundle::inspect(&bytes, profile, &cx.profiles());
        let shown = Shown {
            ok: inspection.ok(),
            kind: match inspection.kind {
                FileKind::Bundle => "bundle",
                FileKind::Component => "component",
                FileKind::Other => "other",
            },
            bundle: inspection.bundle.map(|id| id.to_string()),
            imports: inspection.imports.into_iter().collect(),
            findings: inspection.findings,
        };
        cx.output.print(&shown, |out| {
            if let Some(manifest) = &inspection.manifest {
                writeln!(out, "{} {}", text::line(&manifest.name), manifest.version)?;
                for line in text::lines(&manifest.description).filter(|line| !line.is_empty()) {
                    writeln!(out, "  {line}")?;
                }
            }
            if let Some(bundle) = &shown.bundle {
                writeln!(out, "bundle  {bundle}")?;
            }
            if let Some(author) = &inspection.author {
                writeln!(out, "author  {}", names::person(author))?;
            }
            for import in &shown.imports {
                writeln!(out, "import  {}", text::line(import))?;
            }
            for finding in &shown.findings {
                let told = finding.to_string();
                match (finding.profile.as_str(), inspection.kind) {
                    ("", FileKind::Other) => writeln!(out, "BAD     {}", text::line(&told))?,
                    ("", _) => writeln!(out, "BAD     bundle: {}", text::line(&told))?,
                    (of, _) => writeln!(out, "BAD     {}: {}", text::line(of), text::line(&told))?,
                }
            }
            match shown.findings.len() {
                0 => writeln!(out, "ok: nothing keeps this {} from being installed", shown.kind),
                1 => writeln!(out, "not ok: 1 finding"),
                many => writeln!(out, "not ok: {many} findings"),
            }
        })?;
        Ok(if shown.ok { Exit::Ok } else { Exit::Refused })
    }
}

fn profile(cx: &Context<'_>, name: &str) -> Outcome<&'static dyn ProfilePolicy> {
    cx.profiles().into_iter().find(|policy| policy.name() == name).ok_or_else(|| {
        Failure::usage(
            "unknown-profile",
            format!("there is no profile {name:?}"),
            format!("this build has {}", listing(&cx.profile_names())),
            "choose one of those with `--profile`",
        )
    })
}
