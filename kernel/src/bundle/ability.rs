//! What a component can do, in words for the person who decides on it. A component's imports are
//! all it can do, so the list is complete.

use std::collections::BTreeSet;

use super::file::Components;
use super::surface::Surface;

/// One thing a component can do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ability {
    /// The component's profile.
    pub profile: String,
    /// The interface it imports for it, such as `state-view`.
    pub interface: String,
}

const WORDS: &[(&str, &str)] = &[
    ("canvas", "draw on a surface of its own, and see how you point and type there"),
    ("clock", "read this device's clock"),
    ("event", "see each event: who made it, when they say, and what is in it"),
    ("fork-proof", "check proofs that somebody signed two histories"),
    ("hash", "compute hashes"),
    ("log", "write to this node's log"),
    ("random", "draw random numbers"),
    ("signature", "check signatures"),
    ("state", "read and change the topic's shared state"),
    ("state-view", "read the topic's shared state"),
    ("topic-info", "see who founded the topic, who its members are and who invited them"),
    ("ui", "show you a view with buttons and inputs, and know who you are"),
];

impl Ability {
    /// What it means, to be read after "it may".
    pub fn words(&self) -> String {
        let known = WORDS.iter().find(|(interface, _)| *interface == self.interface);
        known.map_or_else(|| format!("use `{}`", self.interface), |(_, words)| (*words).into())
    }

    /// Everything these components can do.
    pub(super) fn all(components: &Components) -> BTreeSet<Self> {
        let of = |(profile, bytes): (&String, &Vec<u8>)| {
            let profile = profile.clone();
            Surface::of(bytes).imports.into_iter().map(move |import| Self {
                profile: profile.clone(),
                interface: interface(&import).into(),
            })
        };
        components.iter().flat_map(of).collect()
    }
}

/// `state` of `myrhiza:kernel/state@1.0.0`; anything that is not the kernel's stays whole.
pub(super) fn interface(import: &str) -> &str {
    import
        .strip_prefix("myrhiza:kernel/")
        .and_then(|rest| rest.split_once('@'))
        .map_or(import, |(interface, _)| interface)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interface_of_the_package_has_words_and_nothing_else_has() {
        let wit = include_str!("../../../wit/kernel.wit");
        let interfaces: BTreeSet<_> = wit
            .lines()
            .filter_map(|line| line.strip_prefix("interface "))
            .map(|rest| rest.trim_end_matches([' ', '{']))
            .collect();
        assert_eq!(WORDS.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), interfaces);
    }

    #[test]
    fn interfaces_are_named_by_what_is_the_kernels() {
        assert_eq!(interface("myrhiza:kernel/state-view@1.0.0"), "state-view");
        assert_eq!(interface("wasi:cli/stdout@0.2.0"), "wasi:cli/stdout@0.2.0");
    }
}
