use std::io::Write as _;

use std::path::PathBuf;

use clap::Args;
use myrhiza_kernel::bundle::{self, Packed};
use myrhiza_kernel::identity::names;
use myrhiza_kernel_api::limits;
use serde::Serialize;

use crate::commands::device;
use crate::console::note;
use crate::context::{Context, shown};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::files::{self, BUNDLE, Readers};

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
        let what = || format!("{} was not signed", self.file.display());
        let bytes = files::read(&self.file, limits::BUNDLE_BYTES)?;
        let packed = bundle::unpack(&bytes).map_err(|error| {
            let next = match error.is_update_needed() {
                true => "update Myrhiza",
                false => "`myrhiza inspect` lists everything that is wrong",
            };
            Failure::refused("bad-bundle", what(), error.to_string(), next)
        })?;
        if let Some(output) = &self.output {
            files::check_replaceable(output, BUNDLE)?;
        }
        let mut home = cx.open_home()?;
        let unsigned = match packed {
            Packed::Unsigned(unsigned) => unsigned,
            Packed::Signed(signed) if signed.author() == home.person() => {
                return self.done(cx, &signed, false);
            }
            // An author's own word for what another has signed: another app, by its lineage.
            Packed::Signed(signed) => {
                note!("{} has signed it; it becomes yours", names::person(&signed.author()));
                bundle::pack(signed.manifest().clone(), signed.components().clone()).map_err(
                    |error| {
                        let next = "pack it again from its sources";
                        Failure::refused("not-packed", what(), error.to_string(), next)
                    },
                )?
            }
        };
        let keys = home.unseal()?;
        let person = keys.person().ok_or_else(|| device::no_long_term_key(&what()))?;
        let signed = unsigned.sign(person);
        self.done(cx, &signed, true)
    }

    fn done(&self, cx: &Context<'_>, signed: &bundle::Bundle, new: bool) -> Outcome<Exit> {
        let output = self.output.as_ref().unwrap_or(&self.file);
        if new || *output != self.file {
            files::write(output, &signed.to_bytes(), Readers::Umask)?;
        }
        let manifest = signed.manifest();
        let signed = Signed {
            file: shown(output),
            bundle: signed.id().to_string(),
            name: manifest.name.clone(),
            version: manifest.version.to_string(),
            author: signed.author().to_string(),
        };
        cx.output.print(&signed, |out| {
            writeln!(out, "signed {} {} in {}", signed.name, signed.version, signed.file)?;
            writeln!(out, "bundle {}", signed.bundle)
        })?;
        Ok(Exit::Ok)
    }
}
