use std::path::{Component, Path, PathBuf};

use clap::Args;
use myrhiza_kernel::bundle::{self, Components, Source};
use myrhiza_kernel_api::limits;
use serde::Serialize;

use crate::context::{Context, shown};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::files::{self, BUNDLE, Readers};

/// How all WebAssembly starts.
const WASM: &[u8] = b"\0asm";
/// How components do.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Pack a manifest and its components into a bundle, unsigned
#[derive(Args)]
pub(crate) struct Pack {
    /// A `manifest.toml`, or the folder it is in
    manifest: PathBuf,
    /// Where the components are [default: beside the manifest]
    #[arg(long, value_name = "DIR")]
    components: Option<PathBuf>,
    /// Where the bundle goes [default: ID.myr in the current folder]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Serialize)]
struct Packed {
    file: String,
    id: String,
    name: String,
    version: String,
    bytes: usize,
}

impl Pack {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let path = match self.manifest.is_dir() {
            true => self.manifest.join("manifest.toml"),
            false => self.manifest,
        };
        let what = || format!("{} was not packed", path.display());
        // One byte more than allowed is left to the parser, which says it better.
        let text = files::read(&path, limits::MANIFEST_BYTES + 1)?;
        let source = Source::parse(&text, &cx.profile_names()).map_err(|errors| {
            Failure::refused("bad-manifest", what(), errors.to_string(), "mend those lines")
        })?;
        let folder = match &self.components {
            Some(folder) => folder,
            None => path.parent().unwrap_or(Path::new("")),
        };
        let output = self.output.unwrap_or_else(|| file_name(&source.manifest.id).into());
        files::check_replaceable(&output, BUNDLE)?;
        let mut components = Components::new();
        for (profile, file) in &source.files {
            if !is_within(Path::new(file)) {
                return Err(Failure::refused(
                    "bad-manifest",
                    what(),
                    format!("the component `{profile}` is named as {file:?}, out of the folder"),
                    "name it by where it is in the folder, and give that with `--components DIR`",
                ));
            }
            let bytes = files::read(&folder.join(file), limits::COMPONENT_BYTES);
            let bytes = bytes.map_err(|failure| missing(failure, self.components.is_some()))?;
            check_component(&what(), profile, &bytes)?;
            components.insert(profile.clone(), bytes);
        }
        let (name, version) = (source.manifest.name.clone(), source.manifest.version.to_string());
        let bundle = bundle::pack(source.manifest, components).map_err(|error| {
            Failure::refused(
                "not-packed",
                what(),
                error.to_string(),
                "mend the manifest or its components",
            )
        })?;
        let bytes = bundle.to_bytes();
        files::write(&output, &bytes, Readers::Umask)?;
        let packed = Packed {
            file: shown(&output),
            id: bundle.manifest().id.clone(),
            name,
            version,
            bytes: bytes.len(),
        };
        cx.output.print(&packed, |out| {
            writeln!(out, "packed {} {} into {}", packed.name, packed.version, packed.file)?;
            writeln!(out, "sign it with `myrhiza sign {}`", packed.file)
        })?;
        Ok(Exit::Ok)
    }
}

/// A manifest may be somebody else's: it takes nothing from elsewhere on this machine.
fn is_within(file: &Path) -> bool {
    file.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Refuses what is no component, which would be given to others as it is.
pub(super) fn check_component(what: &str, profile: &str, bytes: &[u8]) -> Outcome<()> {
    if bytes.starts_with(COMPONENT) {
        return Ok(());
    }
    let cause = match bytes.starts_with(WASM) {
        true => "it is a core module and no component: `wasm-tools component new` makes it one",
        false => "it is no WebAssembly component",
    };
    let next = "`myrhiza inspect` says what a file is; build the component again";
    Err(Failure::refused("not-a-component", what, format!("`{profile}`: {cause}"), next))
}

/// A component that is not there was perhaps built into another folder.
fn missing(mut failure: Failure, is_given: bool) -> Failure {
    if failure.exit == Exit::NotFound {
        failure.next = match is_given {
            true => "build it, or give the folder it was built into with `--components DIR`".into(),
            false => {
                "components are looked for beside the manifest; give the folder they were built \
                      into with `--components DIR`"
                    .into()
            }
        };
    }
    failure
}

/// The app's id as a file name: what could lead elsewhere is replaced.
fn file_name(id: &str) -> String {
    let fit = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '-' };
    format!("{}.myr", id.chars().map(fit).collect::<String>())
}
