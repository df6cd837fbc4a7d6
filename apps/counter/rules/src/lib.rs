//! The rules of the counter.
