//! One home's topics: founded, acted in, looked at.

use myrhiza_e2e::Folder;

#[test]
fn a_topic_is_founded_acted_in_and_shows_its_state() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    let topic = alice.found("counter", "lobby");
    let first = alice.act("lobby", &["increment", "5"]);
    let second = alice.act(&topic[..10], &["decrement", "2"]);
    let listed = alice.json(["topic", "list"]).ok().value();
    assert_eq!(listed[0]["id"], *topic);
    assert_eq!((&listed[0]["name"], &listed[0]["events"]), (&"lobby".into(), &3.into()));

    let view = alice.json(["view", "lobby"]).ok().value();
    let shown = view["nodes"].as_array().unwrap();
    assert!(shown.iter().any(|node| node["kind"] == "text" && node["text"] == "3"), "{view}");
    let text = alice.run(["view", "lobby"]).ok().stdout;
    assert!(text.contains("[ Add 1 ]  myrhiza do lobby increment 1"), "{text}");

    let root = alice.root("lobby");
    assert_eq!((&root["topic"], &root["tip"]), (&(*topic).into(), &(*second).into()));
    assert_eq!((&root["events"], &root["height"]), (&3.into(), &2.into()));
    assert_eq!(root["root"].as_str().unwrap().len(), 64);
    let log = alice.log("lobby");
    assert_eq!(log[0]["kind"], "genesis");
    assert_eq!(log[0]["prev"], serde_json::Value::Null);
    assert_eq!((&log[1]["id"], &log[1]["parents"][0]), (&(*first).into(), &(*topic).into()));
    assert!(log[1]["fuel"].as_u64().unwrap() > 0);
    assert!(log.iter().all(|event| event["verdict"] == "accept"));
}

#[test]
fn topics_are_listed_by_name() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    for name in ["walks", "Lunch", "lobby", "steps", "42"] {
        alice.found("counter", name);
    }
    let names = |listed: serde_json::Value| -> Vec<String> {
        let topics = listed.as_array().unwrap().iter();
        topics.map(|topic| topic["name"].as_str().unwrap().to_owned()).collect()
    };
    let expected = ["42", "lobby", "Lunch", "steps", "walks"];
    assert_eq!(names(alice.json(["topic", "list"]).ok().value()), expected);
}

#[test]
fn what_an_app_does_not_accept_is_not_signed() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    let root = alice.root("lobby");
    for intent in [&["increment"][..], &["increment", "many"], &["explode"], &["increment", "-1"]] {
        assert!(!alice.refused("lobby", intent).is_empty());
    }
    let told = alice.run(["do", "lobby", "explode"]).exits(1);
    assert!(told.stdout.is_empty() && told.stderr.starts_with("error:"), "{}", told.stderr);
    assert!(told.stderr.contains("`myrhiza view lobby` shows"), "{}", told.stderr);
    assert_eq!(alice.root("lobby"), root);
    alice.json(["do", "lobby", "--payload-hex", "00"]).fails(2, "has-propose");
    alice.json(["do", "lobby", "--payload-hex", "0g"]).fails(2, "bad-hex");
    alice.json(["do", "lobby"]).fails(2, "usage");
}

#[test]
fn an_app_that_fails_is_named_with_what_there_is_all_the_same() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    alice.install(&folder.signed(&alice, "wrecker")).ok();
    alice.found("wrecker", "wreck");
    let check = |text: &str, part: &str| {
        for says in [
            &*format!("the app `wrecker` failed in its `{part}`"),
            "myrhiza log wreck",
            "myrhiza state wreck",
            "tell the app's author",
        ] {
            assert!(text.contains(says), "{says}: {text}");
        }
        assert!(!text.contains("myrhiza view"), "what fails again is no next step: {text}");
    };
    let pressed = alice.json(["do", "wreck", "press", "abort"]).fails(1, "app-failed");
    check(&pressed.to_string(), "interaction");
    let folded = alice.json(["do", "wreck", "fold", "abort"]).exits(1).value();
    assert_eq!((&folded["verdict"], &folded["event"]), (&"trap".into(), &serde_json::Value::Null));
    let reason = folded["reason"].as_str().unwrap();
    assert!(reason.starts_with("the app `wrecker` failed in its `state-apply`: "), "{reason}");
    assert!(reason.ends_with("; tell its author"), "{reason}");
    check(&alice.run(["do", "wreck", "fold", "abort"]).exits(1).stderr, "state-apply");
    alice.act("wreck", &["show", "abort"]);
    let shown = alice.json(["view", "wreck"]).fails(1, "app-failed");
    check(&shown.to_string(), "interaction");
    alice.act("wreck", &["mend"]);
    alice.json(["view", "wreck"]).ok();
}

#[test]
fn a_log_is_read_in_parts_and_as_lines() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    for _ in 0..5 {
        alice.act("lobby", &["increment", "1"]);
    }
    let all = alice.log("lobby");
    let after = all[2]["id"].as_str().unwrap();
    let part = alice.json(["log", "lobby", "--after", after, "--limit", "2"]).ok().value();
    assert_eq!(part.as_array().unwrap()[..], all[3..5]);
    let lines = alice.run(["log", "lobby", "--jsonl"]).ok().stdout;
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, all);
    assert_eq!(alice.run(["log", "lobby"]).ok().stdout.lines().count(), all.len());
    assert_eq!(alice.json(["log", "lobby", "--limit", "0"]).ok().value(), serde_json::json!([]));
    alice.json(["log", "lobby", "--after", &"0".repeat(64)]).fails(3, "not-found");
    alice.json(["log", "lobby", "--after", "0"]).fails(2, "usage");
}

#[test]
fn state_is_shown_by_key_and_proved() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    alice.act("lobby", &["increment", "1"]);
    let state = alice.json(["state", "lobby"]).ok().value();
    let entries = state.as_array().unwrap();
    assert!(entries.is_sorted_by_key(|entry| entry["key"].as_str().unwrap().to_owned()));
    for entry in entries {
        let key = entry["key"].as_str().unwrap();
        assert_eq!(alice.json(["state", "lobby", key]).ok().value()[0], *entry);
        let proof = alice.json(["proof", "lobby", key]).ok().value();
        assert_eq!((&proof["value"], &proof["key"]), (&entry["value"], &entry["key"]));
        assert_eq!(proof["root"], alice.root("lobby")["root"]);
    }
    alice.json(["state", "lobby", "nothing"]).fails(3, "not-found");
    let absent = alice.json(["proof", "lobby", "nothing"]).ok().value();
    assert_eq!(absent["value"], serde_json::Value::Null);
    assert!(!absent["proof"].as_str().unwrap().is_empty());
    assert_eq!(alice.json(["forks", "lobby"]).ok().value(), serde_json::json!([]));
    assert_eq!(alice.json(["pending", "lobby"]).ok().value(), serde_json::json!([]));
    let drift = alice.json(["drift", "lobby"]).ok().value();
    assert_eq!(drift["topic"], alice.root("lobby")["topic"]);
    let nothing = serde_json::json!([]);
    assert!(["anchors", "votes", "reports"].iter().all(|kept| drift[*kept] == nothing), "{drift}");
    let told = alice.run(["drift", "lobby"]).ok().stdout;
    assert!(told.starts_with("last anchor  none yet: nodes compare"), "{told}");
    // A character is no id, though a topic's may start with it, and `-` no file.
    let id = alice.json(["topic", "list"]).ok().value()[0]["id"].as_str().unwrap().to_owned();
    alice.json(["view", &id[..4]]).ok();
    let error = alice.json(["view", &id[..3]]).fails(3, "not-found");
    assert!(error["cause"].as_str().unwrap().contains("first 4 characters"), "{error}");
    alice.json(["topic", "export", "lobby", "-"]).fails(2, "usage");
}

#[test]
fn topics_are_meant_by_name_id_or_its_start_and_what_could_be_two_is_refused() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    let mut ids: Vec<_> = (0..17).map(|n| alice.found("counter", &format!("t{n}"))).collect();
    ids.sort();
    let twins = ids.windows(2).find(|pair| pair[0][..1] == pair[1][..1]).unwrap();
    let error = alice.json(["root", &twins[0][..1]]).fails(2, "ambiguous");
    assert!(twins.iter().all(|id| error["cause"].as_str().unwrap().contains(&id[..16])), "{error}");
    assert_eq!(alice.root(&ids[3].to_uppercase())["topic"], *ids[3]);
    alice.json(["root", "nowhere"]).fails(3, "not-found");
    alice.json(["topic", "create", "counter", "--name", "t0"]).fails(2, "bad-name");
    alice.json(["topic", "create", "counter", "--name", "a\u{1b}[2J"]).fails(2, "bad-name");
    for blank in ["\u{3164}", "\u{2800}\u{2800}", "\u{fe0f}", "\u{a0}"] {
        alice.json(["topic", "create", "counter", "--name", blank]).fails(2, "bad-name");
    }
    let long = "a".repeat(100_000);
    let error = alice.json(["topic", "create", "counter", "--name", &long]).fails(2, "bad-name");
    assert!(error.to_string().len() < 1_000, "{error}");
    alice.json(["topic", "leave", "t0"]).fails(4, "needs-confirmation");
    alice.json(["topic", "leave", "t0", "--yes"]).ok();
    alice.json(["root", "t0"]).fails(3, "not-found");
}
