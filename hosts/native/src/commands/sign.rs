use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use myrhiza_kernel::bundle::{self, Bundle, Packed};
use myrhiza_kernel::identity::names;
use myrhiza_kernel_api::limits;
use serde::Serialize;

use crate::commands::device;
use crate::commands::pack::check_component;
use crate::console::note;
use crate::context::{Context, shown};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::files::{self, BUNDLE, Readers};
use crate::home::Home;
use crate::output::Output;
use crate::steps::Step;

/// Sign a packed bundle as its author
#[derive(Args)]
pub(crate) struct Sign {
    /// A packed bundle
    file: PathBuf,
    /// Where the signed bundle goes [default: in the file's place]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Serialize)]
struct Signed {
    file: String,
    bundle: String,
    name: String,
    version: String,
    author: String,
}

impl Sign {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let file = cx.file(&self.file)?;
        let output = self.output.as_deref().map(|output| cx.file(output)).transpose()?;
        cx.go_on(Step::files(move || {
            let what = format!("{} was not signed", file.display());
            let bytes = files::read(&file, limits::BUNDLE_BYTES)?;
            let packed = bundle::unpack(&bytes).map_err(|error| {
                let next = match error.is_update_needed() {
                    true => "update Myrhiza",
                    false => "`myrhiza inspect` lists everything that is wrong",
                };
                Failure::refused("bad-bundle", &what, error.to_string(), next)
            })?;
            if let Some(output) = &output {
                files::check_replaceable(output, BUNDLE)?;
            }
            Ok(Step::kernel(move |cx, home, _| {
                let (signed, new) = signed(home, packed, &what)?;
                let new = new || output.as_ref().is_some_and(|output| *output != file);
                let (output, file) = (cx.output, output.unwrap_or(file));
                Ok(Step::files(move || done(output, &file, &signed, new).map(Step::Done)))
            }))
        }))
    }
}

/// The bundle signed by this home's person, and whether it was not before.
fn signed(home: &mut Home, packed: Packed, what: &str) -> Outcome<(Bundle, bool)> {
    let unsigned = match packed {
        Packed::Unsigned(unsigned) => unsigned,
        Packed::Signed(signed) if signed.author() == home.person() => return Ok((signed, false)),
        // An author's own word for what another has signed: another app, by its lineage.
        Packed::Signed(signed) => {
            note!("{} has signed it; it becomes yours", names::person(&signed.author()));
            bundle::pack(signed.manifest().clone(), signed.components().clone()).map_err(
                |error| {
                    let next = "pack it again from its sources";
                    Failure::refused("not-packed", what, error.to_string(), next)
                },
            )?
        }
    };
    for (profile, bytes) in unsigned.components() {
        check_component(what, profile, bytes)?;
    }
    let keys = home.unseal()?;
    let person = keys.person().ok_or_else(|| device::no_long_term_key(what))?;
    Ok((unsigned.sign(person), true))
}

fn done(output: Output, file: &Path, signed: &Bundle, new: bool) -> Outcome<Exit> {
    if new {
        files::write(file, &signed.to_bytes(), Readers::Umask)?;
    }
    let manifest = signed.manifest();
    let signed = Signed {
        file: shown(file),
        bundle: signed.id().to_string(),
        name: manifest.name.clone(),
        version: manifest.version.to_string(),
        author: signed.author().to_string(),
    };
    output.print(&signed, |out| {
        writeln!(out, "signed {} {} in {}", signed.name, signed.version, signed.file)?;
        writeln!(out, "bundle {}", signed.bundle)
    })?;
    Ok(Exit::Ok)
}
