//! Whole-process runs of nodes and sessions, whose sizes the caller chooses: large in benches, tiny
//! in tests.
//!
//! | module | what it measures |
//! |---|---|
//! | [`join`] | a topic joined over loopback, beside its floors |
//! | [`live`] | from an event's making at one node to its commit at each other |
//! | [`walk`] | bytes and round trips to find ten events among many |
//! | [`many`] | many idle topics between two nodes: greeting, traffic, time |
//! | [`memory`] | resident memory of a node |
//! | [`process`] | what the system says of this process |

pub mod join;
pub mod live;
pub mod many;
pub mod memory;
pub mod process;
pub mod walk;
