//! The fold against itself: in whatever sequence and portions a set of events came, its state,
//! verdicts and undo records are those of a home that was given them at once.

mod authors;
mod cuts;
mod judging;
mod limits;
mod local;
mod random;
mod rules;
mod upgrade;
mod upgrade_vectors;
mod vectors;
