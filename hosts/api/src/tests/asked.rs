use myrhiza_kernel::runtime;
use myrhiza_kernel_api::operation::{Operation, Outcome};
use myrhiza_kernel_api::{BundleId, PublicKey, TopicId};
use serde_json::{Value, json};

use super::home::Home;
use crate::asked::{Asked, Said};

#[test]
fn what_an_app_does_not_take_is_proposed() {
    let (mut home, topic) = Home::with_topic(1);
    let pressed = home.ask("press", json!({"topic": topic, "words": ["good", "day"]}));
    assert_eq!((&pressed["acted"]["verdict"], &pressed["asked"]), (&"accept".into(), &json!([])));
    let view = home.ask("view", json!({"topic": topic}));
    assert_eq!(view["nodes"][0]["text"], "good day");
    let pressed = home.ask("press", json!({"topic": topic, "words": ["no"]}));
    assert_eq!(pressed["acted"]["reason"], "nobody says no here");
    assert_eq!(home.ask("asked", json!({"topic": topic})), json!([]));
}

#[test]
fn an_answer_to_nothing_is_refused() {
    let (mut home, _) = Home::with_topic(1);
    let mut refused =
        |token: &str, said: Value| home.refused("complete", json!({"token": token, "said": said}));
    assert_eq!(refused("0000000000000000", json!({"kind": "done"})), "not-asked");
    assert_eq!(refused("+000000000000000", json!({"kind": "done"})), "not-asked");
    assert_eq!(refused("0", json!({"kind": "done"})), "not-asked");
    let file = json!({"kind": "file", "name": "a", "bytes": "0x"});
    assert_eq!(refused("0000000000000000", file), "no-answer");
    assert_eq!(refused("0000000000000000", json!({"kind": "nonsense"})), "bad-request");
    assert_eq!(refused("0000000000000000", json!({"kind": "done", "more": 1})), "bad-request");
}

#[test]
fn what_is_asked_says_who_asks_and_what() {
    let asked = |operation| {
        let asked = runtime::Asked {
            token: 10,
            topic: TopicId([1; 32]),
            bundle: BundleId([2; 32]),
            app: "pins".into(),
            version: "1.0.0".parse().unwrap(),
            author: PublicKey([3; 32]),
            operation,
        };
        serde_json::to_value(Asked::from(asked)).unwrap()
    };
    let open = asked(Operation::Open { address: "https://a.example/b".into() });
    assert_eq!((&open["kind"], &open["address"]), (&"open".into(), &"https://a.example/b".into()));
    assert_eq!((&open["token"], &open["app"]), (&"000000000000000a".into(), &"pins".into()));
    assert!(open["author_name"].as_str().unwrap().starts_with("myr1"), "{open}");
    let key = asked(Operation::Subscribe { server_key: vec![4; 65] });
    assert_eq!(key["server_key"], "04".repeat(65));
    let whole: Asked = serde_json::from_value(key.clone()).unwrap();
    assert_eq!(serde_json::to_value(whole).unwrap(), key);
    let said: Said = serde_json::from_value(json!({"kind": "chosen", "index": 1})).unwrap();
    assert_eq!(Outcome::try_from(said).unwrap(), Outcome::Chosen(1));
}
