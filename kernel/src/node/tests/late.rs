//! Back-dated events delay their own effect and not others' work.

use super::attacker::{Attacker, Siege, siege};
use super::heavy::heavy;
use super::net::{Net, seat};
use crate::event::Event;
use crate::event::payload::{Admission, CutList};
use crate::identity::ScopeKind;
use crate::node::Told;
use crate::node::pace::Pace;
use crate::sync::{Role, limits};
use crate::testing::{HEAVY, Home, Op, Scope, World};

/// A line of events by a member who was away since they joined.
fn back_dated(world: &World, scope: &mut Scope, count: usize) -> Vec<Event> {
    let event = |n: usize| world.app(scope, &[], Op::Write as u32, &n.to_be_bytes()[6..]);
    (0..count).map(event).collect()
}

#[test]
fn events_from_long_ago_take_a_share_of_the_time_and_what_is_new_does_not_wait() {
    let log = 3_000;
    let Siege { world, mut net, mut hostile, joins } = siege(2, 2, log);
    net.connect(1, 0);
    net.settle();
    let mut attackers: Vec<_> =
        (0..2).map(|n| Attacker::met(&mut net, 0, n, Role::Listener, world.id())).collect();
    let mut late: Vec<_> = hostile.iter_mut().map(|s| back_dated(&world, s, 400)).collect();
    late.iter_mut().for_each(|late| late.reverse());
    let (mut sent, mut honest, seconds) = (Vec::new(), Vec::new(), 10);
    for second in 0..seconds {
        // One at a time, so that each would have the whole log folded again, as fast as it can.
        for _ in 0..50 {
            for (attacker, late) in attackers.iter_mut().zip(&mut late) {
                if let Some(event) = late.last()
                    && attacker.send(&mut net, std::slice::from_ref(event))
                {
                    sent.extend(late.pop());
                }
            }
            net.settle();
            attackers.iter_mut().for_each(|attacker| drop(attacker.hear(&mut net)));
        }
        assert!(net.nodes[0].pace.intake.bytes() < 32 << 10);
        let event = net.made(1, world.id(), &format!("{second}"));
        net.settle();
        assert!(net.has(0, &event), "{second}: it comes at the tip, and at once");
        honest.push(event);
        net.pass(1);
    }
    let Pace { refolded, .. } = net.nodes[0].pace;
    assert!(refolded <= (seconds + 1) * 20_000 + 10_000 + log as u64, "{refolded}");
    assert!(sent.len() > 50, "they get on: {}", sent.len());
    assert!(attackers.iter().all(|attacker| !attacker.is_out(&net)), "it is no offence");
    // Nothing is dropped, and what comes of it is what a fold of all at once gives.
    net.pass(25);
    assert!(net.agree(world.id()));
    let all = [std::slice::from_ref(&world.genesis), &joins[..], &sent[..], &honest[..]].concat();
    let home = Home::with(&world, &all);
    assert_eq!(home.runtime.root(world.id()).unwrap(), net.roots(world.id())[1]);
    assert_eq!(net.blamed(), [""; 0]);
}

#[test]
fn what_waits_goes_together_and_an_honest_late_event_with_it() {
    let Siege { world, mut net, mut hostile, .. } = siege(2, 2, 3_000);
    net.connect(1, 0);
    net.settle();
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    let late = back_dated(&world, &mut hostile[0], limits::WINDOW as usize);
    for event in &late {
        attacker.send(&mut net, std::slice::from_ref(event));
    }
    net.settle();
    assert!(net.has(0, &late[3]) && !net.has(0, &late[4]), "half a second is owed");
    // Of a member who comes back with what they did long ago.
    let back = back_dated(&world, &mut hostile[1], 1);
    net.import(1, world.id(), &back);
    net.settle();
    assert!(!net.has(0, &back[0]));
    let before = net.nodes[0].pace.refolded;
    net.pass(1);
    assert!(late.iter().chain(&back).all(|event| net.has(0, event)));
    assert!(net.nodes[0].pace.refolded - before < 3_100, "with one rewind");
    net.pass(2);
    assert!(net.agree(world.id()));
    assert_eq!(net.blamed(), [""; 0]);
}

/// One who was away brings much that is dear, and what the others did meanwhile is so as well: to fold
/// that again with each third of a second of theirs would take minutes.
#[test]
fn late_events_that_use_much_are_there_before_their_sender_has_waited_too_long() {
    let Siege { world, mut net, mut hostile, joins } = siege(1, 2, 0);
    let meanwhile = heavy(&world, &mut world.founder.clone(), 300);
    net.import(0, world.id(), &meanwhile);
    net.finish(0);
    // So that it is known what an event costs.
    let mut other = Attacker::met(&mut net, 0, 2, Role::Listener, world.id());
    let tip = [meanwhile[299].id()];
    let before = world.app(&mut hostile[1], &tip, Op::Write as u32, HEAVY);
    other.send(&mut net, std::slice::from_ref(&before));
    net.settle();
    assert!(net.has(0, &before) && net.nodes[0].pace.at_once(world.id()) < 40);
    let mut back = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    let late = heavy(&world, &mut hostile[0], 300);
    back.send(&mut net, &late);
    net.settle();
    let mut seconds = 0;
    while back.credit < limits::WINDOW {
        net.pass(1);
        back.hear(&mut net);
        seconds += 1;
        assert!(seconds < 20, "{seconds}");
    }
    net.finish(0);
    // Nor is it folded again often.
    assert!(net.nodes[0].pace.refolded < 2_000, "{}", net.nodes[0].pace.refolded);
    let one = std::slice::from_ref::<Event>;
    let all = [one(&world.genesis), &joins[..], &meanwhile[..], one(&before), &late[..]].concat();
    let home = Home::with(&world, &all);
    assert_eq!(home.runtime.root(world.id()).unwrap(), net.roots(world.id())[0]);
    assert!(!net.told[0].iter().any(|told| matches!(told, Told::Offence { .. })));
}

/// Who was removed goes on, before what ended them, in the log of who has not heard of it.
#[test]
fn back_dating_behind_a_removal_changes_no_verdict_of_others() {
    let world = World::new(Admission::Invite);
    let scope = |n: u16| Scope::new(10 + n, 110 + n, ScopeKind::Device);
    let (mut ann, mut bob) = (scope(1), scope(2));
    let genesis = world.genesis.id();
    let joins = [
        world.join(&world.founder, &mut ann, (1, 0), &[genesis]),
        world.join(&world.founder, &mut bob, (2, 0), &[genesis]),
    ];
    let said = world.app(&mut ann, &[], Op::Write as u32, b"k");
    let all = [&joins[..], std::slice::from_ref(&said)].concat();
    let scopes = [world.founder.clone(), ann.clone(), bob];
    let mut net = Net::new(scopes.iter().map(|scope| seat(&world, scope, &all)).collect());
    net.connect(1, 2);
    net.connect(2, 0);
    net.settle();
    net.cut(0, 2);
    let mut founder = world.founder.clone();
    let cuts = World::cuts(&[(ann.id(), Some(said.id()))]);
    let remove = world.remove(&mut founder, ann.person(), cuts, &[joins[0].id(), said.id()]);
    net.import(0, world.id(), std::slice::from_ref(&remove));
    // As many as they like, from before it; their node passes them on to Bob, who has not heard.
    let (mut forked, mut behind) = (ann.clone(), Vec::new());
    for n in 0..50u8 {
        behind.push(world.app(&mut forked, &[], Op::Write as u32, &[b'k', n]));
    }
    let mut other = ann.clone();
    other.last = Some((0, joins[0].id()));
    behind.push(world.app(&mut other, &[], Op::Write as u32, b"another past"));
    net.import(1, world.id(), &behind);
    let honest = net.made(2, world.id(), "k, says Bob");
    net.settle();
    assert!(behind.iter().all(|event| net.has(2, event)));
    net.heal(0, 2);
    net.pass(400);
    let roots = net.roots(world.id());
    assert_eq!(roots[0], roots[2]);
    let home = Home::with(
        &world,
        &[std::slice::from_ref(&world.genesis), &all[..], &[remove, honest.clone()], &behind[..]]
            .concat(),
    );
    assert_eq!(home.runtime.root(world.id()).unwrap(), roots[0]);
    assert!(behind.iter().all(|event| home.is_void(event)));
    assert!(home.accepts(&honest) && home.accepts(&said));
    // They are served no more.
    net.act(2, world.id(), "not for Ann");
    net.pass(5);
    assert!(net.roots(world.id())[1].events < net.roots(world.id())[2].events);
}

/// Every cut of a log is judged again with each that comes.
#[test]
fn cuts_without_number_take_their_share_too() {
    let Siege { world, mut net, mut hostile, joins } = siege(2, 1, 0);
    net.connect(1, 0);
    net.settle();
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    // They may not, which is seen in the fold; in the log they are all the same.
    let person = Scope::new(11, 111, ScopeKind::Device).person();
    let mut remove = || {
        let parents = [joins[0].id()];
        world.remove(&mut hostile[0], person, CutList::default(), &parents)
    };
    for _ in 0..5 {
        for _ in 0..limits::WINDOW {
            let batch: Vec<_> = (0..100).map(|_| remove()).collect();
            assert!(attacker.send(&mut net, &batch));
        }
        net.pass(2);
        attacker.hear(&mut net);
    }
    assert!(!attacker.is_out(&net), "{:?}", net.told[0].last());
    let more: Vec<_> = (0..limits::WINDOW).map(|_| remove()).collect();
    for event in &more {
        assert!(attacker.send(&mut net, std::slice::from_ref(event)));
    }
    net.settle();
    assert!(net.has(0, &more[0]) && !net.has(0, &more[5]), "half a second is owed");
    let event = net.made(1, world.id(), "an honest word");
    net.pass(2);
    assert!(net.has(0, &event));
    assert!(more.iter().all(|event| net.has(0, event)));
    assert!(net.agree(world.id()));
    assert_eq!(net.blamed(), [""; 0]);
}
