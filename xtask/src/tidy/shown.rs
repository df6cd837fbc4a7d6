//! Where prose names the tests that show a thing, the tests are there.

use super::links::resolve;
use super::{Finding, Tree};

/// The page whose tables name tests: after each link to a file, functions of it in backticks.
const PAGE: &str = "docs/hostile-peers.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let text = tree.texts.get(PAGE).map_or("", String::as_str);
    for (at, line) in text.lines().enumerate() {
        for (file, name) in named(line) {
            let found = resolve(PAGE, file).and_then(|file| tree.texts.get(&file));
            let there = found.is_some_and(|text| text.contains(&format!("fn {name}(")));
            if !there {
                findings.push(Finding {
                    file: PAGE.into(),
                    line: at + 1,
                    rule: "shown",
                    what: format!("{file} has no test {name}"),
                    remedy: "name the test that shows it now, or write one".into(),
                });
            }
        }
    }
    findings
}

/// The files that a line links to, each with the names in backticks that follow.
fn named(line: &str) -> Vec<(&str, &str)> {
    let (mut found, mut file) = (Vec::new(), None);
    let mut rest = line;
    while let Some(at) = rest.find(['(', '`']) {
        let (open, after) = rest[at..].split_at(1);
        let close = if open == "(" { ')' } else { '`' };
        let Some(end) = after.find(close) else { break };
        let inside = &after[..end];
        match (open, file) {
            ("(", _) if inside.ends_with(".rs") => file = Some(inside),
            ("`", Some(file)) if is_name(inside) => found.push((file, inside)),
            _ => {}
        }
        rest = &after[end + 1..];
    }
    found
}

fn is_name(text: &str) -> bool {
    text.contains('_')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_is_not_there_is_found() {
        let page = "| a | [`one.rs`](../a/one.rs) `is_there`, `is_gone` | of `limits` |\n\n\
                    | b | [`two.rs`](../a/two.rs) `is_there` |\n";
        let tree = Tree::of(&[(PAGE, page), ("a/one.rs", "#[test]\nfn is_there() {}\n")]);
        let lines: Vec<_> = check(&tree).into_iter().map(|f| (f.line, f.what)).collect();
        let gone = |file: &str, name: &str| format!("../a/{file}.rs has no test {name}");
        assert_eq!(lines, [(1, gone("one", "is_gone")), (3, gone("two", "is_there"))]);
    }
}
