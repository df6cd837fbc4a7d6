//! Debian's Rust packages, for machines that can reach a package mirror but not Rust's own server.

use std::path::PathBuf;

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use super::Compiler;
use crate::process;

/// Compiler, cargo and the source of the standard library, of one recent version.
const RUST: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
/// A linker for WebAssembly, where the active toolchain brings none.
const LINKER: &str = "lld";

/// The packages that must still be installed to build the target.
pub(crate) fn missing(active: &Compiler) -> Result<Vec<&'static str>> {
    let mut packages = Vec::new();
    for package in RUST {
        if !is_installed(package)? {
            packages.push(package);
        }
    }
    if linker(active).is_none() {
        packages.push(LINKER);
    }
    Ok(packages)
}

/// Debian's compiler, if all of its packages are installed.
pub(crate) fn compiler() -> Result<Option<Compiler>> {
    for package in RUST {
        if !is_installed(package)? {
            return Ok(None);
        }
    }
    match program("rustc-web", "bin/rustc")? {
        Some(rustc) => Compiler::of(&rustc).map(Some),
        None => Ok(None),
    }
}

/// Debian's cargo.
pub(crate) fn cargo() -> Result<PathBuf> {
    match program("cargo-web", "bin/cargo")? {
        Some(cargo) => Ok(cargo),
        None => bail!("the package cargo-web holds no cargo; reinstall it"),
    }
}

/// The active toolchain's own linker, or LLVM's.
pub(crate) fn linker(active: &Compiler) -> Option<PathBuf> {
    active.bundled_linker().or_else(|| process::on_path("wasm-ld"))
}

/// The first file of a package whose path ends so.
fn program(package: &str, suffix: &str) -> Result<Option<PathBuf>> {
    let sh = Shell::new()?;
    let files = cmd!(sh, "dpkg -L {package}").quiet().read()?;
    Ok(files.lines().find(|file| file.ends_with(suffix)).map(PathBuf::from))
}

/// Whether a package is installed, as far as can be told.
pub(crate) fn has(package: &str) -> bool {
    is_installed(package).unwrap_or(false)
}

fn is_installed(package: &str) -> Result<bool> {
    if process::on_path("dpkg-query").is_none() {
        return Ok(false);
    }
    let sh = Shell::new()?;
    let format = "${Status}";
    let status = cmd!(sh, "dpkg-query --show --showformat={format} {package}")
        .quiet()
        .ignore_stderr()
        .ignore_status()
        .read()?;
    Ok(says_installed(&status))
}

/// Reads dpkg's three words: wanted, error flag, state.
fn says_installed(status: &str) -> bool {
    status.split_whitespace().last() == Some("installed")
}

/// What a person would type to install `packages`.
pub(crate) fn install_command(packages: &[&str]) -> String {
    format!("sudo apt-get install {}", packages.join(" "))
}

/// Installs packages, as root or through `sudo`. Removes none: a machine whose own packages
/// conflict keeps them, and the error says so.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = install_command(packages);
    if process::on_path("apt-get").is_none() {
        bail!(
            "{} missing and no apt-get here; install what corresponds to `{by_hand}`",
            packages.join(", ")
        );
    }
    let sh = Shell::new()?;
    let sudo = match cmd!(sh, "id -u").quiet().read()?.as_str() {
        "0" => None,
        _ if cmd!(sh, "sudo -n true").quiet().ignore_stderr().run().is_ok() => Some("sudo"),
        _ => bail!("installing needs root; run `{by_hand}` and start again"),
    };
    let apt = |args: &[&str]| {
        let mut words: Vec<&str> = sudo.into_iter().collect();
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
        words.extend(["-o", "DPkg::Lock::Timeout=300"]);
        words.extend(args);
        let (program, args) = (words[0], &words[1..]);
        process::run_aside(cmd!(sh, "{program} {args...}"))
    };
    let mut install = vec!["install", "--yes", "--no-remove", "--no-install-recommends"];
    install.extend(packages);
    // Package lists can be absent or name versions the mirror has replaced.
    if apt(&install).is_err() {
        apt(&["update"])?;
        apt(&install)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_package_in_place_counts_as_installed() {
        assert!(says_installed("install ok installed"));
        assert!(says_installed("hold ok installed"));
        assert!(!says_installed("deinstall ok config-files"));
        assert!(!says_installed("install ok half-installed"));
        assert!(!says_installed(""));
    }
}
