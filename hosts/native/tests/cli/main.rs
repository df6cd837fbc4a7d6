//! The real command, driven as a person or a script would.
//!
//! The apps' components are those that `cargo xtask guests` built: `MYRHIZA_APPS` names the folder.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[cfg(unix)]
mod absent;
mod apps;
mod asked;
mod authors;
mod bundles;
mod denied;
mod devices;
mod exchange;
mod faults;
mod home;
#[cfg(unix)]
mod init;
mod membership;
mod node;
mod overwriting;
mod printing;
mod relay;
mod shell;
mod tickets;
mod topics;
#[cfg(unix)]
mod ui;
mod units;
mod upgrade;
