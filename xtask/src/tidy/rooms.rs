//! The kernel's rooms: data flows one way through them, so each knows those before it, and no other.

use super::{Finding, Tree};

/// Where the rooms are.
const KERNEL: &str = "kernel/src/";
/// In the order in which data goes through them.
const ROOMS: [&str; 22] = [
    "codec",
    "clock",
    "magic",
    "hash",
    "armour",
    "peer",
    "schema",
    "identity",
    "state",
    "fault",
    "order",
    "component",
    "bundle",
    "event",
    "dag",
    "apply",
    "export",
    "sync",
    "drift",
    "runtime",
    "node",
    "lib",
];
/// What tests share, which may know every room.
const FOR_TESTS: [&str; 3] = ["testing", "vectors", "fuzz"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending(&[".rs"]) {
        let Some(room) = path.strip_prefix(KERNEL).and_then(room) else { continue };
        if FOR_TESTS.contains(&room) || path.contains("/tests") {
            continue;
        }
        let finding = |line, what, remedy: &str| Finding {
            file: path.to_owned(),
            line,
            rule: "rooms",
            what,
            remedy: remedy.into(),
        };
        let Some(own) = place(room) else {
            let what = format!("`{room}` has no place among the kernel's rooms");
            findings.push(finding(0, what, "give it one in `ROOMS`, behind all that it uses"));
            continue;
        };
        for (line, other) in used(text) {
            if place(other).is_some_and(|other| other > own) {
                let what = format!("`{room}` uses `{other}`, which comes after it");
                findings.push(finding(line, what, "move what both need to a room before both"));
            }
        }
    }
    findings
}

/// `sync/walk.rs` is of `sync`, `hash.rs` of `hash`.
fn room(path: &str) -> Option<&str> {
    let first = path.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|known| *known == room)
}

/// The rooms that a file names outside of its comments, above its tests, with the line of each.
fn used(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let above = text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
    above.filter(|(_, line)| !line.trim_start().starts_with("//")).flat_map(|(number, line)| {
        line.split("crate::").skip(1).map(move |rest| {
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            (number + 1, &rest[..end.unwrap_or(rest.len())])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        let findings = check(&Tree::of(&[(path, text)]));
        findings.into_iter().map(|finding| (finding.line, finding.what)).collect()
    }

    #[test]
    fn a_room_may_use_those_before_it_alone() {
        let used = "use crate::event::Event;\n/// [`crate::runtime::Runtime`]\nuse crate::dag::{Graph, founding};\n";
        assert_eq!(found("kernel/src/sync/walk.rs", used), []);
        let wrong = [(3, "`event` uses `dag`, which comes after it".to_owned())];
        assert_eq!(found("kernel/src/event/header.rs", used), wrong);
        assert_eq!(found("stores/lmdb/src/lib.rs", used), [], "it is of the kernel alone");
    }

    #[test]
    fn tests_may_use_what_they_like_and_every_room_has_a_place() {
        let late = "#[cfg(test)]\nmod tests {\n    use crate::node::Node;\n}\n";
        assert_eq!(found("kernel/src/hash.rs", late), []);
        assert_eq!(found("kernel/src/sync/tests/pipe.rs", "use crate::node::Node;\n"), []);
        assert_eq!(found("kernel/src/testing/world.rs", "use crate::node::Node;\n"), []);
        assert_eq!(found("kernel/src/attic/mod.rs", "")[0].0, 0);
    }
}
