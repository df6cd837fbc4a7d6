//! Every hash of the protocol: BLAKE3 `derive_key`, with a context of its own for each use.
//!
//! A hash made for one use can then never be passed off as one of another, whatever bytes went in.

use std::sync::LazyLock;

use blake3::hazmat::{ContextKey, HasherExt, hash_derive_key_context};
use myrhiza_kernel_api::Hash;

macro_rules! contexts {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What a hash is made for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Context {
            $($(#[$doc])* $name,)*
        }

        impl Context {
            /// Every context, in order of declaration.
            pub const ALL: &[Context] = &[$(Context::$name),*];

            /// The `derive_key` context string.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Context::$name => $text,)*
                }
            }
        }
    };
}

contexts! {
    /// Identity of an event, over its body.
    EventId = "myrhiza v1 event id";
    /// What a scope signs for an event, over the event's id.
    EventSignature = "myrhiza v1 event signature";
    /// What a person signs to certify a scope, over the certificate's statement.
    CertificateSignature = "myrhiza v1 certificate signature";
    /// What a device signs to be certified, over its request's statement.
    DeviceRequestSignature = "myrhiza v1 device request signature";
    /// Checksum of the text of a device's request and of its answer, over that.
    DeviceChecksum = "myrhiza v1 device checksum";
    /// What a scope signs to invite, over the invitation's statement.
    InvitationSignature = "myrhiza v1 invitation signature";
    /// What an invitation's one-time secret signs, over topic and accepting scope.
    AcceptanceSignature = "myrhiza v1 acceptance signature";
    /// What a person signs to revoke their scopes, over the revocation's statement.
    RevocationSignature = "myrhiza v1 revocation signature";
    /// Checksum of a ticket's text, over the ticket.
    TicketChecksum = "myrhiza v1 ticket checksum";
    /// Identity of a bundle, over its canonical manifest and component hashes.
    BundleId = "myrhiza v1 bundle id";
    /// What an author signs for a bundle, over the bundle's id.
    BundleSignature = "myrhiza v1 bundle signature";
    /// What an app's author signs to hand it over, over the app's lineage and the next author's key.
    HandOverSignature = "myrhiza v1 hand-over signature";
    /// What an author signs to withdraw a bundle, over the withdrawal's statement.
    WithdrawalSignature = "myrhiza v1 withdrawal signature";
    /// Seed of the key, which everybody can know, that founds an author's topic, over the author's key.
    AuthorTopic = "myrhiza v1 author topic";
    /// Integrity of a manifest in a packed bundle, over its canonical form.
    ManifestHash = "myrhiza v1 manifest hash";
    /// Identity of a component, over its bytes.
    ComponentId = "myrhiza v1 component id";
    /// Identity of an app through its versions, over its name for itself and its author.
    LineageId = "myrhiza v1 lineage id";
    /// Seal of a chunk of an exported topic, over the seal before it and the chunk.
    ExportSeal = "myrhiza v1 export seal";
    /// Place of a state key in the state trie, over the key.
    StatePath = "myrhiza v1 state path";
    /// Leaf of the state trie, over key and value.
    StateLeaf = "myrhiza v1 state leaf";
    /// Leaf of the log trie, over height and event id.
    LogLeaf = "myrhiza v1 log leaf";
    /// Inner record of a trie.
    TrieInner = "myrhiza v1 trie inner";
    /// Bucket record of a trie.
    TrieBucket = "myrhiza v1 trie bucket";
    /// What stands for a topic between two peers on one connection, over [`crate::sync::Transcript`].
    SyncTag = "myrhiza v1 sync tag";
    /// What a scope signs to be served, over [`crate::sync::Transcript`].
    SyncMemberSignature = "myrhiza v1 sync member signature";
    /// What an invitation's one-time secret signs to be served, over [`crate::sync::Transcript`].
    SyncInvitedSignature = "myrhiza v1 sync invited signature";
    /// Seed of a home's transport key, over that of its scope.
    TransportSeed = "myrhiza v1 transport seed";
    /// The cuts in force, over each cut's event and authority.
    DriftCuts = "myrhiza v1 drift cuts";
    /// What an event wrote, over its place and its writes.
    DriftWrites = "myrhiza v1 drift writes";
    /// What the events up to a position wrote, over that of the position before and the last event's.
    DriftPosition = "myrhiza v1 drift position";
    /// What a scope signs to vote, over the vote's statement.
    DriftVoteSignature = "myrhiza v1 drift vote signature";
}

/// Deriving the key from the context costs a compression, so it is done once for each.
static KEYS: LazyLock<Vec<ContextKey>> = LazyLock::new(|| {
    Context::ALL.iter().map(|context| hash_derive_key_context(context.text())).collect()
});

/// The hash, for one use, of the parts one after another.
///
/// Parts are concatenated as they are: where more than one has no fixed size, the caller writes
/// the length before it.
pub fn derive(context: Context, parts: &[&[u8]]) -> Hash {
    let mut hasher = blake3::Hasher::new_from_context_key(&KEYS[context as usize]);
    parts.iter().for_each(|part| {
        hasher.update(part);
    });
    Hash(*hasher.finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_strings_are_pinned() {
        let texts: Vec<_> = Context::ALL.iter().map(|context| context.text()).collect();
        let pinned = [
            "myrhiza v1 event id",
            "myrhiza v1 event signature",
            "myrhiza v1 certificate signature",
            "myrhiza v1 device request signature",
            "myrhiza v1 device checksum",
            "myrhiza v1 invitation signature",
            "myrhiza v1 acceptance signature",
            "myrhiza v1 revocation signature",
            "myrhiza v1 ticket checksum",
            "myrhiza v1 bundle id",
            "myrhiza v1 bundle signature",
            "myrhiza v1 hand-over signature",
            "myrhiza v1 withdrawal signature",
            "myrhiza v1 author topic",
            "myrhiza v1 manifest hash",
            "myrhiza v1 component id",
            "myrhiza v1 lineage id",
            "myrhiza v1 export seal",
            "myrhiza v1 state path",
            "myrhiza v1 state leaf",
            "myrhiza v1 log leaf",
            "myrhiza v1 trie inner",
            "myrhiza v1 trie bucket",
            "myrhiza v1 sync tag",
            "myrhiza v1 sync member signature",
            "myrhiza v1 sync invited signature",
            "myrhiza v1 transport seed",
            "myrhiza v1 drift cuts",
            "myrhiza v1 drift writes",
            "myrhiza v1 drift position",
            "myrhiza v1 drift vote signature",
        ];
        assert_eq!(texts, pinned, "a context string is part of the protocol");
        let unique: std::collections::BTreeSet<_> = texts.iter().collect();
        assert_eq!(unique.len(), texts.len(), "two uses must not share a context");
    }

    #[test]
    fn derive_is_blake3_derive_key_of_the_concatenation() {
        for context in Context::ALL {
            let want = blake3::derive_key(context.text(), b"one two");
            assert_eq!(derive(*context, &[b"one", b" ", b"two"]), Hash(want));
        }
    }
}
