use serde_json::{Value, json};

use super::app::bundle;
use super::home::Home;

/// A home with a bundle taken from a file.
fn offered() -> (Home, Value, String) {
    let mut home = Home::new(1);
    let offer = home.ask("take", json!({"bytes": crate::hex(&bundle().to_bytes())}));
    let id = offer["bundle"].as_str().unwrap().to_owned();
    assert_eq!(id, bundle().id().to_string());
    (home, offer, id)
}

#[test]
fn nothing_is_installed_before_the_user_has_agreed_to_what_was_shown() {
    let (mut home, offer, id) = offered();
    assert_eq!(home.ask("apps", json!({})), json!([]));
    assert_eq!(home.ask("offers", json!({}))[0]["bundle"], offer["bundle"]);
    assert_eq!(offer["author_is_known"], false);
    let may = offer["may"].as_array().unwrap();
    assert!(may.iter().any(|may| may["words"] == "read and change the topic's shared state"));
    assert!(may.iter().all(|may| may["new"] == false), "without a version before, nothing is new");
    // What is shown again is the same thing; a yes to anything else is none.
    assert_eq!(home.ask("offer", json!({"bundle": id})), offer);
    let confirm = |shown: &Value| json!({"bundle": id, "shown": shown, "pin": false});
    assert_eq!(home.refused("confirm", confirm(&"00".repeat(32).into())), "changed");
    assert_eq!(home.ask("apps", json!({})), json!([]));
    assert_eq!(home.ask("confirm", confirm(&offer["shown"]))["name"], offer["name"]);
    let apps = home.ask("apps", json!({}));
    assert_eq!((&apps[0]["id"], &apps[0]["revoked"]), (&offer["bundle"], &Value::Null));
    assert_eq!(home.ask("offers", json!({})), json!([]));
    // By now there is more to know: it is there.
    let again = home.ask("offer", json!({"bundle": id}));
    assert_eq!(again["notices"], json!(["it is installed already"]));
    assert_ne!(again["shown"], offer["shown"]);
    home.ask("uninstall", json!({"bundle": id}));
    assert_eq!(home.refused("offer", json!({"bundle": id})), "not-found");
}

#[test]
fn an_offer_that_is_refused_is_gone_unless_a_topic_needs_it() {
    let (mut home, _, id) = offered();
    assert_eq!(home.ask("refuse", json!({"bundle": id}))["gone"], true);
    assert_eq!(home.ask("offers", json!({})), json!([]));

    let (mut alice, topic) = Home::with_topic(2);
    let terms =
        json!({"topic": topic, "uses": 1, "lasts_ms": null, "may_invite": false, "device": false});
    let ticket = alice.ask("invite", terms)["ticket"].clone();
    home.ask("join", json!({"ticket": ticket, "name": null, "even_if_expired": false}));
    let offer = home.ask("take", json!({"bytes": crate::hex(&bundle().to_bytes())}));
    assert_eq!(offer["topics"], json!(["steps"]));
    assert_eq!(home.ask("refuse", json!({"bundle": id}))["gone"], false);
    assert_eq!(home.ask("offers", json!({}))[0]["topics"], json!(["steps"]));
    let confirm = json!({"bundle": id, "shown": offer["shown"], "pin": false});
    home.ask("confirm", confirm);
    assert_eq!(home.ask("topics", json!({}))[0]["app"], offer["name"]);
    assert_eq!(home.refused("uninstall", json!({"bundle": id})), "in-use");
}

#[test]
fn what_is_no_bundle_is_not_taken() {
    let mut home = Home::new(1);
    let mut broken = bundle().to_bytes();
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    for bytes in ["".into(), "zz".into(), crate::hex(b"hello"), crate::hex(&broken)] {
        assert_eq!(home.refused("take", json!({"bytes": bytes})), "bad-bundle");
    }
    assert_eq!(home.ask("offers", json!({})), json!([]));
}
