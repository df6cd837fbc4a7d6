//! A standard library for wasm32, built once with Debian's compiler from Debian's source.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use super::{Compiler, TARGET, debian, has_std, paths};
use crate::{cache, process};

/// Number of this recipe: a change to it makes a new sysroot.
const RECIPE: u32 = 1;

/// The folder's name: it holds what one compiler can read, made in one way.
pub(super) fn name(compiler: &Compiler) -> String {
    let commit = compiler.commit.get(..12).unwrap_or(&compiler.commit);
    format!("wasm32-sysroot-{}-{commit}-{}-{RECIPE}", compiler.version, compiler.host)
}

/// Builds the sysroot in `cache` unless it is there.
pub(super) fn provide(compiler: &Compiler, cache: &Path) -> Result<PathBuf> {
    cache::make_once(cache, &name(compiler), |work, sysroot| build(compiler, work, sysroot))
}

/// Builds an empty crate with `-Zbuild-std` in `work`, and lays out in `sysroot` what std
/// consists of.
fn build(compiler: &Compiler, work: &Path, sysroot: &Path) -> Result<()> {
    eprintln!(
        "setup: building {TARGET}'s standard library, once for this machine (about a minute)"
    );
    let seed = work.join("seed");
    fs::create_dir_all(seed.join("src"))?;
    fs::write(seed.join("src/lib.rs"), "")?;
    fs::write(
        seed.join("Cargo.toml"),
        "[package]\nname = \"seed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [profile.release]\ndebug = 0\n[workspace]\n",
    )?;

    let sh = Shell::new()?;
    sh.change_dir(&seed);
    let (rustc, cargo) = (&compiler.rustc, debian::cargo()?);
    let build =
        cmd!(sh, "{cargo} build --quiet --release --target {TARGET} -Zbuild-std=std,panic_abort");
    process::without_build_variables(build)
        .env("RUSTC", rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", work.join("target"))
        .env("CARGO_ENCODED_RUSTFLAGS", flags(&compiler.sysroot, work).join("\u{1f}"))
        .run()?;

    let lib = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&lib)?;
    let built = work.join("target").join(TARGET).join("release/deps");
    for file in built.read_dir().with_context(|| format!("reading {}", built.display()))? {
        let file = file?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libseed-") {
            fs::copy(&file, lib.join(name))?;
        }
    }
    if !has_std(&lib) {
        bail!("cargo built no standard library for {TARGET} in {}", work.display());
    }
    Ok(())
}

/// Bitcode, or guests cannot be optimised across crates; and no path of this machine in the
/// messages of std's panics, which end up in every guest.
fn flags(sysroot: &Path, work: &Path) -> Vec<String> {
    let source = sysroot.join("lib/rustlib/src/rust");
    let real = fs::canonicalize(&source).unwrap_or_else(|_| source.clone());
    let mut flags = vec!["-Cembed-bitcode=yes".to_owned()];
    flags.extend(paths::remapping(work));
    flags.extend([source, real].iter().map(|path| paths::remap(path, "/rustc")));
    flags
}
