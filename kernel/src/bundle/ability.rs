//! What a component can do, in words for the person who decides on it. A component's imports are
//! all it can do, so the list is complete.

use std::collections::BTreeSet;

use super::capability::Capabilities;
use super::file::Components;
use super::surface::Surface;

/// One thing a component can do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ability {
    /// The component's profile.
    pub profile: String,
    /// The interface it imports for it, such as `state-view`.
    pub interface: String,
    /// What the manifest limits it to, such as origins; empty where nothing does.
    pub scopes: BTreeSet<String>,
}

const WORDS: &[(&str, &str)] = &[
    ("canvas", "draw on a surface of its own, and see how you point and type there"),
    ("clipboard-write", "put text on your clipboard, once you agree to each"),
    ("clock", "read this device's clock"),
    ("event", "see each event: who made it, when they say, and what is in it"),
    ("file-picker", "ask you for a file, which you choose"),
    ("fork-proof", "check proofs that somebody signed two histories"),
    ("hash", "compute hashes"),
    ("intent", "propose what follows from what you press or answer"),
    ("kv", "keep things of its own on this device, up to 16 MiB"),
    ("log", "write to this node's log"),
    ("navigate", "open addresses outside of it, once you agree to each"),
    ("prompt", "ask you a question after you pressed something"),
    ("push", "let a server of its author's choice wake this device, once you agree"),
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
        let words = known.map_or_else(|| format!("use `{}`", self.interface), |(_, w)| (*w).into());
        if self.scopes.is_empty() {
            return words;
        }
        let scopes: Vec<_> = self.scopes.iter().map(String::as_str).collect();
        format!("{words}: {}", scopes.join(", "))
    }

    /// Everything these components can do.
    pub(super) fn all(components: &Components, declared: &Capabilities) -> BTreeSet<Self> {
        let of = |(profile, bytes): (&String, &Vec<u8>)| {
            let profile = profile.clone();
            Surface::of(bytes).imports.into_iter().map(move |import| Self {
                profile: profile.clone(),
                interface: interface(&import).into(),
                scopes: declared.scopes(interface(&import)).map(Into::into).collect(),
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
