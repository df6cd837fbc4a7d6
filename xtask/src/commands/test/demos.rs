//! The demo, told by real processes: as a newcomer runs it, and over a store from outside.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::super::native::{self, Profile};
use crate::workspace::Workspace;

/// Builds of the command, and the store that keeps the homes.
const DEMOS: [(&str, &str); 2] = [(native::COMMAND, "lmdb"), ("myrhiza-redb", "redb")];

/// Tells it with the page of a browser's home, or without a browser where there is none.
pub(super) fn run(workspace: &Workspace, page: Option<&Path>) -> Result<()> {
    let homes = if page.is_some() { 3 } else { 2 };
    for (program, store) in DEMOS {
        let command = native::program(workspace, program, Profile::Dev)?;
        eprintln!("test: the demo over {store}");
        let mut demo = Command::new(std::env::current_exe().context("finding this program")?);
        demo.args(["demo", "--json", "--store", store, "--myrhiza"]).arg(command);
        match page {
            Some(page) => demo.arg("--page").arg(page),
            None => demo.arg("--without-browser"),
        };
        demo.env("CARGO_TARGET_DIR", workspace.target());
        let output = demo.stderr(Stdio::inherit()).output()?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let held = serde_json::from_str(&printed)
            .context("the demo printed no JSON")
            .and_then(|told| holds(&told, store, homes))
            .with_context(|| format!("the demo over {store} printed {printed:?}"))?;
        if !output.status.success() {
            bail!("the demo over {store} says that all is well and ended with {}", output.status);
        }
        eprintln!("test: {held} checks of the demo over {store} hold");
    }
    Ok(())
}

/// How many checks held: all of them, over that store, with so many equal roots for each app, each of a
/// home of its own.
fn holds(told: &Value, store: &str, homes: usize) -> Result<usize> {
    let checks = told["checks"].as_array().context("it has no checks")?;
    let failed: Vec<_> = checks.iter().filter(|check| check["ok"] != true).collect();
    ensure!(failed.is_empty(), "not everything held: {failed:?}");
    ensure!(told["ok"] == true, "every check held, and it is not ok");
    let kept = format!("`{store}`");
    let named = |check: &Value| check["detail"].as_str().is_some_and(|text| text.contains(&kept));
    ensure!(checks.iter().any(named), "no check says that {store} keeps the homes");
    for app in ["counter", "poll"] {
        let roots = told["roots"][app].as_array().map(Vec::as_slice).unwrap_or_default();
        let equal = roots.iter().all(|root| root.is_string() && *root == roots[0]);
        ensure!(equal && roots.len() == homes, "the roots of the {app} are {roots:?}");
        let named = told["homes"][app].as_object();
        let named: Vec<_> = named.into_iter().flat_map(|homes| homes.values()).collect();
        let same = named.iter().all(|root| **root == roots[0]);
        ensure!(same && named.len() == homes, "by home, the roots of the {app} are {named:?}");
    }
    Ok(checks.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_demo_holds_if_every_check_does_and_the_roots_are_equal() {
        let told = json!({
            "ok": true,
            "checks": [{"name": "two homes", "ok": true, "detail": "kept by `redb`"}],
            "roots": {"counter": ["aa", "aa", "aa"], "poll": ["bb", "bb", "bb"]},
            "homes": {
                "counter": {"alice": "aa", "bob": "aa", "browser": "aa"},
                "poll": {"alice": "bb", "bob": "bb", "browser": "bb"},
            },
        });
        assert_eq!(holds(&told, "redb", 3).unwrap(), 1);
        assert!(holds(&told, "lmdb", 3).is_err());
        assert!(holds(&told, "redb", 2).is_err(), "a home that takes no part is not counted");
        for (pointer, wrong) in [
            ("/ok", json!(false)),
            ("/checks/0/ok", json!(false)),
            ("/roots/poll/2", json!("cc")),
            ("/roots/poll", json!([null, null, null])),
            ("/roots/counter", json!(["aa", "aa"])),
            ("/roots", json!({})),
            ("/homes/poll/browser", json!("cc")),
            ("/homes/counter", json!({"alice": "aa", "bob": "aa"})),
            ("/homes", json!({})),
        ] {
            let mut told = told.clone();
            *told.pointer_mut(pointer).unwrap() = wrong;
            assert!(holds(&told, "redb", 3).is_err(), "{pointer}");
        }
    }
}
