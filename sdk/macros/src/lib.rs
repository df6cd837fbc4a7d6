//! Macros of `myrhiza-sdk`.
