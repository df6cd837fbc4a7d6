//! Running other programs: visibly, and without what this build leaves in the environment.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use xshell::Cmd;

/// Variables that say where crates and toolchains come from. All others of cargo and rustc say how
/// the *native* build is made, and would leak into a guest.
const KEPT: [&str; 7] = [
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTR",
    "CARGO_SOURCE_",
    "RUSTUP_HOME",
    "RUSTUP_DIST_SERVER",
];

/// The cargo that runs this program, or the one on the path.
pub(crate) fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// Clears what the native build set in the environment of `command`.
pub(crate) fn without_build_variables(command: Cmd<'_>) -> Cmd<'_> {
    without(command, is_build_variable)
}

/// Clears what `cargo run` tells of this program in the environment of `command`. Build scripts
/// watch these names, so that `cargo xtask test` after `cargo test` would compile a lot again.
pub(crate) fn without_package_variables(command: Cmd<'_>) -> Cmd<'_> {
    without(command, is_package_variable)
}

fn without(mut command: Cmd<'_>, unwanted: impl Fn(&OsStr) -> bool) -> Cmd<'_> {
    for (name, _) in std::env::vars_os() {
        if unwanted(&name) {
            command = command.env_remove(name);
        }
    }
    command
}

fn is_package_variable(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|of_a_package| name.starts_with(of_a_package))
}

fn is_build_variable(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    (name.starts_with("CARGO") || name.starts_with("RUST"))
        && !KEPT.iter().any(|kept| name.starts_with(kept))
}

/// Runs a command with all it prints on standard error: standard output is for this program's result.
pub(crate) fn run_aside(command: Cmd<'_>) -> Result<()> {
    eprintln!("$ {command}");
    let shown = command.to_string();
    let status = Command::from(command).stdout(io::stderr()).status();
    let status = status.with_context(|| format!("starting `{shown}`"))?;
    match status.success() {
        true => Ok(()),
        false => bail!("`{shown}` ended with {status}"),
    }
}

/// Runs a command that may hang on the network, and ends it after `limit`.
pub(crate) fn run_bounded(program: &str, args: &[&str], limit: Duration) -> Result<()> {
    eprintln!("$ {program} {}", args.join(" "));
    // rustup's backtraces say nothing to the person who waits.
    let mut child = Command::new(program)
        .args(args)
        .stdout(io::stderr())
        .env("RUST_BACKTRACE", "0")
        .spawn()
        .with_context(|| format!("starting {program}"))?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            bail!("{program} ended with {status}");
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("{program} took more than {} s and was ended", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whether a program of this name is on the path.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use xshell::{Shell, cmd};

    use super::*;

    #[test]
    fn only_what_locates_crates_and_toolchains_reaches_a_guest_build() {
        for leaks in
            ["RUSTFLAGS", "RUSTC", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER"]
        {
            assert!(is_build_variable(OsStr::new(leaks)), "{leaks}");
        }
        for kept in ["CARGO_HOME", "CARGO_NET_OFFLINE", "RUSTUP_HOME", "PATH", "HOME"] {
            assert!(!is_build_variable(OsStr::new(kept)), "{kept}");
        }
    }

    #[test]
    fn a_native_build_knows_no_package_but_its_own() {
        for of_xtask in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"] {
            assert!(is_package_variable(OsStr::new(of_xtask)), "{of_xtask}");
        }
        for a_persons in ["RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_JOBS", "CARGO_HOME"] {
            assert!(!is_package_variable(OsStr::new(a_persons)), "{a_persons}");
        }
    }

    #[test]
    fn a_command_that_fails_is_named() {
        let sh = Shell::new().unwrap();
        run_aside(cmd!(sh, "true")).unwrap();
        let error = run_aside(cmd!(sh, "false")).unwrap_err();
        assert!(error.to_string().contains("`false` ended with"), "{error}");
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let start = Instant::now();
        let error = run_bounded("sleep", &["60"], Duration::from_millis(200)).unwrap_err();
        assert!(error.to_string().contains("was ended"));
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
