use myrhiza_sdk::prelude::*;
use myrhiza_sdk::testing::{Host, Outcome, Topic, migrate, person};

use super::migrate::{CHUNK, first};
use super::{Change, SHARES, SUM, Share, apply, propose, view};

type Counter = Topic<Change, Change>;

fn counter() -> Counter {
    Topic::new(["ann", "bob"], apply, propose, view)
}

/// The state that `people` left with the first version, each with one change.
fn left(people: impl Iterator<Item = Person>, value: i64) -> Host {
    let mut host = counter().host("ann");
    people.for_each(|person| first::CHANGES.set(&mut host, &person, &1));
    first::VALUE.set(&mut host, &value);
    host
}

#[test]
fn the_shares_are_what_the_sum_is_made_of() {
    let mut counter = counter();
    for (who, what) in [("ann", ["increment", "5"]), ("bob", ["decrement", "2"])] {
        assert_eq!(counter.ask(who, what), Outcome::Accepted);
    }
    counter.sync();
    assert_eq!(counter.ask("ann", ["reset"]), Outcome::Accepted);
    let host = counter.host("ann");
    let total = |who| SHARES.get(&host, &person(who)).map(|share| share.total);
    assert_eq!((SUM.get(&host), total("ann"), total("bob")), (Some(0), Some(2), Some(-2)));
}

#[test]
fn everybody_is_moved_once_however_many_they_are() {
    for count in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
        let people = (0..count).map(|n| person(&n.to_string()));
        let mut host = left(people.clone(), 7);
        let chunks = migrate(&mut host, Version::new(1, 0, 0), super::migrate);
        assert!(chunks <= count / CHUNK + 2, "{count} people in {chunks} chunks");
        assert_eq!(host.entries().len(), count + 1, "nothing is left of the first version");
        assert_eq!(SUM.get(&host), Some(7));
        for person in people {
            assert_eq!(SHARES.get(&host, &person), Some(Share { changes: 1, total: 0 }));
        }
    }
}
