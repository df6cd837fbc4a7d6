use serde_json::{Value, json};

use super::home::{Home, NOW_MS};

#[test]
fn what_is_done_in_a_topic_is_seen_in_its_view_log_state_and_root() {
    let (mut home, topic) = Home::with_topic(1);
    let of = |more: Value| {
        let mut params = json!({"topic": topic});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let listed = home.ask("topics", json!({}));
    assert_eq!((&listed[0]["name"], &listed[0]["standing"]), (&"steps".into(), &"member".into()));
    assert_eq!(listed[0]["denied"], false);
    home.denied.insert(topic.parse().unwrap());
    assert_eq!(home.ask("topics", json!({}))[0]["denied"], true);
    let before = home.ask("root", of(json!({})));
    let done = home.ask("act", of(json!({"intent": ["good", "day"]})));
    assert_eq!((&done["verdict"], &done["reason"]), (&"accept".into(), &"".into()));

    let view = home.ask("view", of(json!({})));
    assert_eq!(
        view["nodes"][0],
        json!({"depth": 0, "kind": "text", "tone": "plain", "text": "good day"})
    );
    // As long as it is the same, it is not sent again.
    let known = of(json!({"known": view["version"]}));
    let again = home.ask("view", known.clone());
    assert_eq!((&again["nodes"], &again["version"]), (&Value::Null, &view["version"]));
    home.ask("act", of(json!({"intent": ["bye"]})));
    assert_eq!(home.ask("view", known)["nodes"][0]["text"], "bye");

    let log = home.ask("log", of(json!({"limit": 2})));
    assert_eq!((&log["earlier"], &log["later"]), (&true.into(), &false.into()));
    let event = &log["events"][0];
    assert_eq!((&event["id"], &event["payload_bytes"]), (&done["event"], &8.into()));
    assert_eq!(event["person"], home.ask("who", json!({}))["id"]);
    assert_eq!((&event["scope_name"], &event["at"]), (&"desk".into(), &NOW_MS.into()));
    let first = home.ask("log", of(json!({"before": done["event"], "limit": 2})));
    assert_eq!((&first["earlier"], &first["later"]), (&false.into(), &true.into()));
    assert_eq!(first["events"][0]["says"], "founds the topic steps");
    let after = home.ask("log", of(json!({"after": topic, "limit": 1})));
    assert_eq!((&after["events"][0]["id"], &after["later"]), (&done["event"], &true.into()));
    assert_eq!(after["events"][0]["parents"], json!([topic]));

    let shown = home.ask("event", of(json!({"event": log["events"][1]["id"]})));
    let hex = |text: &str| crate::hex(text.as_bytes());
    assert_eq!(
        shown["changed"],
        json!([{"side": "app", "key": hex("said"), "before": {"bytes": 8, "start": hex("good day")},
            "after": {"bytes": 3, "start": hex("bye")}, "after_is_known": true}])
    );
    assert_eq!(shown["payload"], json!({"bytes": 3, "start": hex("bye")}));

    let state = home.ask("state", of(json!({})));
    assert_eq!(state["entries"][0]["value"]["start"], hex("bye"));
    assert_eq!(home.ask("state", of(json!({"after": hex("said")})))["entries"], json!([]));
    let root = home.ask("root", of(json!({})));
    assert_eq!(root["events"], 3);
    assert_ne!(root["root"], before["root"]);
    for nothing in ["forks", "pending"] {
        assert_eq!(home.ask(nothing, of(json!({}))), json!([]));
    }
    assert_eq!(home.ask("drift", of(json!({})))["reports"], json!([]));
    assert_eq!(home.ask("compare", of(json!({})))["nodes"], 0);
}

#[test]
fn what_an_app_refuses_is_answered_with_its_reason_and_changes_nothing() {
    let (mut home, topic) = Home::with_topic(1);
    let before = home.ask("root", json!({"topic": topic}));
    let done = home.ask("act", json!({"topic": topic, "intent": ["no"]}));
    let expected = json!({"event": null, "verdict": "reject", "reason": "nobody says no here"});
    assert_eq!(done, expected);
    let done = home.ask("act", json!({"topic": topic, "intent": []}));
    assert_eq!(done["reason"], "say something");
    assert_eq!(home.ask("root", json!({"topic": topic})), before);
    let nowhere = json!({"topic": "00".repeat(32), "intent": ["x"]});
    assert_eq!(home.refused("act", nowhere), "not-found");
}

#[test]
fn a_view_that_fails_says_so_and_what_is_there_all_the_same() {
    let (mut home, topic) = Home::with_topic(1);
    home.ask("act", json!({"topic": topic, "intent": ["break"]}));
    assert_eq!(home.refused("view", json!({"topic": topic})), "app-failed");
    assert_eq!(home.ask("state", json!({"topic": topic}))["entries"].as_array().unwrap().len(), 1);
    home.ask("act", json!({"topic": topic, "intent": ["mended"]}));
    assert_eq!(home.ask("view", json!({"topic": topic}))["nodes"][0]["text"], "mended");
}

#[test]
fn a_ticket_is_read_before_it_is_joined_by_and_lets_in_as_many_as_it_says() {
    let (mut alice, topic) = Home::with_topic(1);
    let terms =
        json!({"topic": topic, "uses": 1, "lasts_ms": 1000, "may_invite": false, "device": false});
    let made = alice.ask("invite", terms);
    assert_eq!((&made["leads"], &made["expires"]), (&"nowhere".into(), &(NOW_MS + 1000).into()));
    let ticket = made["ticket"].as_str().unwrap();

    let mut bob = Home::new(2);
    let read = bob.ask("ticket", json!({"ticket": ticket}));
    assert_eq!(
        (&read["name"], &read["uses"], &read["here"]),
        (&"steps".into(), &1.into(), &Value::Null)
    );
    assert_eq!(read["founder"], alice.ask("who", json!({}))["id"]);
    assert_eq!(bob.ask("topics", json!({})), json!([]), "reading joins nothing");
    assert_eq!(bob.refused("ticket", json!({"ticket": &ticket[..ticket.len() - 1]})), "bad-ticket");
    let join = |even_if_expired| json!({"ticket": ticket, "name": "walks", "even_if_expired": even_if_expired});
    bob.now_ms += 2000;
    assert_eq!(bob.refused("join", join(false)), "expired");
    assert_eq!(bob.ask("join", join(true))["name"], "walks");
    assert_eq!(bob.refused("join", join(true)), "have-topic");
    assert_eq!(bob.ask("ticket", json!({"ticket": ticket}))["here"], "walks");
    let listed = bob.ask("topics", json!({}));
    assert_eq!((&listed[0]["app"], &listed[0]["standing"]), (&Value::Null, &"unknown".into()));
    assert_eq!(bob.refused("view", json!({"topic": topic})), "not-installed");

    bob.hand(&topic, &mut alice);
    let members = alice.ask("members", json!({"topic": topic}));
    assert_eq!(members["members"].as_array().unwrap().len(), 2);
    let bobs = bob.ask("who", json!({}))["id"].clone();
    let done = alice.ask("remove", json!({"topic": topic, "person": bobs}));
    assert_eq!(done["verdict"], "accept");
    assert_eq!(
        alice.ask("members", json!({"topic": topic}))["members"].as_array().unwrap().len(),
        1
    );
    assert_eq!(alice.refused("remove", json!({"topic": topic, "person": bobs})), "not-found");
}

#[test]
fn a_ticket_is_ended_by_who_made_it_alone() {
    let (mut alice, topic) = Home::with_topic(1);
    let terms =
        json!({"topic": topic, "uses": 0, "lasts_ms": null, "may_invite": false, "device": false});
    let ticket = alice.ask("invite", terms)["ticket"].clone();
    assert_eq!(Home::new(2).refused("end-ticket", json!({"ticket": ticket})), "not-yours");
    assert_eq!(alice.ask("end-ticket", json!({"ticket": ticket}))["verdict"], "accept");
    assert_eq!(alice.refused("end-ticket", json!({"ticket": ticket})), "ended");
}

#[test]
fn keys_are_asked_for_before_anything_is_signed_and_for_nothing_else() {
    let (mut home, topic) = Home::with_topic(1);
    let asked = home.keys_asked();
    assert_eq!(asked, 1, "to found the topic");
    for method in ["view", "root", "log", "members", "drift"] {
        home.ask(method, json!({"topic": topic}));
    }
    assert_eq!(home.keys_asked(), asked);
    home.ask("act", json!({"topic": topic, "intent": ["x"]}));
    assert_eq!(home.keys_asked(), asked + 1);
    home.ask("leave", json!({"topic": topic}));
    assert_eq!(home.ask("topics", json!({})), json!([]));
}

#[test]
fn a_peer_is_named_as_a_node_names_itself() {
    let mut home = Home::new(1);
    let key = "11".repeat(32);
    home.ask("connect", json!({"peer": format!(" {key}@ip:127.0.0.1:4433")}));
    for bad in [key.clone(), format!("{key}@"), "zz@ip:127.0.0.1:1".into()] {
        assert_eq!(home.refused("connect", json!({"peer": bad})), "bad-peer");
    }
    assert_eq!(home.ask("peers", json!({}))["peers"], json!([]));
    assert_eq!(home.ask("journal", json!({}))["lines"], json!([]));
}
