//! How large a history is, over which store, and what connects its homes.

/// What connects the homes of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Over {
    /// Events reach each home one by one, in any order, twice or never.
    Events,
    /// Homes speak the peer protocol over connections that are slow and break.
    Network,
}

/// How large a history is, and over which store.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Registered name of the store.
    pub store: &'static str,
    /// What connects the homes.
    pub over: Over,
    /// Events it has at least.
    pub events: usize,
    /// Homes it has at most, [`Shape::HOMES`] or more.
    pub homes: usize,
    /// Whether to print what happens.
    pub verbose: bool,
}

impl Shape {
    /// Events a history has at least.
    pub const EVENTS: usize = 110;
    /// Homes a history has at least.
    pub const HOMES: usize = 4;
    /// Homes a history has at most, where nothing else is asked for.
    pub const MOST_HOMES: usize = 8;
    /// Every so manieth history runs over LMDB.
    pub const LMDB_EVERY: u64 = 100;
    /// Every so manieth is over a network; some of these are over LMDB.
    pub const NETWORK_EVERY: u64 = 6;

    /// The shape of a seed's history; every `lmdb_every`th is over LMDB, with 0 none.
    pub fn of(seed: u64, lmdb_every: u64) -> Self {
        let lmdb = seed.is_multiple_of(lmdb_every) && lmdb_every != 0;
        let network = seed.is_multiple_of(Self::NETWORK_EVERY);
        Self {
            store: if lmdb { "lmdb" } else { "memory" },
            over: if network { Over::Network } else { Over::Events },
            events: Self::EVENTS,
            homes: Self::MOST_HOMES,
            verbose: false,
        }
    }
}
