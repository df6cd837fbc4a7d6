//! Real `myrhiza` processes, driven as a person or a script would: homes on disk, nodes that are up,
//! hosts with a network of their own.
//!
//! The command is the one that cargo built beside the test (`cargo test -p myrhiza-native` builds
//! it; `cargo xtask test e2e` sees to all). The apps' components are those that `cargo xtask guests`
//! built: `MYRHIZA_APPS` names their folder.
//!
//! # What needs what
//!
//! Cases on the loopback network need nothing. The others say what they need ([`Needs`]), and are
//! listed as ignored where the machine does not have it:
//!
//! - *hosts* are network and mount namespaces, made with `unshare` and `nsenter` (util-linux) and
//!   joined by `ip` (iproute2). That takes root. Nothing of them is outside of the processes that
//!   hold them, so nothing stays behind, however a test ends.
//! - *slow links* are the kernel's token bucket (`tc`, of iproute2).
//! - *other clocks* are Debian's `libfaketime`.
//! - *a keyring* is GNOME Keyring on a message bus of the test's own (Debian's `gnome-keyring` and
//!   `dbus-daemon`).
//!
//! A case names the invariant it holds. It waits until something holds or patience ends, and never
//! for a time in the hope that it does; where it cuts a link, it checks that the cut was felt.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what cannot go on has failed")]

mod case;
mod clock;
mod history;
mod home;
mod host;
mod lan;
mod node;
mod ran;
mod session;
#[cfg(unix)]
mod terminal;
mod wait;

pub use case::{Case, Needs, run};
pub use clock::Clock;
pub use history::fill;
pub use home::{Folder, Home, command, components};
pub use host::Host;
pub use lan::{Lan, Port};
pub use node::Node;
pub use ran::Ran;
pub use session::Session;
#[cfg(unix)]
pub use terminal::Terminal;
pub use wait::{PATIENCE, agree, took, until};
