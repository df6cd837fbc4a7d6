//! What happened in a history.

use std::collections::BTreeMap;
use std::fmt;

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Fault {
    Delay,
    Duplicate,
    Reorder,
    Loss,
    Partition,
    Restart,
    Equivocation,
    StoreFailure,
    BackDated,
    Revocation,
    Removal,
    /// Somebody signs an invitation whatever was cut, and lets a stranger in by it.
    Smuggling,
    /// Who holds another's device key introduces the device as their own, and writes by it.
    StolenKey,
    /// Somebody who may have been turned away tries another invitation.
    Retry,
    /// The topic goes on with a later version of its app.
    Upgrade,
    /// Somebody signs an upgrade that no dry run has seen.
    ForgedUpgrade,
    /// A connection is lost with what is on it.
    Cut,
    /// An end of a lost connection does not know of it for a while.
    HalfOpen,
    /// A connection takes seconds for each message.
    SlowLink,
    /// A home's store fails while others send to it.
    FailureInSync,
    /// A peer sends bytes that are no messages, parts of messages, and old ones.
    Garble,
    /// A peer shows events and does not give them.
    Withhold,
    /// A peer says of its log what is not so.
    Lie,
    /// A peer makes many events at once, and sends everything several times.
    Flood,
    /// A peer sends events whose parents nobody has.
    Orphans,
}

/// What a history was.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Nodes.
    pub nodes: usize,
    /// Events in the end.
    pub events: usize,
    /// Parts in which homes did what takes long, with other things between.
    pub parts: usize,
    /// What went wrong, and how often.
    pub faults: BTreeMap<Fault, usize>,
    /// Verdicts in the end: accepted, rejected, trapped.
    pub verdicts: [usize; 3],
    /// What it was on the network.
    pub network: Networked,
}

/// What a history was on the network.
#[derive(Clone, Debug, Default)]
pub struct Networked {
    /// Homes that are members of the topic for each other in the end, and have the same events.
    pub together: usize,
    /// Bytes of messages that honest homes sent.
    pub bytes: u64,
    /// Virtual milliseconds from when all was healed until the last had all events.
    pub converged_ms: u64,
    /// Votes of others that homes could compare with their own in the end.
    pub votes: usize,
    /// What honest homes charged each other with, and how often.
    pub offences: BTreeMap<String, usize>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [accepted, rejected, trapped] = self.verdicts;
        write!(
            f,
            "{} nodes, {} events ({accepted} accepted, {rejected} rejected, {trapped} trapped), {} parts of long work, {:?}",
            self.nodes, self.events, self.parts, self.faults
        )?;
        let Networked { together, bytes, converged_ms, votes, offences } = &self.network;
        if *together == 0 {
            return Ok(());
        }
        let seconds = converged_ms / 1000;
        write!(
            f,
            "; {together} together after {seconds} s, {bytes} bytes, {votes} votes, {offences:?}"
        )
    }
}
