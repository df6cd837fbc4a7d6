use myrhiza_kernel_api::limits;
use myrhiza_kernel_api::operation::{Operation, Outcome};

use super::puppet::{Stage, app};
use crate::runtime::{Pressed, RuntimeError};

/// The tokens of what was asked, in order.
fn tokens(pressed: &Pressed) -> Vec<u64> {
    pressed.asked.iter().map(|asked| asked.token).collect()
}

fn is_not_asked<T>(result: &Result<T, RuntimeError>) -> bool {
    matches!(result, Err(RuntimeError::NotAsked))
}

/// [OPERATIONS-2] [OPERATIONS-3]
#[test]
fn what_is_asked_names_the_app_and_its_answer_reaches_it_once() {
    let mut stage = Stage::new();
    let bundle = app("pins", 7, 0);
    let topic = stage.found(&bundle, "board");
    let pressed = stage.press(topic, &["ask Who?", "open https://a.example/x"]).unwrap();
    assert_eq!(pressed.intent, None);
    let [ask, open] = pressed.asked.as_slice() else { panic!("{pressed:?}") };
    assert_eq!(ask.operation, Operation::Ask { question: "Who?".into(), value: String::new() });
    assert_eq!((ask.topic, ask.bundle, ask.app.as_str()), (topic, bundle.id(), "pins"));
    assert_eq!(ask.author, bundle.author());
    assert_eq!(stage.runtime.asked(topic), pressed.asked);

    let text = Outcome::Text("Ada".into());
    assert!(matches!(stage.complete(ask.token, &Outcome::Done), Err(RuntimeError::NoAnswer)));
    assert!(matches!(stage.complete(open.token, &text), Err(RuntimeError::NoAnswer)));
    assert!(
        is_not_asked(&stage.complete(ask.token ^ 1 << 63, &text)),
        "a token that nobody was given"
    );
    assert_eq!(stage.noted(), <[String; 0]>::default());
    assert_eq!(stage.complete(ask.token, &text).unwrap(), (topic, Pressed::default()));
    assert_eq!(stage.noted(), ["Text(\"Ada\")"]);
    assert!(is_not_asked(&stage.complete(ask.token, &text)), "a second time");
    assert_eq!(stage.runtime.asked(topic), std::slice::from_ref(open));
    stage.complete(open.token, &Outcome::Done).unwrap();
    assert_eq!(stage.runtime.asked(topic), []);
}

/// [OPERATIONS-3] [OPERATIONS-4]
#[test]
fn only_what_is_declared_is_asked_and_only_after_the_user_did_something() {
    let mut stage = Stage::new();
    let topic = stage.found(&app("pins", 7, 0), "board");
    let words = ["copy x", "open https://b.example", "open http://a.example", "ask ", "propose p"];
    let pressed = stage.press(topic, &words).unwrap();
    assert_eq!(stage.noted(), ["Undeclared", "Undeclared", "Undeclared", "Argument"]);
    assert_eq!((pressed.asked, pressed.intent), (Vec::new(), Some(vec!["p".into()])));

    // Looking is not doing.
    stage.strings.lock().unwrap().render = vec!["ask Who?".into(), "propose p".into()];
    stage.view(topic).unwrap();
    assert_eq!(stage.noted(), ["Unprompted"]);
    assert_eq!(stage.runtime.asked(topic), []);

    // Nor is it to say no; after a yes an app goes on.
    stage.strings.lock().unwrap().complete = vec!["ask Again?".into(), "propose p".into()];
    let pressed = stage.press(topic, &["ask Who?", "ask Who?", "ask Who?"]).unwrap();
    let [first, second, third] = tokens(&pressed)[..] else { panic!("{pressed:?}") };
    let no = stage.complete(first, &Outcome::Declined).unwrap().1;
    assert_eq!(no, Pressed::default());
    let no = stage.complete(second, &Outcome::Unavailable("no terminal".into())).unwrap().1;
    assert_eq!(no, Pressed::default());
    assert_eq!(stage.noted().iter().filter(|noted| *noted == "Unprompted").count(), 2);
    let yes = stage.complete(third, &Outcome::Text(String::new())).unwrap().1;
    assert_eq!((yes.asked.len(), yes.intent), (1, Some(vec!["p".into()])));
}

/// [OPERATIONS-3]
#[test]
fn so_many_are_open_and_all_of_them_go_with_the_instance() {
    let mut stage = Stage::new();
    let (one, other) =
        (stage.found(&app("pins", 7, 0), "one"), stage.found(&app("b", 7, 0), "two"));
    let many = vec!["ask Who?"; limits::OPEN_OPERATIONS + 1];
    let pressed = stage.press(one, &many).unwrap();
    let open = tokens(&pressed);
    assert_eq!((open.len(), stage.noted()), (limits::OPEN_OPERATIONS, vec!["WouldBlock".into()]));
    let elsewhere = tokens(&stage.press(other, &["ask Who?"]).unwrap())[0];
    stage.complete(open[0], &Outcome::Declined).unwrap();
    stage.noted();
    assert_eq!(stage.press(one, &["ask Who?", "ask Who?"]).unwrap().asked.len(), 1);
    assert_eq!(stage.noted(), ["WouldBlock"]);

    let trapped = stage.press(one, &["trap"]).unwrap_err();
    assert!(matches!(trapped, RuntimeError::Trapped { .. }), "{trapped:?}");
    assert!(trapped.to_string().starts_with("the app `pins` failed in its `interaction`: "));
    assert_eq!(stage.runtime.asked(one), []);
    assert!(is_not_asked(&stage.complete(open[1], &Outcome::Declined)));
    stage.complete(elsewhere, &Outcome::Declined).unwrap();
}

/// [OPERATIONS-3]
#[test]
fn what_is_asked_is_over_once_eight_other_topics_of_the_app_were_shown() {
    let mut stage = Stage::new();
    let bundle = app("pins", 7, 0);
    let asking = stage.found(&bundle, "asking");
    let others: Vec<_> = (0..8).map(|n| stage.found(&bundle, &format!("other {n}"))).collect();
    let foreign = stage.found(&app("b", 7, 0), "foreign");
    let token = tokens(&stage.press(asking, &["ask Who?"]).unwrap())[0];
    for topic in others[..7].iter().chain([&others[0], &foreign]) {
        stage.view(*topic).unwrap();
    }
    assert_eq!(stage.runtime.asked(asking).len(), 1, "seven others, one of them twice");
    stage.view(others[7]).unwrap();
    assert_eq!(stage.runtime.asked(asking), []);
    assert!(is_not_asked(&stage.complete(token, &Outcome::Text("Ada".into()))));
    // It can ask again.
    assert_eq!(stage.press(asking, &["ask Who?"]).unwrap().asked.len(), 1);
}

/// [OPERATIONS-3]
#[test]
fn what_is_asked_is_over_once_thirty_two_other_topics_of_any_app_were_shown() {
    let mut stage = Stage::new();
    let asking = stage.found(&app("pins", 7, 0), "asking");
    let mut others = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let bundle = app(name, 7, 0);
        others.extend((0..8).map(|n| stage.found(&bundle, &format!("{name} {n}"))));
    }
    let token = tokens(&stage.press(asking, &["ask Who?"]).unwrap())[0];
    for topic in others[..31].iter().chain(&others[24..31]) {
        stage.view(*topic).unwrap();
    }
    assert_eq!(stage.runtime.asked(asking).len(), 1, "thirty-one others, seven of them twice");
    stage.view(others[31]).unwrap();
    assert_eq!(stage.runtime.asked(asking), []);
    assert!(is_not_asked(&stage.complete(token, &Outcome::Text("Ada".into()))));
    // It can ask again.
    assert_eq!(stage.press(asking, &["ask Who?"]).unwrap().asked.len(), 1);
}

/// [OPERATIONS-1]
#[test]
fn what_an_app_keeps_is_its_own_in_all_its_topics_and_versions_and_in_this_home() {
    let mut stage = Stage::new();
    let one = stage.found(&app("pins", 7, 0), "one");
    let two = stage.found(&app("pins", 7, 1), "two");
    let (namesake, other) = (app("pins", 8, 0), app("notes", 7, 0));
    let (three, four) = (stage.found(&namesake, "three"), stage.found(&other, "four"));
    stage.press(one, &["keep a=1"]).unwrap();
    for topic in [one, two, three, four] {
        stage.press(topic, &["kept a"]).unwrap();
    }
    assert_eq!(stage.noted(), ["1", "1", "nothing", "nothing"]);
    let mut elsewhere = Stage::new();
    let topic = elsewhere.found(&app("pins", 7, 0), "one");
    elsewhere.press(topic, &["kept a"]).unwrap();
    assert_eq!(elsewhere.noted(), ["nothing"]);
    assert_eq!(stage.runtime.state(one).unwrap(), [], "it is in no state");

    // What a call did that trapped is undone.
    stage.press(one, &["keep a=2", "trap"]).unwrap_err();
    stage.press(one, &["kept a", "forget a", "kept a"]).unwrap();
    assert_eq!(stage.noted(), ["1", "nothing"]);
    stage.press(one, &["kept a", "keep =1"]).unwrap();
    assert_eq!(stage.noted(), ["nothing", "Key"]);
    stage.strings.lock().unwrap().render = vec!["keep seen=yes".into(), "show it".into()];
    assert_eq!(stage.view(one).unwrap().nodes.len(), 1);
    stage.press(two, &["kept seen"]).unwrap();
    assert_eq!(stage.noted(), ["yes"]);
}

/// [OPERATIONS-1]
#[test]
fn what_an_app_keeps_goes_with_its_last_version() {
    let mut stage = Stage::new();
    let (old, new) = (app("pins", 7, 0), app("pins", 7, 1));
    let topic = stage.found(&new, "one");
    stage.runtime.install(&old).unwrap();
    stage.press(topic, &["keep a=1"]).unwrap();
    stage.runtime.uninstall(old.id()).unwrap();
    stage.press(topic, &["kept a"]).unwrap();
    stage.leave(topic);
    stage.runtime.uninstall(new.id()).unwrap();
    let again = stage.found(&new, "two");
    stage.press(again, &["kept a"]).unwrap();
    assert_eq!(stage.noted(), ["1", "nothing"]);
}
