//! A store that keeps nothing past the process.
