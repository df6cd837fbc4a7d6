//! Clocks that are wrong, or set while a node is up.

use std::thread;
use std::time::Duration;

use myrhiza_e2e::{Case, Clock, Folder, Needs, Node, agree, took};

pub(crate) const CASES: &[Case] = &[
    (Needs::Clock, "what_a_clock_says_changes_no_order_and_no_verdict", wrong),
    (Needs::Clock, "a_clock_that_is_set_while_nodes_are_up_parts_nobody", set),
];

fn wrong() {
    let folder = Folder::new();
    let [alice, mut bob, mut carol] = folder.counters(["alice", "bob", "carol"]);
    bob.clock = Some(Clock::new(folder.path("behind"), "-400d"));
    carol.clock = Some(Clock::new(folder.path("ahead"), "+5000d"));
    let _nodes = [&alice, &bob, &carol].map(|home| Node::up(home, &[]));
    let topic = alice.found("counter", "steps");
    bob.join(&alice.invite("steps"));
    carol.join(&alice.invite("steps"));
    agree(&topic, [&alice, &bob, &carol], 3);
    let mut acknowledged = Vec::new();
    for round in 1..=3 {
        let homes = [&carol, &bob, &alice];
        acknowledged.extend(homes.map(|home| home.act("steps", &["increment", "1"])));
        agree(&topic, [&alice, &bob, &carol], 3 + 3 * round);
    }
    alice.has("steps", &acknowledged);
    let log = alice.log("steps");
    let days = |id: &str| {
        let event = log.iter().find(|event| event["id"] == id).unwrap();
        (event["hlc"].as_u64().unwrap() >> 16) / 86_400_000
    };
    // What carol did is said to be long after what alice did last, and is before it all the same.
    let (first, last) = (&acknowledged[0], &acknowledged[8]);
    assert!(days(first) > days(last) + 4_000, "carol's clock was right");
    let at = |id: &str| log.iter().position(|event| event["id"] == id).unwrap();
    assert!(at(first) < at(last));
    // Nor was anybody's own clock pulled along.
    assert!(days(last) < days(first) - 4_000);
}

fn set() {
    let folder = Folder::new();
    let [alice, mut bob] = folder.counters(["alice", "bob"]);
    let clock = Clock::new(folder.path("clock"), "+0d");
    bob.clock = Some(clock.clone());
    let port = Node::free_port();
    let mut node = Some(Node::up(&alice, &["--listen", &port]));
    let _other = Node::up(&bob, &[]);
    let topic = alice.found("counter", "steps");
    bob.join(&alice.invite("steps"));
    agree(&topic, [&alice, &bob], 2);
    let (mut acknowledged, mut events) = (Vec::new(), 2);
    for off in ["+30d", "-30d", "+0d"] {
        clock.set(off);
        // Until it is read anew.
        thread::sleep(Duration::from_secs(2));
        for restarts in [false, true] {
            if restarts {
                // Now bob looks for alice by a clock that was set.
                node.take().unwrap().kill();
                node = Some(Node::up(&alice, &["--listen", &port]));
            }
            acknowledged.extend([&alice, &bob].map(|home| home.act("steps", &["increment", "1"])));
            events += 2;
            let what = format!("agreement with a clock set by {off}");
            let (_, elapsed) = took(&what, || agree(&topic, [&alice, &bob], events));
            assert!(elapsed < Duration::from_secs(20));
        }
    }
    [&alice, &bob].iter().for_each(|home| home.has("steps", &acknowledged));
}
