//! [FOLD-1] to [FOLD-5]: what is published is what this code does. No event reaches the app, so that
//! no app is needed to check it.

use std::ops::{Bound, ControlFlow};

use serde_json::{Value, json};

use crate::apply::Verdict;
use crate::event::Event;
use crate::event::payload::{Admission, CutList};
use crate::identity::ScopeKind;
use crate::state::StateMap;
use crate::testing::{Dice, Home, Scope, World};
use crate::vectors::{hex, published};

/// What happened, and the event.
struct Story {
    world: World,
    told: Vec<(&'static str, Event)>,
}

/// A variant that the manifest lets a device author, and one that it does not.
const MAY: u32 = 0;
const MAY_NOT: u32 = 99;

#[test]
fn the_published_events_are_judged_as_published() {
    let story = story();
    let events: Vec<_> = story.told.iter().map(|(_, event)| event.clone()).collect();
    let home = Home::with(&story.world, &events);
    assert_eq!(home.order().len(), events.len());
    let judged = home.order().into_iter().map(|id| {
        let (what, _) = story.told.iter().find(|(_, event)| event.id() == id).unwrap();
        let ruling = home.ruling(id);
        let verdict = match ruling.verdict {
            Verdict::Accept => "accept",
            Verdict::Reject => "reject",
            Verdict::Trap => unreachable!("no app runs"),
        };
        json!({ "id": id.to_string(), "what": what, "verdict": verdict, "reason": ruling.reason })
    });
    let reader = home.read();
    let mut rows = Vec::new();
    let all = (Bound::Unbounded, Bound::Unbounded);
    StateMap::kernel(story.world.id())
        .scan(&reader, all, false, &mut |key, value| {
            rows.push(json!({ "key": hex(key), "value": hex(value) }));
            ControlFlow::Continue(())
        })
        .unwrap();
    let sent = Dice(2).shuffled(&events);
    let sent = sent.iter().map(|event| hex(event.to_bytes()));
    let root = home.runtime.root(story.world.id()).unwrap().state.unwrap();
    published(
        "fold",
        &json!({
            "topic": story.world.id().to_string(),
            "authors": { "state-propose": (0..=10).collect::<Vec<u32>>() },
            "events": sent.collect::<Value>(),
            "judged": judged.collect::<Value>(),
            "state": rows,
            "state_root": hex(root.0),
        }),
    );
}

fn story() -> Story {
    let world = World::new(Admission::Invite);
    let mut told = Vec::new();
    let mut tell = |what, event: Event| {
        let id = event.id();
        told.push((what, event));
        id
    };
    let device = |person, n| Scope::new(person, n, ScopeKind::Device);
    let genesis = tell("the founder begins", world.genesis.clone());
    let mut founder = world.founder.clone();

    // An invitation of one use, which two accept.
    let (mut ann, mut ben) = (device(2, 102), device(3, 103));
    let join = world.join(&founder, &mut ann, (1, 1), &[genesis]);
    let ann_in = tell("Ann joins by an invitation of one use", join);
    let join = world.join(&founder, &mut ben, (1, 1), &[ann_in]);
    let ben_in = tell("Ben joins by the same one, which is spent", join);
    tell("Ben acts", world.app(&mut ben, &[], MAY, &[0]));
    tell("Ben delegates", world.delegate(&mut device(3, 203), &[ben_in]));
    tell("Ann acts beyond the manifest", world.app(&mut ann, &[], MAY_NOT, &[1]));

    // Other scopes of Ann: one that acts by itself, and a telephone that is lost.
    let mut helper = Scope::new(2, 202, ScopeKind::Behavior);
    tell("Ann delegates a behavior", world.delegate(&mut helper, &[ann_in]));
    tell("the behavior acts", world.app(&mut helper, &[], MAY, &[2]));
    let mut phone = device(2, 302);
    phone.chain.clone_from(&ann.chain);
    let phone_in = tell("Ann delegates a telephone", world.delegate(&mut phone, &[ann_in]));
    let mut cid = device(4, 104);
    let join = world.join(&phone, &mut cid, (2, 0), &[phone_in]);
    tell("Cid joins by an invitation of the telephone, which ends with it", join);
    tell("Cid acts", world.app(&mut cid, &[], MAY, &[3]));
    tell("the telephone acts behind its cut", world.app(&mut phone, &[], MAY, &[4]));
    let (person, cuts) = (ann.person.clone(), World::cuts(&[(phone.id(), Some(phone_in))]));
    tell("Ann revokes the telephone", world.revoke(&mut ann, &person, cuts, &[phone_in]));

    // Dan invites Eve and Fay by one invitation and Gus by another; of them a remove names Eve.
    let (mut dan, mut eve) = (device(5, 105), device(6, 106));
    let (mut fay, mut gus, mut hal) = (device(7, 107), device(8, 108), device(9, 109));
    let dan_in = tell("Dan joins", world.join(&founder, &mut dan, (3, 0), &[genesis]));
    let join = world.join(&dan, &mut eve, (4, 0), &[dan_in]);
    let eve_in = tell("Eve joins by Dan's first invitation", join);
    tell("Fay joins by it too", world.join(&dan, &mut fay, (4, 0), &[dan_in]));
    tell("Gus joins by Dan's second", world.join(&dan, &mut gus, (5, 1), &[dan_in]));
    tell("Hal joins by Eve's invitation", world.join(&eve, &mut hal, (6, 2), &[eve_in]));
    let remove = world.remove(&mut eve, dan.person(), CutList::default(), &[dan_in]);
    tell("Eve removes Dan, who is above", remove);
    let cuts = CutList {
        invitations: World::invitation_cut(4, &[eve.id()]).invitations,
        ..World::cuts(&[(dan.id(), Some(dan_in))])
    };
    let remove = world.remove(&mut founder, dan.person(), cuts, &[dan_in]);
    tell("the founder removes Dan, and names Eve under his first invitation", remove);
    Story { world, told }
}
