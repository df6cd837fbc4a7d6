use serde_json::{Value, json};

use super::home::Home;

#[test]
fn what_is_pressed_on_a_surface_is_proposed_and_an_unchanged_one_is_not_sent_again() {
    let (mut home, topic) = Home::with_topic(1);
    let ask = |home: &mut Home, known: &Value, input: Value| {
        home.ask("surface", json!({"topic": topic, "known": known, "input": input}))
    };
    let none = ask(&mut home, &Value::Null, json!([]));
    assert_eq!((&none["surface"], &none["intents"]), (&Value::Null, &json!([])));
    home.ask("act", json!({"topic": topic, "intent": ["draw"]}));
    let view = home.ask("view", json!({"topic": topic}));
    let place = json!({"depth": 0, "kind": "surface", "name": "Board", "text": "One colour.",
        "width": 40, "height": 30});
    assert_eq!((&view["nodes"][0], &view["nodes"][1]["text"]), (&place, &"draw".into()));

    let first = ask(&mut home, &none["version"], json!([]));
    assert_eq!(first["surface"]["listens"], true);
    assert_eq!(first["surface"]["commands"], json!([{"kind": "clear", "paint": "#000001ae"}]));
    let known = &first["version"];
    let room = json!({"kind": "room", "width": 9, "height": 9, "dark": false});
    let same = ask(&mut home, known, json!([room]));
    assert_eq!((&same["surface"], &same["version"]), (&Value::Null, known));
    assert_eq!(same["intents"], json!([]), "nobody pressed");

    let key = json!({"kind": "key", "down": true, "name": "a", "modifiers": 0});
    let pressed = ask(&mut home, known, json!([key, key]));
    assert_eq!(pressed["intents"], json!([["draw", "2"]]));
    assert_eq!(home.ask("root", json!({"topic": topic}))["events"], 2, "nothing is done by it yet");
    let asked = home.keys_asked();
    home.ask("act", json!({"topic": topic, "intent": pressed["intents"][0]}));
    assert!(home.keys_asked() > asked);
    assert_ne!(ask(&mut home, known, json!([]))["version"], *known);

    let flood = vec![key; 257];
    let params = json!({"topic": topic, "known": null, "input": flood});
    assert_eq!(home.refused("surface", params), "bad-request");
}
