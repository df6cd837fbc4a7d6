//! The rooms of the house: their names stay, and no crate lives outside the workspace.

use std::collections::BTreeSet;

use super::crates::Crate;
use super::{Finding, Tree};

const ROOMS: [&str; 16] = [
    ".cargo",
    ".ci",
    "apps",
    "backends",
    "docs",
    "hosts",
    "kernel",
    "kernel-api",
    "modules",
    "profiles",
    "sdk",
    "stores",
    "tests",
    "transports",
    "wit",
    "xtask",
];

/// Crates that stand for somebody else's, outside the workspace on purpose.
const FIXTURES: &str = "tests/fixtures/";

pub(super) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let finding = |file: &str, what: String, remedy: &str| Finding {
        file: file.to_owned(),
        line: 0,
        rule: "layout",
        what,
        remedy: remedy.to_owned(),
    };
    let mut findings = Vec::new();
    let folders: BTreeSet<&str> =
        tree.paths.iter().filter_map(|path| Some(path.split_once('/')?.0)).collect();
    for folder in folders {
        if !ROOMS.contains(&folder) {
            let what = format!("the top level has no room named {folder}");
            findings.push(finding(
                folder,
                what,
                "put it into one of the rooms of the architecture",
            ));
        }
    }
    for (path, _) in tree.ending(&["/Cargo.toml"]) {
        let member = crates.iter().any(|krate| krate.manifest() == path);
        if !member && !path.starts_with(FIXTURES) {
            let what =
                "this package is no member of the workspace, so nothing checks it".to_owned();
            findings.push(finding(path, what, "add its folder to `members` in Cargo.toml"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_room_and_a_stray_package_are_found() {
        let tree = Tree::of(&[
            ("Cargo.toml", ""),
            ("kernel/Cargo.toml", ""),
            ("util/notes.md", ""),
            ("apps/extra/Cargo.toml", ""),
            ("tests/fixtures/redb/Cargo.toml", ""),
        ]);
        let findings = check(&tree, &[Crate::at("kernel", &[])]);
        let files: Vec<&str> = findings.iter().map(|finding| finding.file.as_str()).collect();
        assert_eq!(files, ["util", "apps/extra/Cargo.toml"]);
    }
}
