//! What was checked, and how it is told.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

/// Everything that was checked. Serialises as the demo's result.
#[derive(Serialize)]
pub(super) struct Checks {
    ok: bool,
    checks: Vec<Check>,
    /// By app, one for each home.
    roots: BTreeMap<String, Vec<String>>,
    /// The same by app, by home.
    homes: BTreeMap<String, BTreeMap<&'static str, String>>,
    #[serde(skip)]
    json: bool,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

impl Checks {
    pub(super) fn new(json: bool) -> Self {
        let (roots, homes) = (BTreeMap::new(), BTreeMap::new());
        Self { ok: true, checks: Vec::new(), roots, homes, json }
    }

    /// Notes whether something holds.
    pub(super) fn check(&mut self, name: &'static str, ok: bool, detail: impl Into<String>) {
        let detail = detail.into();
        if !self.json {
            println!("{} {name}: {detail}", if ok { "ok " } else { "BAD" });
        }
        self.ok &= ok;
        self.checks.push(Check { name, ok, detail });
    }

    /// Notes the roots of an app's topic, each with the home it is of, and whether they are equal.
    pub(super) fn roots(
        &mut self,
        app: &str,
        name: &'static str,
        roots: Vec<(&'static str, String)>,
    ) {
        let equal = roots.windows(2).all(|pair| pair[0].1 == pair[1].1) && !roots.is_empty();
        let told: Vec<_> = roots.iter().map(|(home, root)| format!("{home} {root}")).collect();
        self.check(name, equal, told.join(" and "));
        self.roots.insert(app.into(), roots.iter().map(|(_, root)| root.clone()).collect());
        self.homes.insert(app.into(), roots.into_iter().collect());
    }

    pub(super) fn ok(&self) -> bool {
        self.ok
    }

    pub(super) fn print(&self) -> Result<()> {
        if self.json {
            println!("{}", serde_json::to_string(self)?);
        } else {
            let held = self.checks.iter().filter(|check| check.ok).count();
            println!("{held} of {} checks hold", self.checks.len());
        }
        Ok(())
    }
}
