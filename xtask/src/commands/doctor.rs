//! What this machine lacks, and the command that mends it.

use anyhow::{Result, bail};
use clap::Args;

use super::node;
use crate::wasm;
use crate::workspace::Workspace;
use crate::{process, wasm::debian};

/// Say what this machine lacks, and the command that mends each
#[derive(Args)]
pub(crate) struct Doctor {}

impl Doctor {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let mut missing = 0;
        for need in needs(workspace)? {
            missing += usize::from(!need.tell("missing"));
        }
        for wish in wishes() {
            wish.tell("without");
        }
        if missing > 0 {
            bail!("{missing} missing; `cargo xtask setup` installs what it can");
        }
        Ok(())
    }
}

/// Something the project is built with.
pub(crate) struct Need {
    pub(crate) name: &'static str,
    pub(crate) state: State,
}

impl Need {
    /// Prints it, under that word where it was not found; true if it was.
    fn tell(self, not_found: &str) -> bool {
        match self.state {
            State::Found(what) => {
                println!("ok       {}: {what}", self.name);
                true
            }
            State::Missing { why, mend } => {
                println!("{not_found}  {}: {why}", self.name);
                for command in mend {
                    println!("         $ {command}");
                }
                false
            }
        }
    }
}

pub(crate) enum State {
    Found(String),
    /// `mend`: commands, one of which suffices where they are alternatives (it says so).
    Missing {
        why: String,
        mend: Vec<String>,
    },
}

pub(crate) const C_COMPILER: &str = "C compiler";
pub(crate) const WASM: &str = "WebAssembly target";

/// Everything needed, found or not, in the order in which it can be installed.
pub(crate) fn needs(workspace: &Workspace) -> Result<Vec<Need>> {
    Ok(vec![rust(workspace)?, c_compiler(), webassembly()?])
}

pub(crate) const HOSTS: &str = "hosts of their own";
pub(crate) const CLOCKS: &str = "other clocks";
pub(crate) const KEYRING: &str = "a keyring";
pub(crate) const NODE: &str = "Node";
pub(crate) const NPM: &str = "npm";
pub(crate) const CHROMIUM: &str = "Chromium";

/// What some tests of the e2e tier use, and are skipped without; and what tests and the demo need for
/// browsers. In the order in which it can be installed.
pub(crate) fn wishes() -> Vec<Need> {
    let hosts = match process::on_path("ip") {
        Some(ip) => State::Found(ip.display().to_string()),
        None => State::Missing {
            why: "no `ip` on the path; tests of nodes on several hosts are skipped".into(),
            mend: vec![debian::install_command(&[IPROUTE])],
        },
    };
    let clocks = match debian::has(FAKETIME) {
        true => State::Found(FAKETIME.into()),
        false => State::Missing {
            why: "tests of nodes whose clocks are wrong are skipped".into(),
            mend: vec![debian::install_command(&[FAKETIME])],
        },
    };
    let keyring = match KEYRING_PACKAGES.iter().find(|package| !debian::has(package)) {
        None => State::Found(KEYRING_PACKAGES.join(" and ")),
        Some(_) => State::Missing {
            why: "tests of passphrases that the system keeps are skipped".into(),
            mend: vec![debian::install_command(&KEYRING_PACKAGES)],
        },
    };
    let for_browsers = |program: &str, package: &str| match process::on_path(program) {
        Some(program) => State::Found(program.display().to_string()),
        None => State::Missing {
            why: format!("no `{program}` on the path; what is for a browser cannot be tested"),
            mend: vec![debian::install_command(&[package])],
        },
    };
    let node = match node::find() {
        Ok(node) => State::Found(node.display().to_string()),
        Err(error) => State::Missing {
            why: format!("{error:#}; what is for a browser cannot be tested"),
            mend: vec!["cargo xtask setup    # takes npm's where Debian's is too old".into()],
        },
    };
    vec![
        Need { name: HOSTS, state: hosts },
        Need { name: CLOCKS, state: clocks },
        Need { name: KEYRING, state: keyring },
        Need { name: NPM, state: for_browsers("npm", NPM_PACKAGE) },
        Need { name: NODE, state: node },
        Need { name: CHROMIUM, state: for_browsers("chromium", CHROMIUM_PACKAGE) },
    ]
}

/// Debian's packages for them.
pub(crate) const IPROUTE: &str = "iproute2";
pub(crate) const FAKETIME: &str = "libfaketime";
pub(crate) const KEYRING_PACKAGES: [&str; 2] = ["gnome-keyring", "dbus-daemon"];
pub(crate) const NODE_PACKAGE: &str = "nodejs";
pub(crate) const NPM_PACKAGE: &str = "npm";
pub(crate) const CHROMIUM_PACKAGE: &str = "chromium";

fn rust(workspace: &Workspace) -> Result<Need> {
    let wanted = workspace
        .metadata
        .workspace_packages()
        .iter()
        .filter_map(|package| package.rust_version.clone())
        .max();
    let rustc = wasm::Compiler::active()?;
    let state = match wanted {
        Some(wanted) if rustc.version < wanted => State::Missing {
            why: format!("rustc is {}, needed is {wanted}", rustc.version),
            mend: vec!["rustup toolchain install".into()],
        },
        _ => State::Found(format!("rustc {}", rustc.version)),
    };
    Ok(Need { name: "Rust", state })
}

fn c_compiler() -> Need {
    let state = match process::on_path("cc") {
        Some(cc) => State::Found(cc.display().to_string()),
        None => State::Missing {
            why: "no `cc` on the path; LMDB and BLAKE3 are compiled with it".into(),
            mend: vec![debian::install_command(&["gcc", "libc6-dev"])],
        },
    };
    Need { name: C_COMPILER, state }
}

fn webassembly() -> Result<Need> {
    let state = match wasm::find()? {
        Some(toolchain) => State::Found(toolchain.description),
        None => State::Missing {
            why: "apps are compiled to wasm32-unknown-unknown, and its standard library is missing"
                .into(),
            mend: vec![
                format!("rustup target add {}", wasm::TARGET),
                "cargo xtask setup    # where that cannot be fetched: builds it with Debian's packages"
                    .into(),
            ],
        },
    };
    Ok(Need { name: WASM, state })
}
