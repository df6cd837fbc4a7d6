//! What the compiler does not check: the house's plan, its frozen parts and its prose.
//!
//! A rule is one file with a pure function from the tree (and the crates) to findings.

mod arrows;
mod crate_docs;
mod crates;
mod layout;
mod limits;
mod links;
mod lints;
mod paths;
mod rooms;
mod shown;
mod size;
mod spec;
mod tree;
mod unsafety;
pub(crate) mod wit;

use std::fmt;

use anyhow::Result;

use crate::workspace::Workspace;
use crates::Crate;
pub(crate) use tree::Tree;

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    file: String,
    /// From 1; 0 where it is about the file as a whole.
    line: usize,
    rule: &'static str,
    what: String,
    remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, what, remedy } = self;
        match line {
            0 => write!(f, "{file}: [{rule}] {what}; {remedy}"),
            line => write!(f, "{file}:{line}: [{rule}] {what}; {remedy}"),
        }
    }
}

/// Applies every rule.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let tree = Tree::read(workspace.root())?;
    let crates = Crate::all(workspace);
    let mut findings = [
        arrows::check(&crates),
        crate_docs::check(&tree, &crates),
        layout::check(&tree, &crates),
        limits::check(&tree),
        links::check(&tree),
        lints::check(&tree, &crates),
        paths::check(&tree),
        rooms::check(&tree),
        shown::check(&tree),
        size::check(&tree),
        spec::check(&tree),
        unsafety::check(&tree, &crates),
        wit::check(&tree),
    ]
    .concat();
    findings.sort();
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let findings = check(&Workspace::load().unwrap()).unwrap();
        let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
        assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
    }

    #[test]
    fn a_finding_names_file_line_rule_and_remedy() {
        let finding = Finding {
            file: "a.rs".into(),
            line: 3,
            rule: "size",
            what: "too long".into(),
            remedy: "split it".into(),
        };
        assert_eq!(finding.to_string(), "a.rs:3: [size] too long; split it");
    }
}
