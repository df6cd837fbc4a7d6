//! `unsafe` is denied; these crates may allow it, with a reason and a proof at each use.

use super::crates::Crate;
use super::{Finding, Tree};

/// Folder of the crate, and why it cannot do without.
const ALLOWED: [(&str, &str); 4] = [
    ("stores/lmdb", "opening a memory map: another process could change the file"),
    ("sdk", "imports and exports of the component model are raw functions"),
    ("kernel-api", "the linker's function that runs constructors in a browser is a raw one"),
    ("sdk/macros", "imports and exports of the component model are raw functions"),
];

pub(super) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for krate in crates {
        let prefix = format!("{}/", krate.folder);
        let inner = |path: &str| {
            crates.iter().any(|other| {
                other.folder.len() > krate.folder.len()
                    && other.folder.starts_with(&prefix)
                    && path.starts_with(&format!("{}/", other.folder))
            })
        };
        for (path, text) in tree.ending(&[".rs"]) {
            if path.starts_with(&prefix) && !inner(path) {
                findings.extend(file(&krate.folder, path, text));
            }
        }
    }
    findings
}

fn file(folder: &str, path: &str, text: &str) -> Vec<Finding> {
    let allowed = ALLOWED.iter().any(|(name, _)| *name == folder);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut findings = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let finding = |what: &str, remedy: &str| Finding {
            file: path.to_owned(),
            line: at + 1,
            rule: "unsafe",
            what: what.to_owned(),
            remedy: remedy.to_owned(),
        };
        if opens(line) {
            if !allowed {
                findings.push(finding(
                    "this crate may not allow unsafe code",
                    "do without, or give the crate a place and a reason in tidy's list",
                ));
            }
            // The attribute may be broken over lines.
            let attribute = lines[at..].iter().take(5).take_while(|line| !line.starts_with("mod "));
            if !attribute.clone().any(|line| line.contains("reason = ")) {
                findings.push(finding("the attribute gives no reason", "add `reason = \"…\"`"));
            }
        }
        let block = ["unsafe {", "unsafe impl "].iter().any(|word| line.contains(word));
        if allowed && block && !line.starts_with("//") && !proven(&lines[..at]) {
            findings.push(finding(
                "unsafe code without its proof",
                "say in a `// SAFETY:` comment right above why it holds",
            ));
        }
    }
    findings
}

/// Whether a line turns the lint off.
fn opens(line: &str) -> bool {
    let attribute = line.starts_with("#[") || line.starts_with("#![");
    attribute
        && line.contains("unsafe_code")
        && (line.contains("allow(") || line.contains("expect("))
}

/// Whether the comment that ends in `above` (attributes between) holds a proof.
fn proven(above: &[&str]) -> bool {
    let block = above.iter().rev().take_while(|line| {
        line.starts_with("//")
            || line.starts_with("#[")
            || line.ends_with('=')
            || line.ends_with('(')
    });
    block.into_iter().any(|line| line.contains("SAFETY:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(folder: &str, text: &str) -> Vec<usize> {
        let file = format!("{folder}/src/lib.rs");
        let tree = Tree::of(&[(&file, text)]);
        check(&tree, &[Crate::at(folder, &[])]).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_crate_off_the_list_may_not_open_the_door() {
        let text = "\n#[allow(unsafe_code, reason = \"speed\")]\nmod fast;";
        assert_eq!(findings("kernel", text), [2]);
        assert!(findings("stores/lmdb", text).is_empty());
    }

    #[test]
    fn the_door_needs_a_reason_and_each_use_a_proof() {
        assert_eq!(findings("stores/lmdb", "#![allow(unsafe_code)]"), [1]);
        assert_eq!(findings("stores/lmdb", "let x = unsafe { f() };"), [1]);
        let proven = "// SAFETY: `f` is\n// harmless.\nlet x =\n    unsafe { f() };";
        assert!(findings("stores/lmdb", proven).is_empty());
    }
}
