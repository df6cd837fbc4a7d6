//! What homes in memory answer. What they do not come to is in [`super::shapes`].

use std::collections::BTreeMap;

use myrhiza_kernel::node::{Exchange, PeerStatus, Told, Traffic};
use myrhiza_kernel::sync::Role;
use myrhiza_kernel_api::{BundleId, PublicKey, TopicId};
use serde_json::{Value, json};

use super::{Samples, shapes};
use crate::tests::app::bundle;
use crate::tests::home::{Home, NOW_MS};
use crate::{Answer, Notice, hex};

/// Answers to every method.
pub(super) fn all() -> Samples {
    let mut samples = Samples::default();
    of_a_home(&mut samples);
    of_apps(&mut samples);
    of_topics(&mut samples);
    of_tickets(&mut samples);
    shapes::add(&mut samples);
    samples
}

/// Parameters of something with a topic.
fn of(topic: &str, mut more: Value) -> Value {
    more["topic"] = topic.into();
    more
}

fn of_a_home(samples: &mut Samples) {
    let mut home = Home::new(1);
    samples.ask(&mut home, "who", json!({}));
    samples.ask(&mut home, "about", json!({}));
    let peer = format!("{}@ip:127.0.0.1:4433", "11".repeat(32));
    samples.ask(&mut home, "connect", json!({"peer": peer}));

    let (peer, bundle, topic) = (PublicKey([9; 32]), BundleId([8; 32]), TopicId([7; 32]));
    for told in [
        Told::Connected { peer, role: Role::Dialer },
        Told::Complete { peer, topic, events: 3 },
        Told::UpdateNeeded { peer, what: "an event".into() },
        Told::Drift { peer, topic, scope: peer, count: 3, event: None },
        Told::Fetching { bundle, bytes: 3, total: 9 },
    ] {
        home.journal.note(&told, NOW_MS);
    }
    samples.ask(&mut home, "journal", json!({}));

    samples.ask(&mut home, "peers", json!({}));
    let exchange =
        |denied, complete| Exchange { denied, complete, known: 2, total: 3, ..Exchange::default() };
    let topics = [exchange(true, false), exchange(false, true), exchange(false, false)];
    let topics = (1..).zip(topics).map(|(n, exchange)| (TopicId([n; 32]), exchange)).collect();
    let traffic = Traffic { sent: 1, received: 2, events: 3 };
    let (dialer, listener) = (Role::Dialer, Role::Listener);
    let since_ms = NOW_MS - 5_000;
    home.peers = vec![
        PeerStatus { peer, role: dialer, since_ms, topics, traffic, points: 4 },
        PeerStatus { peer, role: listener, since_ms, topics: BTreeMap::new(), traffic, points: 0 },
    ];
    samples.ask(&mut home, "peers", json!({}));
}

fn of_apps(samples: &mut Samples) {
    let of = json!({"bundle": bundle().id().to_string()});
    let bytes = json!({"bytes": hex(&bundle().to_bytes())});
    let mut other = Home::new(2);
    other.ask("take", bytes.clone());
    samples.ask(&mut other, "refuse", of.clone());

    let mut home = Home::new(1);
    let offer = samples.ask(&mut home, "take", bytes);
    samples.ask(&mut home, "offers", json!({}));
    samples.ask(&mut home, "offer", of.clone());
    let yes = json!({"bundle": of["bundle"], "shown": offer["shown"], "pin": false});
    samples.ask(&mut home, "confirm", yes);
    samples.ask(&mut home, "offer", of.clone());
    samples.ask(&mut home, "apps", json!({}));
    samples.ask(&mut home, "uninstall", of);
    samples.add("pin", &Answer::Done {});
}

fn of_topics(samples: &mut Samples) {
    let (mut home, topic) = Home::with_topic(1);
    let new = json!({"bundle": bundle().id().to_string(), "name": "walks", "open": true});
    let open = samples.ask(&mut home, "found", new)["topic"].as_str().unwrap().to_owned();
    samples.ask(&mut home, "topics", json!({}));

    samples.ask(&mut home, "surface", of(&topic, json!({"input": []})));
    let done = samples.ask(&mut home, "act", of(&topic, json!({"intent": ["draw"]})));
    samples.ask(&mut home, "act", of(&topic, json!({"intent": ["no"]})));
    let key = json!({"kind": "key", "down": true, "name": "a", "modifiers": 0});
    let drawn = samples.ask(&mut home, "surface", of(&topic, json!({"input": [key]})));
    let known = json!({"known": drawn["version"], "input": []});
    samples.ask(&mut home, "surface", of(&topic, known));
    let view = samples.ask(&mut home, "view", of(&topic, json!({})));
    samples.ask(&mut home, "view", of(&topic, json!({"known": view["version"]})));
    samples.ask(&mut home, "press", of(&topic, json!({"words": ["good", "day"]})));
    samples.ask(&mut home, "asked", of(&topic, json!({})));

    samples.ask(&mut home, "log", of(&topic, json!({})));
    for event in [&done["event"], &Value::from(&*topic)] {
        samples.ask(&mut home, "event", of(&topic, json!({"event": event})));
    }
    for method in ["members", "state", "root", "drift", "compare", "forks", "pending"] {
        samples.ask(&mut home, method, of(&topic, json!({})));
    }
    samples.ask(&mut home, "leave", of(&open, json!({})));
}

fn of_tickets(samples: &mut Samples) {
    let (mut alice, topic) = Home::with_topic(1);
    let new = json!({"bundle": bundle().id().to_string(), "name": "walks", "open": true});
    let open = alice.ask("found", new)["topic"].as_str().unwrap().to_owned();
    let terms = json!({"uses": 1, "lasts_ms": 1_000, "may_invite": false, "device": false});
    let lasting = json!({"uses": 0, "lasts_ms": null, "may_invite": true, "device": false});
    let ticket = samples.ask(&mut alice, "invite", of(&topic, terms))["ticket"].clone();
    let other = samples.ask(&mut alice, "invite", of(&topic, lasting.clone()))["ticket"].clone();
    let to_open = samples.ask(&mut alice, "invite", of(&open, lasting))["ticket"].clone();

    let mut bob = Home::new(2);
    for ticket in [&ticket, &to_open] {
        samples.ask(&mut bob, "ticket", json!({"ticket": ticket}));
        samples.ask(&mut alice, "ticket", json!({"ticket": ticket}));
    }
    let join = json!({"ticket": ticket, "name": "walks", "even_if_expired": false});
    samples.ask(&mut bob, "join", join);
    // Its app is not installed there, so that nothing is folded.
    samples.ask(&mut bob, "topics", json!({}));
    samples.ask(&mut bob, "root", of(&topic, json!({})));
    samples.ask(&mut bob, "log", of(&topic, json!({})));

    bob.hand(&topic, &mut alice);
    let person = bob.ask("who", json!({}))["id"].clone();
    samples.ask(&mut alice, "members", of(&topic, json!({})));
    samples.ask(&mut alice, "remove", of(&topic, json!({"person": person})));
    samples.ask(&mut alice, "end-ticket", json!({"ticket": other}));
}

/// Every notice.
pub(super) fn notices() -> Vec<Notice> {
    let (topic, bundle) = (String::from("0a"), String::from("0a"));
    let change = |change| Notice::Topic { topic: topic.clone(), change };
    vec![
        Notice::Here {},
        change("events"),
        change("entered"),
        change("left"),
        Notice::Peers {},
        Notice::Progress { topic: topic.clone(), known: 2, total: 3 },
        Notice::Fetch { bundle: bundle.clone(), bytes: 3, total: 9 },
        Notice::Offer { bundle: bundle.clone() },
        Notice::Withdrawn { bundle, name: "poll".into(), reason: "a fault".into() },
        Notice::Drift { topic: topic.clone() },
        Notice::Fault {
            code: "store",
            what: "events were not kept".into(),
            cause: "the disk is full".into(),
            next: "free some space",
        },
    ]
}
