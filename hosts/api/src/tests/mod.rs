//! Requests as a host gets them, over a home in memory.

mod answers;
mod app;
mod asked;
mod home;
mod host;
mod offers;
mod surface;
mod topics;

use home::Home;

#[test]
fn a_request_with_anything_unknown_in_it_is_refused() {
    let mut home = Home::new(1);
    for bad in [
        r#"{"method": "nonsense", "params": {}}"#,
        r#"{"method": "who"}"#,
        r#"{"method": "who", "params": {"more": 1}}"#,
        r#"{"method": "who", "params": {}, "more": 1}"#,
        r#"{"method": "root", "params": {"topic": "ab"}}"#,
        r#"{"method": "act", "params": {"topic": 7, "intent": []}}"#,
        "[]",
        "",
    ] {
        let error = home.say(bad).unwrap_err();
        assert_eq!(error["code"], "bad-request", "{bad}: {error}");
        assert!(["what", "cause", "next"].iter().all(|part| error[part].is_string()), "{error}");
    }
    let who = home.ask("who", serde_json::json!({}));
    assert!(who["name"].as_str().unwrap().starts_with("myr1"), "{who}");
    assert_eq!(home.ask("about", serde_json::json!({}))["engine"], "1");
}
