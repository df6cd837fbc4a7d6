use myrhiza_kernel_api::{EventId, PublicKey};

/// What became of a batch of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestReport {
    /// Events new in the log, those that had waited included.
    pub added: u64,
    /// Events that were there before.
    pub known: u64,
    /// Events of the batch that wait for what they name.
    pub pending: u64,
    /// Events that will never be in the log.
    pub refused: Vec<RefusedEvent>,
    /// What the events that wait are waiting for, ascending.
    pub missing: Vec<EventId>,
}

impl IngestReport {
    /// Adds what became of another batch.
    pub fn absorb(&mut self, other: Self) {
        self.added += other.added;
        self.known += other.known;
        self.pending += other.pending;
        self.refused.extend(other.refused);
        self.missing.extend(other.missing);
    }
}

/// An event that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedEvent {
    /// Its id.
    pub id: EventId,
    /// Its author's scope.
    pub scope: PublicKey,
    /// Why.
    pub reason: String,
    /// It had come before and waited, so that nobody is to blame who sent what it waited for.
    pub waited: bool,
}
