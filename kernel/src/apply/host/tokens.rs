use myrhiza_kernel_api::operation::Operation;
use myrhiza_kernel_api::{TopicId, limits};

use super::Randomness;

/// The operations that one instance has open, in the order they were submitted.
///
/// A token is drawn at random, so that nobody who was not told it can answer for its operation; it is
/// good for one outcome; and what is open goes with the instance.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    open: Vec<(u64, Open)>,
}

/// An operation that waits for its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    /// The topic that was shown when it was submitted.
    pub(crate) topic: TopicId,
    pub(crate) operation: Operation,
}

impl Tokens {
    /// A token for an operation; `None` where as many are open as may be.
    pub(super) fn issue(&mut self, open: Open, random: &mut dyn Randomness) -> Option<u64> {
        if self.open.len() >= limits::OPEN_OPERATIONS {
            return None;
        }
        let mut drawn = [0; 8];
        random.fill(&mut drawn);
        let mut token = u64::from_le_bytes(drawn);
        while self.get(token).is_some() {
            token = token.wrapping_add(1);
        }
        self.open.push((token, open));
        Some(token)
    }

    /// The operation of a token, if it is open.
    pub(crate) fn get(&self, token: u64) -> Option<&Open> {
        self.open.iter().find(|(known, _)| *known == token).map(|(_, open)| open)
    }

    /// Ends a token: whoever comes with it from now on comes too late.
    pub(crate) fn spend(&mut self, token: u64) -> Option<Open> {
        let at = self.open.iter().position(|(known, _)| *known == token)?;
        Some(self.open.remove(at).1)
    }

    /// What is open, oldest first.
    pub(crate) fn all(&self) -> &[(u64, Open)] {
        &self.open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(n: u8) -> Open {
        let operation = Operation::Copy { text: n.to_string() };
        Open { topic: TopicId([n; 32]), operation }
    }

    /// Numbers one after the other, each twice.
    fn stutter() -> impl Randomness {
        let mut drawn = 0_u64;
        move |bytes: &mut [u8]| {
            bytes.copy_from_slice(&(drawn / 2).to_le_bytes());
            drawn += 1;
        }
    }

    #[test]
    fn a_token_is_good_once_and_another_is_good_for_nothing() {
        let (mut tokens, mut random) = (Tokens::default(), stutter());
        let first = tokens.issue(open(1), &mut random).unwrap();
        let second = tokens.issue(open(2), &mut random).unwrap();
        assert_ne!(first, second, "the source gave the first number again");
        assert_eq!(tokens.get(first), Some(&open(1)));
        assert_eq!(tokens.spend(first), Some(open(1)));
        assert_eq!((tokens.spend(first), tokens.get(first)), (None, None));
        assert_eq!(tokens.spend(u64::MAX), None);
        assert_eq!(tokens.all(), [(second, open(2))]);
    }

    #[test]
    fn so_many_are_open_at_once_and_a_spent_one_makes_room() {
        let (mut tokens, mut random) = (Tokens::default(), stutter());
        let issued = (0..limits::OPEN_OPERATIONS).map(|_| tokens.issue(open(1), &mut random));
        let issued: Vec<_> = issued.collect::<Option<_>>().unwrap();
        assert_eq!(tokens.issue(open(2), &mut random), None);
        assert!(tokens.spend(issued[7]).is_some());
        assert!(tokens.issue(open(2), &mut random).is_some());
        assert_eq!(tokens.issue(open(3), &mut random), None);
    }
}
