//! Payloads of the kernel's own kinds, one file each.

mod genesis;

pub use genesis::{Admission, Genesis, Upgraders};
