//! A store over LMDB.
