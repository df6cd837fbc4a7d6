//! The WIT package changes only on purpose: each version has a snapshot it must equal.
//!
//! Version 1.0.0 may still be frozen anew while its interfaces are being built; afterwards a
//! change is a new version, and its snapshot is another file beside the old one.

use super::{Finding, Tree};

const FOLDER: &str = "wit/";
const FROZEN: &str = "wit/frozen/";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in packages(tree) {
        let Some(snapshot) = snapshot(text) else {
            findings.push(Finding {
                file: path.to_owned(),
                line: 1,
                rule: "wit",
                what: "the file names no package with a version".into(),
                remedy: "begin with `package myrhiza:name@1.0.0;`".into(),
            });
            continue;
        };
        let frozen = tree.texts.get(&snapshot).map(String::as_str);
        if frozen != Some(text) {
            findings.push(Finding {
                file: path.to_owned(),
                line: frozen.map_or(0, |frozen| first_difference(frozen, text)),
                rule: "wit",
                what: format!("it differs from {snapshot}"),
                remedy: "if the change is meant, run `cargo xtask wit-freeze`".into(),
            });
        }
    }
    findings
}

/// The snapshots to write: path and text.
pub(crate) fn freeze(tree: &Tree) -> Vec<(String, String)> {
    packages(tree)
        .filter_map(|(_, text)| Some((snapshot(text)?, text.to_owned())))
        .filter(|(path, text)| tree.texts.get(path) != Some(text))
        .collect()
}

fn packages(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.ending(&[".wit"]).filter(|(path, _)| path.starts_with(FOLDER) && !path.starts_with(FROZEN))
}

/// Where the snapshot of a package lies: `wit/frozen/kernel@1.0.0.wit`.
fn snapshot(text: &str) -> Option<String> {
    let package = text.lines().find_map(|line| line.trim().strip_prefix("package "))?;
    let (name, version) = package.trim_end_matches(';').split_once('@')?;
    let name = name.rsplit(':').next().unwrap_or(name);
    Some(format!("{FROZEN}{name}@{version}.wit"))
}

/// The first line, from 1, that is not the same.
fn first_difference(a: &str, b: &str) -> usize {
    a.lines().zip(b.lines()).take_while(|(a, b)| a == b).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "package myrhiza:kernel@1.0.0;\ninterface log {}\n";

    #[test]
    fn a_change_without_a_freeze_is_found_and_freezing_mends_it() {
        let changed = "package myrhiza:kernel@1.0.0;\ninterface hash {}\n";
        let tree = Tree::of(&[("wit/kernel.wit", changed), ("wit/frozen/kernel@1.0.0.wit", ONE)]);
        assert_eq!(check(&tree)[0].line, 2);
        let snapshots = freeze(&tree);
        assert_eq!(snapshots, [("wit/frozen/kernel@1.0.0.wit".into(), changed.into())]);
        let (path, text) = &snapshots[0];
        let tree = Tree::of(&[("wit/kernel.wit", changed), (path, text)]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn a_new_version_keeps_the_old_snapshot() {
        let two = ONE.replace("1.0.0", "1.1.0");
        let tree = Tree::of(&[("wit/kernel.wit", &two), ("wit/frozen/kernel@1.0.0.wit", ONE)]);
        assert_eq!(check(&tree).len(), 1);
        assert_eq!(freeze(&tree)[0].0, "wit/frozen/kernel@1.1.0.wit");
    }

    #[test]
    fn a_package_without_a_version_is_found() {
        let tree = Tree::of(&[("wit/kernel.wit", "interface log {}\n")]);
        assert_eq!(check(&tree).len(), 1);
    }
}
