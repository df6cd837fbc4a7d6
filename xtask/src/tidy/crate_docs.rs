//! Every crate says at its root, in a sentence, what it is.

use super::crates::Crate;
use super::{Finding, Tree};

pub(super) fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let roots = crates.iter().flat_map(|krate| &krate.roots);
    roots
        .filter(|root| !tree.texts.get(*root).is_some_and(|text| begins_with_a_sentence(text)))
        .map(|root| Finding {
            file: root.clone(),
            line: 1,
            rule: "crate-docs",
            what: "the crate's documentation does not begin with a sentence".into(),
            remedy: "begin the file with `//! What it is.`".into(),
        })
        .collect()
}

fn begins_with_a_sentence(text: &str) -> bool {
    let lines = text.lines().skip_while(|line| line.starts_with("#!") || line.trim().is_empty());
    let paragraph: Vec<&str> = lines
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let paragraph = paragraph.join(" ");
    paragraph.starts_with(|c: char| c.is_uppercase() || c == '`')
        && paragraph.ends_with(['.', ':', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_a_first_sentence_is_found() {
        for bad in ["", "fn main() {}", "//! stuff", "//! Things", "// Not documentation."] {
            let tree = Tree::of(&[("kernel/src/lib.rs", bad)]);
            assert_eq!(check(&tree, &[Crate::at("kernel", &[])]).len(), 1, "{bad:?}");
        }
    }

    #[test]
    fn a_sentence_over_two_lines_passes() {
        let text = "#![no_std]\n//! The kernel folds\n//! events.\n//!\n//! more\n";
        let tree = Tree::of(&[("kernel/src/lib.rs", text)]);
        assert_eq!(check(&tree, &[Crate::at("kernel", &[])]), []);
    }
}
