//! `log`, `hash`, `signature`, `fork-proof` and `topic-info`, alike in every profile.

use super::{fixed, kernel};
use crate::context::{Context, Level};
use crate::id::{Hash, Person, Scope, TopicId};

/// Implemented by what stands for the kernel in each profile.
pub(super) trait Kernel {}

impl<T: Kernel> Context for T {
    fn log(&self, level: Level, message: &str) {
        kernel::log::write(level as u32, message.as_bytes());
    }
    fn hash(&self, data: &[u8]) -> Hash {
        Hash(fixed(kernel::hash::blake3(data)))
    }
    fn verify(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        kernel::signature::verify(key, message, signature)
    }
    fn fork_proof(&self, proof: &[u8]) -> Option<Scope> {
        kernel::fork_proof::verify(proof).map(|scope| Scope(fixed(scope)))
    }
    fn topic(&self) -> TopicId {
        TopicId(fixed(kernel::topic_info::topic()))
    }
    fn founder(&self) -> Person {
        Person(fixed(kernel::topic_info::founder()))
    }
    fn generation(&self) -> u32 {
        kernel::topic_info::generation()
    }
    fn inviter(&self, person: &Person) -> Option<Person> {
        kernel::topic_info::member(&person.0).map(|inviter| Person(fixed(inviter)))
    }
    fn members(&self, after: Option<&Person>, limit: u32) -> Vec<(Person, Person)> {
        let after = after.map_or(&[][..], |person| &person.0);
        let members = kernel::topic_info::members(after, limit);
        let (pairs, _) = members.as_chunks::<32>().0.as_chunks();
        pairs.iter().map(|[person, inviter]| (Person(*person), Person(*inviter))).collect()
    }
}
