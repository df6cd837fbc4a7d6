//! Invariants of one event alone.

mod admission;
mod chain;
mod envelope;
mod fork_proof;
mod ticket;
mod upgrade;
mod vectors;
mod world;
