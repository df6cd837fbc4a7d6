//! Who may depend on whom: the arrows of the architecture, and no others.

use super::Finding;
use super::crates::Crate;

/// What every host offers its user: a part of each host, and no host.
const API: &str = "hosts/api";

pub(super) fn check(crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for krate in crates {
        for dependency in &krate.dependencies {
            let to = &dependency.folder;
            // Conformance kits are run by what they test, and the kernel's tests need a store and a
            // transport.
            let for_tests = dependency.dev
                && (room(to) == "tests"
                    || matches!(to.as_str(), "stores/memory" | "transports/memory")
                    // What every host offers is tried over a home with profiles.
                    || (krate.folder == API && room(to) == "profiles"));
            if !for_tests && !may(&krate.folder, to) {
                findings.push(Finding {
                    file: krate.manifest(),
                    line: 0,
                    rule: "arrows",
                    what: format!("{} depends on {to}", krate.folder),
                    remedy: format!("{} may depend on {}", krate.folder, permitted(&krate.folder)),
                });
            }
        }
    }
    findings
}

fn room(folder: &str) -> &str {
    folder.split('/').next().unwrap_or(folder)
}

/// Whether the crate in folder `from` may use the one in `to`.
fn may(from: &str, to: &str) -> bool {
    match room(from) {
        "kernel" | "backends" | "transports" | "stores" | "profiles" => to == "kernel-api",
        "sdk" => from == "sdk" && to == "sdk/macros",
        "apps" | "modules" => {
            let own_rules = from.rsplit_once('/').map(|(app, _)| format!("{app}/rules"));
            to == "sdk" || (own_rules.as_deref() == Some(to) && from != to)
        }
        "hosts" if from == API => matches!(to, "kernel" | "kernel-api"),
        "hosts" => to == API || !matches!(room(to), "hosts" | "xtask"),
        "tests" => room(to) != "xtask",
        // kernel-api, xtask and whatever has no place in the plan.
        _ => false,
    }
}

/// The same in words.
fn permitted(from: &str) -> &'static str {
    match room(from) {
        "kernel" | "backends" | "transports" | "stores" | "profiles" => "kernel-api alone",
        "sdk" => "sdk/macros alone",
        "apps" | "modules" => "sdk and the rules beside it",
        "hosts" if from == API => "kernel and kernel-api",
        "hosts" => "anything but other hosts and xtask",
        "tests" => "anything but xtask",
        _ => "none of ours",
    }
}

#[cfg(test)]
mod tests {
    use super::super::crates::Dependency;
    use super::*;

    #[test]
    fn the_drawn_arrows_pass() {
        let crates = [
            Crate::at("kernel-api", &[]),
            Crate::at("kernel", &["kernel-api"]),
            Crate::at("stores/lmdb", &["kernel-api"]),
            Crate::at("transports/iroh", &["kernel-api"]),
            Crate::at("sdk", &["sdk/macros"]),
            Crate::at("apps/poll/rules", &["sdk"]),
            Crate::at("apps/poll/state-apply", &["sdk", "apps/poll/rules"]),
            Crate::at(
                "hosts/native",
                &["kernel", "kernel-api", "stores/lmdb", "backends/wasmtime"],
            ),
            Crate::at("hosts/native", &["hosts/api"]),
            Crate::at("hosts/api", &["kernel", "kernel-api"]),
            Crate::at("tests/e2e", &["hosts/native", "kernel"]),
        ];
        assert_eq!(check(&crates), []);
    }

    #[test]
    fn each_arrow_that_is_not_drawn_is_found() {
        for (from, to) in [
            ("kernel-api", "kernel"),
            ("kernel", "stores/memory"),
            ("stores/lmdb", "kernel"),
            ("stores/lmdb", "stores/memory"),
            ("transports/iroh", "transports/memory"),
            ("sdk", "kernel-api"),
            ("sdk/macros", "sdk"),
            ("apps/poll/rules", "apps/counter/rules"),
            ("apps/poll/interaction", "apps/poll/state-apply"),
            ("apps/poll/rules", "kernel-api"),
            ("hosts/native", "hosts/sim"),
            ("hosts/api", "hosts/native"),
            ("hosts/api", "stores/lmdb"),
            ("xtask", "kernel-api"),
            ("tests/e2e", "xtask"),
        ] {
            let findings = check(&[Crate::at(from, &[to])]);
            assert_eq!(findings.len(), 1, "{from} -> {to}");
            assert!(findings[0].what.contains(to));
        }
    }

    #[test]
    fn only_tests_of_a_plug_in_use_its_kit() {
        let mut store = Crate::at("stores/lmdb", &[]);
        store.dependencies.push(Dependency { folder: "tests/store-kit".into(), dev: true });
        assert_eq!(check(std::slice::from_ref(&store)), []);
        store.dependencies[0].dev = false;
        assert_eq!(check(&[store]).len(), 1);
    }
}
