//! The rules of the poll.
