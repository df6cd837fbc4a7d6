//! Every crate takes the workspace's lints.

use super::crates::Crate;
use super::{Finding, Tree};

pub(super) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let manifests = crates.iter().map(Crate::manifest);
    manifests
        .filter(|path| !tree.texts.get(path).is_some_and(|text| inherits(text)))
        .map(|file| Finding {
            file,
            line: 0,
            rule: "lints",
            what: "the crate does not take the workspace's lints".into(),
            remedy: "add `[lints]` with `workspace = true`".into(),
        })
        .collect()
}

fn inherits(manifest: &str) -> bool {
    let lines = manifest.lines().map(str::trim);
    let mut table = lines.skip_while(|line| *line != "[lints]").skip(1);
    table.by_ref().take_while(|line| !line.starts_with('[')).any(|line| line == "workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_with_lints_of_its_own_is_found() {
        let with = "[package]\n[lints]\nworkspace = true\n";
        let without = "[package]\nversion.workspace = true\n[lints]\n[dependencies]\n";
        let tree = Tree::of(&[("kernel/Cargo.toml", with), ("sdk/Cargo.toml", without)]);
        let findings = check(&tree, &[Crate::at("kernel", &[]), Crate::at("sdk", &[])]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].file, "sdk/Cargo.toml");
    }
}
