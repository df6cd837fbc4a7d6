//! Payloads of the kernel's own kinds, one file each, and the invitations they carry.

mod any;
mod chain;
mod cuts;
mod delegate;
mod genesis;
mod hand_over;
mod invitation;
mod join;
mod notice;
mod remove;
mod revoke;
mod upgrade;

pub use any::Payload;
pub use chain::{ChainError, Invited, Link, verify_chain, verify_invitation};
pub use cuts::{Cut, CutList, InvitationCut};
pub use delegate::Delegate;
pub use genesis::{Admission, Genesis, Upgraders};
pub use hand_over::HandOver;
pub use invitation::{Invitation, InvitationError, Terms};
pub use join::Join;
pub use notice::{Notice, NoticeError, ReasonTooLong, Withdrawal};
pub use remove::Remove;
pub use revoke::Revoke;
pub use upgrade::{Upgrade, UpgradeError};
