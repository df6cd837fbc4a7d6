//! Long work with one topic goes on between all else that a node has to do.

use myrhiza_kernel_api::limits::FUEL_STATE_APPLY;

use super::attacker::Attacker;
use super::net::{Net, lacking, members, seat};
use crate::event::{Event, UnverifiedEvent};
use crate::export::Opening;
use crate::identity::ScopeKind;
use crate::node::pace::{LONGEST_MS, SLICE};
use crate::node::{Input, Seat};
use crate::runtime::{Ambient, Busy, RuntimeError};
use crate::sync::{Role, limits};
use crate::testing::{HEAVY, Home, Op, Scope, World, app};

/// Parts of long work that a second has time for, beside that of the tick.
const PARTS: usize = 2;

impl Net {
    /// Lets a node go on with long work for a second.
    pub(super) fn go_on(&mut self, n: usize) {
        for _ in 0..PARTS {
            if self.nodes[n].runtime().at_work().next().is_some() {
                self.take(n, Input::GoOn);
            }
        }
    }

    /// Lets a node go on with what is left over until nothing is.
    pub(super) fn finish(&mut self, n: usize) {
        while self.nodes[n].has_more() {
            self.take(n, Input::GoOn);
        }
    }
}

/// An open topic whose app can be installed as a user does it.
fn world() -> World {
    World::open_to_all(app::unmigrating(1, &app::author()))
}

/// A line of events that use all the fuel they may. Few of them write: each write copies all before it.
fn dear(world: &World, count: usize) -> Vec<Event> {
    let mut founder = world.founder.clone();
    let event = |n: usize| {
        let op = if n.is_multiple_of(10) { Op::Write } else { Op::Reject };
        let payload = [HEAVY, &n.to_be_bytes()[6..]].concat();
        world.app(&mut founder, &[], op as u32, &payload)
    };
    (0..count).map(event).collect()
}

fn folded(net: &Net, world: &World) -> Option<u64> {
    match net.nodes[0].runtime().busy(world.id()).unwrap() {
        Some(Busy::Folding { folded, .. }) => Some(folded),
        _ => None,
    }
}

fn install(net: &mut Net, world: &World) {
    let now_ms = net.now_ms;
    let install = |seat: &mut Seat| seat.runtime.install(&world.bundle).unwrap();
    let ((), outputs) = net.nodes[0].call(install, now_ms);
    net.follow(0, outputs);
}

/// The user of the first node does something, or is told to wait.
fn ask(net: &mut Net, world: &World) -> Result<(), RuntimeError> {
    let now_ms = net.now_ms;
    let act = |seat: &mut Seat| {
        let (runtime, signer) = seat.parts();
        let mut ambient = Ambient { now_ms, random: &mut |bytes| bytes.fill(1) };
        let payload = b"k".to_vec();
        runtime.submit(world.id(), signer, &mut ambient, Op::Write as u32, payload).map(drop)
    };
    let (asked, outputs) = net.nodes[0].call(act, now_ms);
    net.follow(0, outputs);
    asked
}

#[test]
fn a_long_fold_leaves_time_to_peers_and_their_topics() {
    let (world, scopes, joins) = members(2, 7);
    let mut net = Net::new(scopes.iter().map(|scope| seat(&world, scope, &joins)).collect());
    net.connect(1, 0);
    net.settle();
    // Another topic, whose app is installed after its events came.
    let long = self::world();
    let events = dear(&long, 600);
    let genesis = UnverifiedEvent::decode(&long.genesis.to_bytes()).unwrap();
    let now_ms = net.now_ms;
    let take = |seat: &mut Seat| {
        seat.runtime.begin_import(&Opening { genesis, bundles: 0 }, Some("long"), 1).unwrap();
        seat.runtime.ingest(long.id(), &events, 1).unwrap();
    };
    let ((), outputs) = net.nodes[0].call(take, now_ms);
    net.follow(0, outputs);
    assert_eq!(folded(&net, &long), None, "it waits for the app");
    install(&mut net, &long);
    let most = 2 * SLICE / FUEL_STATE_APPLY;
    let mut rounds = 0;
    while let Some(before) = folded(&net, &long) {
        net.take(0, Input::GoOn);
        let now = folded(&net, &long).unwrap_or(601);
        assert!(now - before <= most, "{before}, {now}");
        // What a peer does in the topic that both have comes at once, and what this home does too.
        let theirs = net.made(1, world.id(), &format!("{rounds}"));
        net.settle();
        assert!(net.has(0, &theirs));
        net.act(0, world.id(), &format!("and {rounds}"));
        net.settle();
        assert!(net.agree(world.id()));
        if rounds == 2 {
            let ticked = net.nodes[0].ticked_ms;
            net.pass(1);
            assert!(net.nodes[0].ticked_ms > ticked);
        }
        if rounds < 2 {
            let asked = ask(&mut net, &long);
            assert!(matches!(asked, Err(RuntimeError::Busy { .. })), "{asked:?}");
        }
        rounds += 1;
    }
    assert!(rounds > 6, "{rounds}");
    let all = [std::slice::from_ref(&long.genesis), &events[..]].concat();
    let at_once = Home::with(&long, &all);
    assert_eq!(
        net.nodes[0].runtime().root(long.id()).unwrap(),
        at_once.runtime.root(long.id()).unwrap()
    );
    net.act(0, long.id(), "it can be done now");
    assert_eq!(net.blamed(), [""; 0]);
}

/// A home whose log takes a minute to fold, and two other members.
fn siege(events: usize) -> (World, Net, [Scope; 2], Vec<Event>) {
    let world = world();
    let mut members = [1, 2].map(|n| Scope::new(10 + n, 110 + n, ScopeKind::Device));
    let mut log: Vec<_> = members.iter_mut().map(|member| world.enter(member)).collect();
    log.extend(dear(&world, events));
    let mut net = Net::new(vec![lacking(&world, &world.founder, &log)]);
    install(&mut net, &world);
    (world, net, members, log)
}

#[test]
fn what_comes_while_a_topic_is_folded_waits_no_longer_than_its_sender_does() {
    let (world, mut net, [mut ann, mut bob], log) = siege(3_000);
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    // One comes at the tip, the other takes back what is folded.
    let tip = world.app(&mut ann, &[log[3_001].id()], Op::Write as u32, b"k");
    let late = world.app(&mut bob, &[], Op::Write as u32, b"k");
    attacker.send(&mut net, std::slice::from_ref(&tip));
    net.settle();
    net.pass(LONGEST_MS / 1_000 - 1);
    assert!(!net.has(0, &tip) && attacker.credit < limits::WINDOW);
    net.pass(3);
    assert!(net.has(0, &tip) && folded(&net, &world).is_some());
    attacker.hear(&mut net);
    assert_eq!(attacker.credit, limits::WINDOW);
    attacker.send(&mut net, std::slice::from_ref(&late));
    let (mut seconds, mut stood) = (0, 0);
    while !net.has(0, &late) {
        stood = folded(&net, &world).unwrap_or(u64::MAX);
        net.pass(1);
        seconds += 1;
    }
    assert!(seconds > LONGEST_MS / 1_000 && stood > 2_900, "{seconds} s, {stood}");
    assert!(folded(&net, &world).is_some(), "all is folded again");
    net.finish(0);
    let all = [std::slice::from_ref(&world.genesis), &log[..], &[tip, late]].concat();
    let at_once = Home::with(&world, &all);
    assert_eq!(at_once.runtime.root(world.id()).unwrap(), net.roots(world.id())[0]);
}

#[test]
fn whom_a_topic_has_waited_for_comes_before_what_peers_send() {
    let (world, mut net, [mut ann, _], log) = siege(3_000);
    let mut attacker = Attacker::met(&mut net, 0, 1, Role::Listener, world.id());
    let tip = world.app(&mut ann, &[log[3_001].id()], Op::Write as u32, b"k");
    attacker.send(&mut net, std::slice::from_ref(&tip));
    net.settle();
    let mut seconds = 0;
    while let Err(error) = ask(&mut net, &world) {
        assert!(matches!(error, RuntimeError::Busy { .. }), "{error}");
        net.pass(1);
        assert!(!net.has(0, &tip), "{seconds}");
        seconds += 1;
    }
    assert!(seconds > LONGEST_MS / 1_000, "{seconds}");
    net.pass(5);
    assert!(net.has(0, &tip));
}
