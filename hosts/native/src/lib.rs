//! The `myrhiza` command as a library.
