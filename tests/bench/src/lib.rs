//! What benches that span crates run on: homes of a wanted size, and how their figures are told.
//!
//! | module | what it is |
//! |---|---|
//! | [`trie`] | stores with a trie and nothing else |
//! | [`app`] | the apps whose events are folded |
//! | [`trunk`] | signed events, as many as are wanted |
//! | [`home`] | a kernel over a store with such a topic in it |
//! | [`record`] | stores that are copied, and batches that are kept |
//! | [`floors`] | what each part of a join costs alone |
//! | [`net`] | nodes over iroh in this process |
//! | [`peers`] | whole-process runs of nodes and sessions, whose sizes the caller chooses |
//! | [`figures`] | medians beside each other, since only ratios within a run mean much |
#![allow(clippy::unwrap_used, reason = "a bench without its fixture has nothing to measure")]

pub mod app;
pub mod figures;
pub mod floors;
pub mod home;
pub mod net;
pub mod peers;
pub mod record;
pub mod trie;
pub mod trunk;
