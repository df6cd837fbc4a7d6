//! A compiler for wasm32: the active toolchain where it has the target's standard library, else
//! Debian's compiler with one built here, once for all clones.

pub(crate) mod c;
pub(crate) mod component;
pub(crate) mod debian;
pub(crate) mod paths;
#[cfg(test)]
mod portable;
mod sysroot;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::semver::Version;
use xshell::{Cmd, Shell, cmd};

use crate::{cache, process};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// How long `rustup` may take to fetch the target (about 20 MB).
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// What a guest build is run with.
#[derive(Debug)]
pub(crate) struct Toolchain {
    pub(crate) rustc: PathBuf,
    /// Flags for the target.
    pub(crate) flags: Vec<String>,
    pub(crate) description: String,
}

impl Toolchain {
    /// A subcommand of cargo for the target, run on the workspace at `root` in a target directory
    /// of its own, since other compilers may make it. Nothing of the native build reaches it.
    pub(crate) fn cargo<'sh>(
        &self,
        sh: &'sh Shell,
        root: &Path,
        target_dir: &Path,
        subcommand: &str,
    ) -> Cmd<'sh> {
        sh.change_dir(root);
        let cargo = process::cargo();
        let mut flags = self.flags.clone();
        flags.extend(paths::remapping(root));
        process::without_build_variables(cmd!(sh, "{cargo} {subcommand} --target {TARGET}"))
            .env("RUSTC", &self.rustc)
            .env("CARGO_TARGET_DIR", target_dir)
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
    }
}

/// A rustc.
#[derive(Debug)]
pub(crate) struct Compiler {
    pub(crate) rustc: PathBuf,
    pub(crate) version: Version,
    pub(crate) host: String,
    pub(crate) commit: String,
    pub(crate) sysroot: PathBuf,
}

impl Compiler {
    /// The compiler that builds this workspace natively.
    pub(crate) fn active() -> Result<Self> {
        Self::of(&std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from))
    }

    fn of(rustc: &Path) -> Result<Self> {
        let sh = Shell::new()?;
        let about = cmd!(sh, "{rustc} -vV").quiet().read()?;
        let field = |name: &str| {
            about
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                .with_context(|| format!("`{} -vV` names no {name}", rustc.display()))
        };
        let sysroot = PathBuf::from(cmd!(sh, "{rustc} --print sysroot").quiet().read()?);
        let own = sysroot.join("bin/rustc");
        Ok(Self {
            rustc: if own.is_file() { own } else { rustc.to_owned() },
            version: field("release")?.parse()?,
            host: field("host")?.to_owned(),
            commit: field("commit-hash")?.to_owned(),
            sysroot,
        })
    }

    fn has_target(&self) -> bool {
        let lib = self.sysroot.join("lib/rustlib").join(TARGET).join("lib");
        has_std(&lib)
    }

    /// The linker that comes with rustup's toolchains, where there is one.
    fn bundled_linker(&self) -> Option<PathBuf> {
        let linker = self.sysroot.join("lib/rustlib").join(&self.host).join("bin/rust-lld");
        linker.is_file().then_some(linker)
    }
}

/// Whether a library folder holds a standard library.
fn has_std(lib: &Path) -> bool {
    let Ok(files) = lib.read_dir() else { return false };
    files.flatten().any(|file| {
        let name = file.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

/// The toolchain there is, if any.
pub(crate) fn find() -> Result<Option<Toolchain>> {
    let active = Compiler::active()?;
    if active.has_target() {
        return Ok(Some(Toolchain {
            description: format!("rustc {} with its own {TARGET}", active.version),
            rustc: active.rustc,
            flags: Vec::new(),
        }));
    }
    let (Some(debian), Some(linker)) = (debian::compiler()?, debian::linker(&active)) else {
        return Ok(None);
    };
    let sysroot = cache::dir()?.join(sysroot::name(&debian));
    Ok(sysroot.is_dir().then(|| debian_toolchain(&debian, &linker, &sysroot)))
}

fn debian_toolchain(compiler: &Compiler, linker: &Path, sysroot: &Path) -> Toolchain {
    Toolchain {
        rustc: compiler.rustc.clone(),
        flags: vec![
            format!("--sysroot={}", sysroot.display()),
            format!("-Clinker={}", linker.display()),
        ],
        description: format!(
            "Debian's rustc {} with a {TARGET} built in {}",
            compiler.version,
            sysroot.display()
        ),
    }
}

/// The toolchain there is, or one that is installed now.
pub(crate) fn provide() -> Result<Toolchain> {
    if let Some(toolchain) = find()? {
        return Ok(toolchain);
    }
    if process::on_path("rustup").is_some() {
        match process::run_bounded("rustup", &["target", "add", TARGET], RUSTUP_LIMIT) {
            Ok(()) => {
                if let Some(toolchain) = find()? {
                    return Ok(toolchain);
                }
            }
            Err(error) => eprintln!("setup: {error}; trying Debian's packages"),
        }
    }
    let active = Compiler::active()?;
    debian::install(&debian::missing(&active)?)?;
    let (Some(compiler), Some(linker)) = (debian::compiler()?, debian::linker(&active)) else {
        bail!(
            "the packages are installed, but no rustc or no linker for {TARGET} was found in them"
        );
    };
    let sysroot = sysroot::provide(&compiler, &cache::dir()?)?;
    Ok(debian_toolchain(&compiler, &linker, &sysroot))
}
