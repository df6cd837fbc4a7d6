//! The C compiler for WebAssembly: the cryptography that iroh's connections use has C in it.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::debian;
use crate::process;

/// Programs that compile C and keep archives, by preference; and Debian's packages of the first.
const PROGRAMS: [(&str, &str); 2] = [("clang-19", "llvm-ar-19"), ("clang", "llvm-ar")];
pub(crate) const PACKAGES: [&str; 2] = ["clang-19", "llvm-19"];

/// What build scripts are told of it. It is installed where it is missing.
pub(crate) fn variables() -> Result<Vec<(String, PathBuf)>> {
    if find().is_none() {
        eprintln!("setup: no clang, which compiles C for browsers");
        debian::install(&PACKAGES)?;
    }
    match there() {
        told if told.is_empty() => bail!("no `clang` and `llvm-ar` on the path; install them"),
        told => Ok(told),
    }
}

/// The same, or nothing where it is missing.
pub(crate) fn there() -> Vec<(String, PathBuf)> {
    let target = super::TARGET.replace('-', "_");
    let told = |(cc, ar)| [(format!("CC_{target}"), cc), (format!("AR_{target}"), ar)];
    find().map(told).into_iter().flatten().collect()
}

/// The compiler and the archiver there are.
pub(crate) fn find() -> Option<(PathBuf, PathBuf)> {
    PROGRAMS.iter().find_map(|(cc, ar)| Some((process::on_path(cc)?, process::on_path(ar)?)))
}
