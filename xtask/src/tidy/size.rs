//! A file is one idea and fits in the head.

use super::{Finding, Tree};

const LINES: usize = 500;
const WRITTEN_BY_HAND: [&str; 9] =
    [".rs", ".md", ".wit", ".toml", ".sh", ".js", ".mjs", ".css", ".html"];
/// Files that are one long idea, and which.
const ALLOWED: [(&str, &str); 0] = [];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(&WRITTEN_BY_HAND)
        .filter(|(path, _)| !ALLOWED.iter().any(|(allowed, _)| allowed == path))
        .filter(|(_, text)| text.lines().count() > LINES)
        .map(|(path, text)| Finding {
            file: path.to_owned(),
            line: LINES + 1,
            rule: "size",
            what: format!("{} lines, more than {LINES}", text.lines().count()),
            remedy: "split it by idea, or give it a place and a reason in tidy's list".into(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found_and_long_data_is_not() {
        let long = "x\n".repeat(LINES + 1);
        let short = "x\n".repeat(LINES);
        let tree = Tree::of(&[("a.rs", &long), ("b.rs", &short), ("c.json", &long)]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].file, "a.rs");
    }
}
