use myrhiza_kernel_api::Hash;

use super::attacker::Attacker;
use super::net::{Net, lacking, node_key, seat};
use crate::event::payload::Admission;
use crate::event::{UnverifiedEvent, verify_all};
use crate::export::Opening;
use crate::node::fetches::{LEFT_MS, SLOW_MS};
use crate::node::{Input, Seat, Told};
use crate::sync::message::Message;
use crate::sync::{Blob, Offence, Role};
use crate::testing::World;
use crate::testing::app::{BUNDLE, author, unmigrating};

/// Nodes of one person's topic; the first `with` have its app.
fn net(with: usize, without: usize) -> Net {
    let world = World::new(Admission::Open);
    let have = (0..with).map(|_| seat(&world, &world.founder, &[]));
    let lack = (0..without).map(|_| lacking(&world, &world.founder, &[]));
    Net::new(have.chain(lack).collect())
}

fn offers(net: &Net, n: usize) -> Vec<myrhiza_kernel_api::BundleId> {
    net.nodes[n].runtime().offers().unwrap().iter().map(|bundle| bundle.id()).collect()
}

#[test]
fn a_bundle_that_is_lacking_comes_from_a_peer_and_waits_for_the_user() {
    let mut net = net(1, 2);
    net.connect(1, 0);
    net.settle();
    assert_eq!(offers(&net, 1), [BUNDLE.id()]);
    assert!(net.nodes[1].runtime().apps().unwrap().is_empty());
    // Who was offered it serves it to the next.
    net.cut(0, 1);
    net.cut(0, 2);
    net.connect(2, 1);
    net.settle();
    assert_eq!(offers(&net, 2), [BUNDLE.id()]);
}

#[test]
fn who_lacks_it_as_well_tells_of_it_as_soon_as_it_is_there() {
    let mut net = net(1, 3);
    // A line, whose last is asked by the one before it, which has nothing yet.
    for a in 0..4 {
        (a + 2..4).for_each(|b| net.cut(a, b));
    }
    net.connect(1, 2);
    net.connect(2, 3);
    net.pass(3);
    assert!(offers(&net, 1).is_empty() && offers(&net, 3).is_empty());
    net.connect(1, 0);
    net.pass(4);
    (1..4).for_each(|n| assert_eq!(offers(&net, n), [BUNDLE.id()]));
}

#[test]
fn another_thing_in_its_place_is_a_lie_and_is_not_kept() {
    let mut net = net(1, 1);
    net.lies = Some(b"another thing".to_vec());
    net.connect(1, 0);
    net.settle();
    let lie = |told: &Told| matches!(told, Told::Offence { offence: Offence::Lie, .. });
    assert!(net.told[1].iter().any(lie));
    assert_eq!(offers(&net, 1), []);
    // Not the blob either, of which it does not know what it is.
    assert_eq!(net.forgotten, [(1, blob(&net))]);
}

#[test]
fn beside_who_sends_nothing_another_is_tried() {
    let mut net = net(4, 1);
    (0..4).for_each(|n| (n + 1..4).for_each(|m| net.cut(n, m)));
    // Three who say they have it, and a fourth who does.
    net.silent = (0..3).map(node_key).collect();
    (0..4).for_each(|n| {
        net.connect(4, n);
        net.settle();
    });
    assert_eq!(net.fetches, [(4, node_key(0))]);
    net.pass(SLOW_MS / 1_000 - 1);
    assert_eq!(net.fetches.len(), 1);
    net.pass(2 * SLOW_MS / 1_000);
    assert_eq!(net.fetches.len(), 3);
    assert!(offers(&net, 4).is_empty() && net.ended == 0);
    // As many at a time as there may be: the last takes the place of one of them.
    net.pass(SLOW_MS / 1_000);
    assert_eq!(offers(&net, 4), [BUNDLE.id()]);
    assert_eq!((net.fetches.len(), net.ended), (4, 3));
    // What these bring later is of no use to anybody.
    let link = net.link(4, 0);
    net.take(4, Input::Fetched { bundle: BUNDLE.id(), link, bytes: Ok(b"late".to_vec()) });
    assert_eq!(net.blamed(), Vec::<String>::new());
}

/// [SYNC-14]
#[test]
fn a_slow_fetch_that_gets_on_makes_no_room_for_who_says_that_they_have_it_too() {
    let liars = 12;
    let mut net = net(1 + liars, 1);
    (0..=liars).for_each(|n| (n + 1..=liars).for_each(|m| net.cut(n, m)));
    net.silent = (0..=liars).map(node_key).collect();
    let asks = 1 + liars;
    (0..=liars).for_each(|n| {
        net.connect(asks, n);
        net.settle();
    });
    let (bytes, link) = (BUNDLE.to_bytes(), net.link(asks, 0));
    let came = |net: &mut Net, link, bytes| {
        let total = BUNDLE.to_bytes().len() as u64;
        net.take(asks, Input::Fetching { bundle: BUNDLE.id(), link, bytes, total });
    };
    // The others send more than it at once, and then nothing.
    for second in 1..200 {
        came(&mut net, link, second);
        for n in 1..=liars {
            let other = net.link(asks, n);
            came(&mut net, other, 1_000);
        }
        net.pass(1);
    }
    assert!(offers(&net, asks).is_empty());
    net.take(asks, Input::Fetched { bundle: BUNDLE.id(), link, bytes: Ok(bytes) });
    assert_eq!(offers(&net, asks), [BUNDLE.id()]);
    assert_eq!(net.blamed(), Vec::<String>::new());
}

#[test]
fn who_was_asked_in_vain_is_asked_again_while_others_are_at_it() {
    let mut net = net(2, 1);
    net.cut(0, 1);
    net.silent = [node_key(0)].into();
    net.connect(2, 0);
    net.settle();
    net.connect(2, 1);
    net.settle();
    let kept = std::mem::take(&mut net.blobs);
    net.pass(SLOW_MS / 1_000 + 1);
    assert_eq!(net.fetches.len(), 2);
    net.blobs = kept;
    net.pass(58);
    assert!(offers(&net, 2).is_empty());
    net.pass(4);
    assert_eq!(offers(&net, 2), [BUNDLE.id()]);
}

#[test]
fn a_bundle_of_a_later_format_is_no_lie_of_who_gave_it() {
    let mut net = net(1, 1);
    let mut bytes = BUNDLE.to_bytes();
    // Behind the eight bytes that say what it is, and the head of the array.
    bytes[9] += 1;
    net.lies = Some(bytes);
    net.connect(1, 0);
    net.settle();
    let told = |net: &Net| {
        let needed = net.told[1].iter().filter(|told| matches!(told, Told::UpdateNeeded { .. }));
        needed.count()
    };
    assert_eq!((told(&net), net.fetches.len()), (1, 1));
    // Nor is it fetched again, which would give the same.
    net.pass(180);
    assert_eq!((told(&net), net.fetches.len()), (1, 1));
    assert_eq!(net.blamed(), Vec::<String>::new());
    assert_eq!(offers(&net, 1), []);
}

/// A few bytes of which nobody can tell what bundle they are.
#[test]
fn who_gives_something_of_a_later_format_keeps_nobody_from_giving_the_bundle() {
    // Before the other is met, and while it sends.
    for first in [true, false] {
        let mut net = net(1, 1);
        let (topic, hash) = (World::new(Admission::Open).id(), Hash([9; 32]));
        net.blobs.insert(hash, b"MYRBNDL\0\x81\x02".to_vec());
        net.silent = [node_key(0)].into();
        if !first {
            net.connect(1, 0);
            net.settle();
        }
        let mut liar = Attacker::met(&mut net, 1, 1, Role::Listener, topic);
        net.settle();
        let bundle = BUNDLE.id();
        let told = |net: &Net| {
            let needed =
                net.told[1].iter().filter(|told| matches!(told, Told::UpdateNeeded { .. }));
            needed.count()
        };
        let blob = Some(Blob { hash, bytes: 10 });
        let answer = |net: &mut Net, liar: &mut Attacker| {
            let asked = Message::BundleWanted { topic: Some(0), bundle };
            assert!(liar.hear(net).contains(&asked));
            liar.say(net, &Message::Bundle { topic: Some(0), bundle, blob });
            net.settle();
        };
        answer(&mut net, &mut liar);
        if first {
            assert_eq!((told(&net), net.fetches.len()), (1, 1));
            net.connect(1, 0);
            net.settle();
        } else {
            net.pass(SLOW_MS / 1_000 + 1);
        }
        assert_eq!((told(&net), net.fetches.len(), net.ended), (1, 2, 0));
        let (bytes, link) = (BUNDLE.to_bytes(), net.link(1, 0));
        net.take(1, Input::Fetched { bundle, link, bytes: Ok(bytes) });
        assert_eq!(offers(&net, 1), [bundle]);
        assert_eq!(net.blamed(), Vec::<String>::new());
    }
}

#[test]
fn who_fails_once_is_asked_again_and_not_without_end() {
    let mut net = net(1, 1);
    let bytes = BUNDLE.to_bytes();
    net.connect(1, 0);
    // Until it is a blob, and nobody has been told of it.
    while !net.blobs.values().any(|blob| *blob == bytes) {
        assert!(net.deliver(0));
    }
    let kept = std::mem::take(&mut net.blobs);
    net.settle();
    assert!(offers(&net, 1).is_empty());
    net.pass(59);
    assert_eq!(net.fetches.len(), 1);
    net.blobs = kept;
    net.pass(2);
    assert_eq!(offers(&net, 1), [BUNDLE.id()]);
    assert_eq!(net.blamed(), Vec::<String>::new());
}

/// [SYNC-14]
#[test]
fn who_shares_one_topic_learns_nothing_of_the_bundles_of_another() {
    let mut net = net(1, 1);
    let private = World::upgradable_from(unmigrating(1, &author()));
    let now_ms = net.now_ms;
    let enter = |seat: &mut Seat| {
        let genesis = UnverifiedEvent::decode(&private.genesis.to_bytes()).unwrap();
        let opening = Opening { genesis, bundles: 0 };
        let import = seat.runtime.begin_import(&opening, Some("private"), now_ms).unwrap();
        seat.runtime.finish_import(import, &verify_all).unwrap();
    };
    for n in [0, 1] {
        let (_, outputs) = net.nodes[n].call(enter, now_ms);
        net.follow(n, outputs);
    }
    let install = |seat: &mut Seat| seat.runtime.install(&private.bundle).unwrap();
    let (_, outputs) = net.nodes[0].call(install, now_ms);
    net.follow(0, outputs);
    net.connect(1, 0);
    net.settle();
    // Both have been made blobs for who shares both topics.
    let mut both = [BUNDLE.id(), private.bundle.id()];
    both.sort_unstable();
    assert_eq!(offers(&net, 1), both);

    let shared = World::new(Admission::Open).id();
    let mut other = Attacker::met(&mut net, 0, 1, Role::Listener, shared);
    net.settle();
    other.hear(&mut net);
    let answers = both.map(|bundle| {
        other.say(&mut net, &Message::BundleWanted { topic: Some(0), bundle });
        other.say(&mut net, &Message::BundleWanted { topic: None, bundle });
        net.settle();
        let heard = other.hear(&mut net);
        let blobs = heard.into_iter().filter_map(|message| match message {
            Message::Bundle { topic, bundle: of, blob } => {
                assert_eq!(of, bundle);
                Some((topic.is_some(), blob.is_some()))
            }
            _ => None,
        });
        (bundle == BUNDLE.id(), blobs.collect::<Vec<_>>())
    });
    for (is_shared, blobs) in answers {
        assert_eq!(blobs, [(true, is_shared), (false, false)]);
    }
}

#[test]
fn blobs_that_nobody_has_a_use_for_are_removed_after_a_while() {
    let mut net = net(1, 1);
    net.connect(1, 0);
    net.settle();
    let (served, old) = (blob(&net), Hash([9; 32]));
    // From before the start; one of them is served again.
    net.take(0, Input::Held(vec![served, old]));
    net.pass(LEFT_MS / 1_000 - 1);
    assert_eq!(net.forgotten, []);
    net.pass(2);
    assert_eq!(net.forgotten, [(0, old)]);
    // Nor is one kept of what is not here any longer.
    let topic = World::new(Admission::Open).id();
    let now_ms = net.now_ms;
    let remove = |seat: &mut Seat| {
        seat.runtime.leave(topic, &seat.certificate).unwrap();
        seat.runtime.uninstall(BUNDLE.id()).unwrap();
    };
    let (_, outputs) = net.nodes[0].call(remove, now_ms);
    net.follow(0, outputs);
    net.pass(60 + LEFT_MS / 1_000 + 2);
    assert_eq!(net.forgotten, [(0, old), (0, served)]);
}

/// What the test's app is served as.
fn blob(net: &Net) -> Hash {
    let bytes = BUNDLE.to_bytes();
    *net.blobs.iter().find(|(_, blob)| **blob == bytes).unwrap().0
}
