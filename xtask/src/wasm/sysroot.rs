//! A standard library for wasm32, built once with Debian's compiler from Debian's source.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use xshell::{Shell, cmd};

use super::{Compiler, TARGET, debian, has_std, paths};
use crate::process;

/// Number of this recipe: a change to it makes a new sysroot.
const RECIPE: u32 = 1;

/// The folder's name: it holds what one compiler can read, made in one way.
pub(super) fn name(compiler: &Compiler) -> String {
    let commit = compiler.commit.get(..12).unwrap_or(&compiler.commit);
    format!("wasm32-sysroot-{}-{commit}-{}-{RECIPE}", compiler.version, compiler.host)
}

/// A sysroot appears under its name by one rename, so one that is there is whole.
pub(super) fn is_complete(sysroot: &Path) -> bool {
    has_std(&sysroot.join("lib/rustlib").join(TARGET).join("lib"))
}

/// Builds the sysroot in `cache` unless it is there. Of two processes the second waits and finds
/// it; what an interrupted one left is swept away by the next.
pub(super) fn provide(compiler: &Compiler, cache: &Path) -> Result<PathBuf> {
    let name = name(compiler);
    let sysroot = cache.join(&name);
    fs::create_dir_all(cache).with_context(|| format!("creating {}", cache.display()))?;
    let lock = cache.join(format!("{name}.lock"));
    let lock = File::create(&lock).with_context(|| format!("opening {}", lock.display()))?;
    lock.lock()?;
    if is_complete(&sysroot) {
        return Ok(sysroot);
    }
    let work = cache.join(format!("{name}.part"));
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("removing {}", work.display()))?;
    }
    build(compiler, &work)?;
    let built = work.join("sysroot");
    if !is_complete(&built) {
        bail!("cargo built no standard library for {TARGET} in {}", work.display());
    }
    fs::rename(&built, &sysroot)?;
    fs::remove_dir_all(&work)?;
    Ok(sysroot)
}

/// Builds an empty crate with `-Zbuild-std` in `work`, and lays out what std consists of.
fn build(compiler: &Compiler, work: &Path) -> Result<()> {
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

    let lib = work.join("sysroot/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&lib)?;
    let built = work.join("target").join(TARGET).join("release/deps");
    for file in built.read_dir().with_context(|| format!("reading {}", built.display()))? {
        let file = file?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libseed-") {
            fs::copy(&file, lib.join(name))?;
        }
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
