//! The keyspaces of a home's store, and how their keys are laid out.
//!
//! Every key that belongs to a topic starts with the topic's id, so a topic is a range. Numbers in
//! keys are big-endian, so byte order is number order. Layouts: `docs/spec/store.md`.

use myrhiza_kernel_api::Keyspace;

macro_rules! keyspaces {
    ($($(#[$doc:meta])* $name:ident = $index:literal, $text:literal;)*) => {
        $($(#[$doc])* pub const $name: Keyspace = Keyspace { index: $index, name: $text };)*
        /// Every keyspace, in order of index: what a store is opened with.
        pub const ALL: &[Keyspace] = &[$($name),*];
    };
}

keyspaces! {
    /// Facts about the home itself.
    HOME = 0, "home";
    /// topic → its record: genesis, bundle, tip, counts, roots.
    TOPICS = 1, "topics";
    /// topic ‖ epoch ‖ height ‖ id → signed event, in canonical order.
    LOG = 2, "log";
    /// topic ‖ id → epoch ‖ height ‖ seq ‖ scope ‖ kind ‖ the event that introduces its scope on its chain.
    IDS = 3, "ids";
    /// topic ‖ scope ‖ seq ‖ id → nothing: each scope's chain, forks side by side.
    CHAINS = 4, "chains";
    /// topic ‖ epoch ‖ height ‖ id → nothing: events no other event names.
    HEADS = 5, "heads";
    /// topic ‖ id → arrival ‖ an event that waits for a parent; topic → how many and how much.
    PENDING = 6, "pending";
    /// topic ‖ missing id ‖ waiting id → nothing.
    WAITING = 7, "waiting";
    /// topic ‖ scope → id ‖ id: two events its author made with one number.
    FORKS = 8, "forks";
    /// topic ‖ epoch ‖ height ‖ id → verdict, reason, fuel.
    VERDICTS = 9, "verdicts";
    /// topic ‖ epoch ‖ height ‖ id ‖ row number → what the event's writes replaced.
    UNDO = 10, "undo";
    /// topic ‖ side (0 kernel, 1 guest) ‖ key → value.
    STATE = 11, "state";
    /// topic ‖ trie record address → record of the trie over the state.
    STATE_TRIE = 12, "state-trie";
    /// topic ‖ trie record address → record of the trie over the log.
    LOG_TRIE = 13, "log-trie";
    /// bundle id ‖ row → installed bundle, in rows of 1 MiB.
    BUNDLES = 14, "bundles";
    /// topic ‖ arrival → id of the pending event that arrived then: the oldest is evicted first.
    ARRIVALS = 15, "arrivals";
    /// topic ‖ epoch ‖ height ‖ id → nothing: the `revoke` and `remove` events, which cut.
    CUTS = 16, "cuts";
    /// topic ‖ scope ‖ epoch ‖ height ‖ id → seq ‖ id of the last event below it on its chain: the events
    /// that introduce a scope.
    ENTRIES = 17, "entries";
    /// topic ‖ epoch ‖ height ‖ id → nothing: the `upgrade` events.
    UPGRADES = 18, "upgrades";
    /// topic ‖ key of a peer → when it was last told of ‖ its addresses.
    PEERS = 19, "peers";
    /// bundle id ‖ row → bundle a peer gave, to be agreed to, in rows of 1 MiB.
    OFFERS = 20, "offers";
    /// topic ‖ count → the anchor after so many events.
    ANCHORS = 21, "anchors";
    /// topic ‖ scope → the last vote of that scope.
    VOTES = 22, "votes";
    /// topic ‖ scope ‖ count → a report of drift.
    DRIFT = 23, "drift";
    /// bundle id ‖ row → bundle that this home's person has published, in rows of 1 MiB.
    PUBLISHED = 24, "published";
    /// topic ‖ id of a cutting event ‖ invitation → nothing: the invitations it cuts; and behind each
    /// ‖ acceptor → nothing: who accepted it and stands.
    CUT_INVITATIONS = 25, "cut-invitations";
    /// topic ‖ waiting id → how many of what it names are missing.
    MISSING = 26, "missing";
    /// lineage ‖ 0 → bytes kept; lineage ‖ 1 ‖ key → value: what apps keep in this home alone.
    KV = 27, "kv";
}

#[cfg(test)]
mod tests {
    #[test]
    fn indices_are_positions_and_names_are_unique() {
        let names: std::collections::BTreeSet<_> = super::ALL.iter().map(|k| k.name).collect();
        assert_eq!(names.len(), super::ALL.len());
        assert!(super::ALL.iter().enumerate().all(|(i, k)| usize::from(k.index) == i));
    }
}
