//! No path of somebody's machine.

use super::{Finding, Tree};

/// Written in two parts, so that this file does not hold them.
const ROOTS: [(&str, &str); 4] = [("/ho", "me/"), ("/ro", "ot/"), ("/wo", "rk/"), ("/Us", "ers/")];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &tree.texts {
        for (at, line) in text.lines().enumerate() {
            if let Some(root) = machine_path(line) {
                findings.push(Finding {
                    file: path.clone(),
                    line: at + 1,
                    rule: "paths",
                    what: format!("a path of one machine ({root}…)"),
                    remedy: "take it from the environment, or write it relative to the project"
                        .into(),
                });
            }
        }
    }
    findings
}

fn machine_path(line: &str) -> Option<String> {
    ROOTS.iter().map(|(a, b)| format!("{a}{b}")).find(|root| {
        line.match_indices(root).any(|(at, _)| {
            // `docs/work/` is a path of the project, and `example.org/home/` an address.
            let before = line[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || ['.', '_', '-', '}', ')'].contains(&c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_below_a_home_is_found_and_a_relative_one_is_not() {
        let home = format!("let x = \"{}{}ada/x\";", ROOTS[0].0, ROOTS[0].1);
        let tree = Tree::of(&[("a.rs", &format!("\n{home}\n")), ("b.md", "docs/work/x and ~/x")]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].file.as_str(), findings[0].line), ("a.rs", 2));
    }
}
