use myrhiza_sdk::prelude::*;

use super::{SHARES, SUM, Share};

/// What the first version kept.
pub(crate) mod first {
    use myrhiza_sdk::prelude::*;

    pub(crate) const VALUE: Cell<i64> = Cell::new("value");
    pub(crate) const CHANGES: Map<Person, u64> = Map::new("changes");
}

/// People moved in one chunk, a call to read and two to write for each.
pub(crate) const CHUNK: usize = 3000;

/// Brings the state of the first version, the only one before this, into the shape of the second.
/// The cursor is the last person moved.
pub fn migrate(
    cx: &mut impl MigrateContext,
    _from: Version,
    last: Option<Person>,
) -> Option<Person> {
    if last.is_none() {
        SUM.set(cx, &first::VALUE.get_or_default(cx));
        first::VALUE.remove(cx);
    }
    let people: Vec<_> = match last {
        None => first::CHANGES.iter(cx).take(CHUNK).collect(),
        Some(last) => first::CHANGES.iter_from(cx, &last).take(CHUNK).collect(),
    };
    for (person, changes) in &people {
        SHARES.set(cx, person, &Share { changes: *changes, total: 0 });
        first::CHANGES.remove(cx, person);
    }
    people.last().map(|(person, _)| *person)
}
