//! Invariants of the signature rule.
