//! Every rule of the specification is named by a test, and what tests name is there.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Tree};

const SPEC: &str = "docs/spec/";
const CODE: [&str; 3] = [".rs", ".mjs", ".ts"];
/// What else looks like an id in the code of this rule.
const HERE: &str = "xtask/src/tidy/spec.rs";

/// A page's word and a number, as in `[BUNDLE-3]`.
type Id = (String, u32);

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let (mut stated, mut named) = (BTreeMap::new(), BTreeMap::new());
    for (path, text) in tree.ending(&[".md"]).filter(|(path, _)| path.starts_with(SPEC)) {
        for (at, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with('#')) {
            stated.extend(ids(line).into_iter().map(|(_, id)| (id, (path.to_owned(), at + 1))));
        }
    }
    for (path, text) in tree.ending(&CODE).filter(|(path, _)| *path != HERE) {
        for (at, line) in text.lines().enumerate() {
            let place = (path.to_owned(), at + 1);
            named.extend(with_ranges(line).into_iter().map(|id| (id, place.clone())));
        }
    }
    let of_spec: BTreeSet<_> = stated.keys().map(|(word, _)| word.clone()).collect();
    let unnamed = stated.iter().filter(|(id, _)| !named.contains_key(*id)).map(|(id, place)| {
        let remedy = "name it in a comment of the test that covers it".into();
        finding(place, format!("no test names [{}-{}]", id.0, id.1), remedy)
    });
    let unstated = named.iter().filter(|((word, number), _)| {
        of_spec.contains(word) && !stated.contains_key(&(word.clone(), *number))
    });
    let unstated = unstated.map(|((word, number), place)| {
        let remedy = format!("correct the id, or restore its heading in {SPEC}");
        finding(place, format!("the specification has no [{word}-{number}]"), remedy)
    });
    unnamed.chain(unstated).collect()
}

fn finding((file, line): &(String, usize), what: String, remedy: String) -> Finding {
    Finding { file: file.clone(), line: *line, rule: "spec", what, remedy }
}

/// The ids of a line, with where each ends.
fn ids(line: &str) -> Vec<(usize, Id)> {
    let mut found = Vec::new();
    for (start, _) in line.match_indices('[') {
        let rest = &line[start + 1..];
        let Some(end) = rest.find(']') else { break };
        if let Some((word, number)) = rest[..end].split_once('-')
            && !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_uppercase())
            && let Ok(number) = number.parse()
        {
            found.push((start + 1 + end + 1, (word.to_owned(), number)));
        }
    }
    found
}

/// The same, and those between two of them that are told as `[A-1] to [A-3]`.
fn with_ranges(line: &str) -> Vec<Id> {
    let found = ids(line);
    let mut all: Vec<_> = found.iter().map(|(_, id)| id.clone()).collect();
    for pair in found.windows(2) {
        let [(end, (word, from)), (_, (other, to))] = pair else { continue };
        if word == other && line[*end..].starts_with(" to [") {
            all.extend((*from..*to).map(|number| (word.clone(), number)));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "# Page\n\n## One [PAGE-1]\n\nAs in [PAGE-9].\n\n## Two [PAGE-2]\n\n## Three [PAGE-3]\n";

    fn whats(code: &str) -> Vec<String> {
        let findings = check(&Tree::of(&[("docs/spec/page.md", PAGE), ("a/src/lib.rs", code)]));
        findings.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn what_tests_name_one_by_one_or_as_a_range_is_what_is_stated() {
        assert!(whats("/// [PAGE-1] [PAGE-2] and [PAGE-3], which [`Other`] is not\n").is_empty());
        assert!(whats("//! [PAGE-1] to [PAGE-3]: all of it; [OTHER-7] is no page's\n").is_empty());
        assert_eq!(whats("// [PAGE-1], [PAGE-3]\n"), ["no test names [PAGE-2]"]);
        let more = whats("// [PAGE-1] to [PAGE-4]\n");
        assert_eq!(more, ["the specification has no [PAGE-4]"]);
    }
}
