//! Links in prose lead somewhere: the file is there, and so is the heading.

use super::{Finding, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending(&[".md"]) {
        for (line, target) in links(text) {
            if let Some(what) = broken(tree, path, &target) {
                findings.push(Finding {
                    file: path.to_owned(),
                    line,
                    rule: "links",
                    what,
                    remedy: "correct the link, or restore what it named".into(),
                });
            }
        }
    }
    findings
}

/// What is wrong with a link from the file `from`, if anything is.
fn broken(tree: &Tree, from: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let Some(file) = resolve(from, file) else {
        return Some(format!("{target} leads out of the project"));
    };
    if !file.is_empty() && !tree.paths.contains(&file) {
        return Some(format!("there is no {file}"));
    }
    let text = tree.texts.get(&file)?;
    let found = anchor.is_empty() || anchors(text).iter().any(|there| there == anchor);
    (!found).then(|| format!("{file} has no heading #{anchor}"))
}

/// The path a link means, relative to the root.
pub(super) fn resolve(from: &str, link: &str) -> Option<String> {
    if link.is_empty() {
        return Some(from.to_owned());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Line and target of each link: inline `[text](target)` and definitions `[name]: target`.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (line, text) in prose(text) {
        let mut rest = text.as_str();
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let end = rest.find([')', ' ']).unwrap_or(rest.len());
            links.push((line, rest[..end].to_owned()));
        }
        let definition = text.trim_start().strip_prefix('[').and_then(|text| text.split_once("]:"));
        if let Some((_, target)) = definition {
            links.extend(target.split_whitespace().next().map(|target| (line, target.to_owned())));
        }
    }
    links
}

/// The lines that are neither in a fence nor code, numbered from 1.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            // Every second piece is between backticks.
            let outside: Vec<&str> = line.split('`').step_by(2).collect();
            lines.push((at + 1, outside.join("")));
        }
    }
    lines
}

/// The names that can follow `#`: of headings as GitHub makes them, `{#id}` and `<a id="…">`.
fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for (_, rest) in
            line.match_indices("id=\"").map(|(at, found)| (at, &line[at + found.len()..]))
        {
            anchors.extend(rest.split_once('"').map(|(id, _)| id.to_owned()));
        }
        let Some(heading) = line.strip_prefix('#') else { continue };
        let heading = heading.trim_start_matches('#').trim();
        let (title, id) = match heading.split_once("{#") {
            Some((title, id)) => (title.trim(), id.strip_suffix('}')),
            None => (heading, None),
        };
        anchors.extend(id.map(str::to_owned));
        let slug = slug(title);
        let earlier = anchors.iter().filter(|anchor| **anchor == slug).count();
        anchors.push(if earlier == 0 { slug } else { format!("{slug}-{earlier}") });
    }
    anchors
}

fn slug(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<usize> {
        let other = "# Big `Words`, here\n## With id {#chosen}\n<a id=\"raw\"></a>\n";
        let tree = Tree::of(&[("docs/guide/a.md", text), ("docs/spec/b.md", other)]);
        check(&tree).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let text = "# A\n[b](../spec/b.md) [h](../spec/b.md#big-words-here)\n\
                    [i](../spec/b.md#chosen) [r](../spec/b.md#raw) [self](#a) [folder](../spec)\n\
                    [web](https://example.org/x)\n[ref]: ../spec/b.md\n`[code](nowhere)`\n\
                    ```\n[fenced](nowhere)\n```\n";
        assert!(findings(text).is_empty());
    }

    #[test]
    fn a_missing_file_heading_and_definition_are_found() {
        let text = "[b](b.md)\n[h](../spec/b.md#nothing)\n[ref]: gone.md\n[out](../../../x.md)\n";
        assert_eq!(findings(text), [1, 2, 3, 4]);
    }
}
