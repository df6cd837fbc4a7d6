//! [ORDER-1], [ORDER-2]: what is published is what this code does.

use serde_json::json;

use crate::event::payload::Admission;
use crate::identity::ScopeKind;
use crate::testing::{Dice, Home, Scope, World};
use crate::vectors::{hex, published};

#[test]
fn the_published_events_have_the_published_places() {
    let (world, mut dice) = (World::new(Admission::Invite), Dice(1));
    let mut scopes = [world.founder.clone(), Scope::new(2, 102, ScopeKind::Device)];
    let join = world.join(&world.founder, &mut scopes[1], (1, 0), &[world.genesis.id()]);
    let mut events = vec![world.genesis.clone(), join];
    for n in 0..10u8 {
        let parents = [dice.pick(&events).id(), dice.pick(&events).id()];
        events.push(world.app(&mut scopes[dice.below(2)], &parents, 0, &[n]));
    }
    let home = Home::with(&world, &events);
    let events = dice.shuffled(&events);
    let order = home.order().into_iter().map(|id| {
        let place = home.place(id);
        json!({ "height": place.height, "id": id.to_string(), "place": hex(place.to_bytes()) })
    });
    published(
        "order",
        &json!({
            "topic": world.id().to_string(),
            "events": events.iter().map(|event| hex(event.to_bytes())).collect::<Vec<_>>(),
            "order": order.collect::<Vec<_>>(),
        }),
    );
}
