//! What keys do, and what is seen then.

use std::sync::LazyLock;

use myrhiza_api::view::{Node, Viewed};
use myrhiza_kernel_api::TopicId;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde_json::{Value, json};

use super::acted::Acted;
use super::draw::draw;
use super::source::{Asked, Told, Topic, Topics};
use super::state::{Effect, Event, State};
use super::style::Looks;
use crate::failure::Failure;

static POLL: LazyLock<TopicId> = LazyLock::new(|| "11".repeat(32).parse().unwrap());
static TALLY: LazyLock<TopicId> = LazyLock::new(|| "22".repeat(32).parse().unwrap());

fn topics() -> Topics {
    let topic = |id: &TopicId, name: &str, app: Value, more: Value| -> Topic {
        let mut topic = json!({
            "id": id.to_string(), "id_name": "myrtopic1", "name": name, "app": app, "events": 12,
            "member": true, "waits": null, "revoked": false, "denied": false,
        });
        topic.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(topic).unwrap()
    };
    let all = vec![
        topic(&POLL, "Lunch", json!("poll"), json!({})),
        topic(&TALLY, "世界 \u{202e}tally", json!(null), json!({"member": false, "denied": true})),
    ];
    Topics { by_node: true, all }
}

fn nodes(nodes: Value) -> Vec<Node> {
    serde_json::from_value(nodes).unwrap()
}

/// Every kind of node.
fn poll() -> Value {
    json!([
        {"depth": 0, "kind": "panel", "title": "Lunch"},
        {"depth": 1, "kind": "message", "tone": "good", "text": "Two have voted."},
        {"depth": 1, "kind": "list", "numbered": true},
        {"depth": 2, "kind": "text", "tone": "plain", "text": "soup\nwith bread"},
        {"depth": 2, "kind": "button", "label": "pizza", "intent": ["vote", "1"], "enabled": true},
        {"depth": 1, "kind": "table", "columns": ["who", "votes"], "rows": [["世界", "1"], ["bob", "2"]]},
        {"depth": 1, "kind": "form", "label": "add", "intent": ["add"], "enabled": true},
        {"depth": 2, "kind": "input", "label": "Option", "value": "", "choices": []},
        {"depth": 2, "kind": "input", "label": "Kind", "value": "hot", "choices": ["cold", "hot"]},
        {"depth": 1, "kind": "menu", "title": "More"},
        {"depth": 2, "kind": "button", "label": "end", "intent": ["end"], "enabled": true},
        {"depth": 2, "kind": "button", "label": "reset", "intent": ["reset"], "enabled": false},
        {"depth": 1, "kind": "dialog", "title": "Really?"},
        {"depth": 2, "kind": "hologram"},
        {"depth": 3, "kind": "text", "tone": "muted", "text": "of a later version"},
        {"depth": 2, "kind": "button", "label": "yes", "intent": ["yes"], "enabled": true},
        {"depth": 2, "kind": "button", "label": "no", "intent": ["no"], "enabled": true},
    ])
}

fn viewed(topic: TopicId, version: &str, all: Value, more: usize) -> Event {
    let (version, nodes) = (version.into(), Some(nodes(all)));
    Event::Told(Told::View(topic, Ok(Viewed { topic: topic.to_string(), version, nodes, more })))
}

/// A screen of that size that shows the view of a topic.
fn opened(size: (u16, u16), all: Value) -> State {
    let (mut state, effects) = State::new(topics(), Some(*POLL));
    assert!(effects == [view(500)]);
    state.update(Event::Size(size.0, size.1));
    state.update(viewed(*POLL, "1", all, 0));
    state
}

fn view(limit: usize) -> Effect {
    Effect::Ask(Asked::View { topic: *POLL, known: None, limit })
}

fn act(intent: &[&str]) -> Vec<Effect> {
    let intent = intent.iter().map(|word| (*word).to_owned()).collect();
    vec![Effect::Ask(Asked::Act { topic: *POLL, intent, passphrase: None })]
}

fn press(state: &mut State, code: KeyCode) -> Vec<Effect> {
    state.update(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

/// Presses keys of which none is to have an effect beyond the screen.
#[track_caller]
fn keys(state: &mut State, codes: &[KeyCode]) {
    for code in codes {
        assert!(press(state, *code).is_empty(), "{code:?}");
    }
}

fn type_in(state: &mut State, text: &str) {
    for c in text.chars() {
        keys(state, &[KeyCode::Char(c)]);
    }
}

fn told(state: &mut State, verdict: &str, reason: &str) -> Vec<Effect> {
    let acted = Acted { verdict: verdict.into(), reason: reason.into() };
    state.update(Event::Told(Told::Acted(Ok(acted))))
}

/// What is seen.
fn seen(state: &State) -> String {
    let (columns, rows) = state.size();
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| draw(frame, state, Looks { colours: false })).unwrap();
    terminal.backend().to_string()
}

#[test]
fn topics_are_chosen_from_a_list() {
    let (mut state, effects) = State::new(topics(), None);
    assert!(effects.is_empty());
    state.update(Event::Size(70, 9));
    insta::assert_snapshot!("topics", seen(&state));
    keys(&mut state, &[KeyCode::Down, KeyCode::Down, KeyCode::Home]);
    assert!(press(&mut state, KeyCode::Enter) == [view(500)]);
    assert!(press(&mut state, KeyCode::Esc) == [Effect::Ask(Asked::Topics)]);
    assert!(press(&mut state, KeyCode::Char('q')) == [Effect::Quit]);
}

#[test]
fn a_home_without_topics_says_how_to_come_by_one() {
    let (mut state, _) = State::new(Topics { by_node: false, all: Vec::new() }, None);
    state.update(Event::Size(90, 7));
    keys(&mut state, &[KeyCode::Down, KeyCode::Enter, KeyCode::End]);
    assert!(seen(&state).contains("myrhiza topic join TICKET"), "{}", seen(&state));
}

#[test]
fn every_kind_of_node_is_shown() {
    let mut state = opened((60, 36), poll());
    insta::assert_snapshot!("every_kind", seen(&state));
    keys(&mut state, &[KeyCode::Tab]);
    insta::assert_snapshot!("focus", seen(&state));
}

#[test]
fn buttons_that_a_view_ends_with_are_seen() {
    let button = |label: &str| json!({"depth": 0, "kind": "button", "label": label, "intent": [label], "enabled": true});
    let all = json!([
        {"depth": 0, "kind": "text", "tone": "plain", "text": "5"},
        button("more"),
        button("less"),
    ]);
    let mut state = opened((40, 10), all.clone());
    assert!(seen(&state).contains("[ more ] [ less ]"), "{}", seen(&state));
    keys(&mut state, &[KeyCode::Tab]);
    assert!(seen(&state).contains("[▸more◂] [ less ]"), "{}", seen(&state));
    assert!(press(&mut state, KeyCode::Enter) == act(&["more"]));
    // The shell's own button for the rest is not among the app's.
    let seen = seen(&{
        let mut state = opened((40, 10), json!([]));
        state.update(viewed(*POLL, "2", all, 3));
        state
    });
    assert!(seen.contains("[ less ]   ") && seen.contains("show 3 more elements"), "{seen}");
}

#[test]
fn on_a_narrow_screen_nothing_is_lost() {
    insta::assert_snapshot!("narrow", seen(&opened((24, 44), poll())));
    for size in [(1, 1), (3, 2), (5, 40), (200, 3)] {
        let mut state = opened(size, poll());
        keys(&mut state, &[KeyCode::Tab, KeyCode::Down, KeyCode::End, KeyCode::PageUp]);
        seen(&state);
    }
}

#[test]
fn a_form_is_filled_in_place_and_sent_with_its_inputs_in_order() {
    let mut state = opened((60, 36), poll());
    // A dialog is where one is, but keys are for nothing before one goes somewhere.
    assert!(press(&mut state, KeyCode::Enter).is_empty());
    keys(&mut state, &[KeyCode::BackTab, KeyCode::BackTab, KeyCode::BackTab, KeyCode::BackTab]);
    type_in(&mut state, "rice q");
    state.update(Event::Paste("\n& r\u{1b}".into()));
    keys(&mut state, &[KeyCode::Enter, KeyCode::Right]);
    insta::assert_snapshot!("form", seen(&state));
    keys(&mut state, &[KeyCode::Enter]);
    assert!(press(&mut state, KeyCode::Enter) == act(&["add", "rice q & r", "cold"]));

    // Until that has come to an end, nothing else is done.
    keys(&mut state, &[KeyCode::Enter]);
    assert!(seen(&state).contains("still under way"));
    assert!(told(&mut state, "reject", "too many options").len() == 2);
    let refused = seen(&state);
    assert!(refused.contains("the app refused it: too many options"), "{refused}");
    assert!(refused.contains("rice q & r"), "what was refused can be mended: {refused}");

    assert!(press(&mut state, KeyCode::Enter) == act(&["add", "rice q & r", "cold"]));
    told(&mut state, "accept", "");
    let taken = seen(&state);
    assert!(taken.contains("done") && !taken.contains("rice"), "{taken}");
    assert!(taken.contains("hot"), "{taken}");
}

#[test]
fn what_cannot_be_pressed_is_passed_over() {
    let mut state = opened((60, 36), poll());
    let mut labels = Vec::new();
    for _ in 0..9 {
        keys(&mut state, &[KeyCode::Tab]);
        let seen = seen(&state);
        let line = seen.lines().find(|line| line.contains('▸')).unwrap().to_owned();
        labels.push(line);
    }
    assert!(labels.iter().all(|line| !line.contains("▸reset")), "{labels:?}");
}

#[test]
fn keys_never_act_on_what_came_in_the_place_of_something_else() {
    let button = |intent: &str| json!([{"depth": 0, "kind": "button", "label": "x", "intent": [intent], "enabled": true}]);
    let mut state = opened((40, 10), button("stay"));
    keys(&mut state, &[KeyCode::Tab]);
    state.update(viewed(*POLL, "2", button("leave"), 0));
    assert!(press(&mut state, KeyCode::Enter).is_empty());
    keys(&mut state, &[KeyCode::Tab]);
    assert!(press(&mut state, KeyCode::Enter) == act(&["leave"]));
}

#[test]
fn what_is_filled_in_and_where_one_is_outlive_a_change_of_the_view() {
    let mut state = opened((60, 40), poll());
    keys(&mut state, &[KeyCode::BackTab; 4]);
    type_in(&mut state, "rice");
    let mut later = poll();
    let more =
        json!({"depth": 1, "kind": "button", "label": "new", "intent": ["new"], "enabled": true});
    later.as_array_mut().unwrap().insert(1, more);
    state.update(viewed(*POLL, "2", later, 0));
    type_in(&mut state, "!");
    assert!(seen(&state).contains("▸Option: rice!"), "{}", seen(&state));
    // One that changed nothing is not sent again.
    let unchanged = Viewed { topic: POLL.to_string(), version: "2".into(), nodes: None, more: 0 };
    state.update(Event::Told(Told::View(*POLL, Ok(unchanged))));
    assert!(seen(&state).contains("▸Option: rice!"));
}

#[test]
fn a_long_view_is_read_in_parts() {
    let line = |n: usize| json!({"depth": 0, "kind": "text", "tone": "plain", "text": format!("line {n}")});
    let all: Vec<_> = (0..500).map(line).collect();
    let mut state = opened((40, 10), json!(all));
    state.update(viewed(*POLL, "2", json!(all), 1_000));
    keys(&mut state, &[KeyCode::Down, KeyCode::PageDown]);
    assert!(seen(&state).contains("8–14 of 501"), "{}", seen(&state));
    keys(&mut state, &[KeyCode::End, KeyCode::Tab]);
    insta::assert_snapshot!("long", seen(&state));
    let more = press(&mut state, KeyCode::Enter);
    let asked = Asked::View { topic: *POLL, known: Some("2".into()), limit: 2_000 };
    assert!(more == [Effect::Ask(Asked::Topics), Effect::Ask(asked)]);
}

#[test]
fn a_view_that_fails_is_shown_as_failing_and_the_rest_works_on() {
    let mut state = opened((60, 14), poll());
    let failure = Failure::refused(
        "app-failed",
        "the app could not show the topic",
        "unreachable \u{1b}[31m",
        "look at it with `myrhiza log TOPIC`",
    );
    state.update(Event::Told(Told::View(*POLL, Err(failure))));
    insta::assert_snapshot!("failing", seen(&state));
    keys(&mut state, &[KeyCode::Tab, KeyCode::Enter]);
    press(&mut state, KeyCode::Esc);
    assert!(seen(&state).contains("Topics"));
    press(&mut state, KeyCode::Enter);
    state.update(viewed(*POLL, "3", poll(), 0));
    assert!(seen(&state).contains("of a later version"), "{}", seen(&state));
}

#[test]
fn a_change_is_read_once_and_again_if_there_was_another_meanwhile() {
    let mut state = opened((60, 30), poll());
    let changed = |topic: TopicId| Event::Told(Told::Changed(Some(topic)));
    let known = Asked::View { topic: *POLL, known: Some("1".into()), limit: 500 };
    assert!(state.update(changed(*TALLY)) == [Effect::Ask(Asked::Topics)]);
    assert!(state.update(changed(*POLL)) == [Effect::Ask(known.clone())]);
    assert!(state.update(changed(*POLL)).is_empty());
    assert!(state.update(viewed(*POLL, "1", poll(), 0)) == [Effect::Ask(known)]);
    assert!(state.update(viewed(*POLL, "1", poll(), 0)).is_empty());
    assert!(state.update(Event::Told(Told::Topics(Ok(topics())))) == [Effect::Ask(Asked::Topics)]);
    assert!(state.update(Event::Told(Told::Topics(Ok(topics())))).is_empty());
}

#[test]
fn the_passphrase_is_asked_for_where_it_is_needed_and_never_shown() {
    let mut state = opened((60, 36), poll());
    keys(&mut state, &[KeyCode::Tab]);
    assert!(press(&mut state, KeyCode::Enter) == act(&["yes"]));
    state.update(Event::Told(Told::Sealed));
    type_in(&mut state, "secretq");
    keys(&mut state, &[KeyCode::Backspace]);
    assert!(!seen(&state).contains("secret"), "{}", seen(&state));
    insta::assert_snapshot!("passphrase", seen(&state));
    let given = Asked::Act {
        topic: *POLL,
        intent: vec!["yes".into()],
        passphrase: Some("secret".to_owned().into()),
    };
    assert!(press(&mut state, KeyCode::Enter) == [Effect::Ask(given)]);
    let wrong =
        Failure::refused("wrong-passphrase", "the keys were not unsealed", "wrong", "again");
    state.update(Event::Told(Told::Acted(Err(wrong))));
    assert!(seen(&state).contains("the keys were not unsealed: wrong"));

    assert!(press(&mut state, KeyCode::Enter) == act(&["yes"]));
    state.update(Event::Told(Told::Sealed));
    keys(&mut state, &[KeyCode::Char('x'), KeyCode::Esc]);
    assert!(seen(&state).contains("the passphrase was not given"));
    assert!(!state.is_acting());
}

#[test]
fn what_else_there_is_to_say_is_said_beside_what_was_done() {
    let mut state = opened((60, 36), poll());
    keys(&mut state, &[KeyCode::Tab]);
    assert!(press(&mut state, KeyCode::Enter) == act(&["yes"]));
    told(&mut state, "accept", "");
    state.update(Event::Told(Told::Remark("the app also asks something".into())));
    let seen = seen(&state);
    assert!(seen.contains("done") && seen.contains("the app also asks something"), "{seen}");
}

#[test]
fn nothing_an_app_says_steers_the_terminal() {
    let wild = "a\u{1b}[2J\u{9b}31m\r\u{202e}b\u{7}";
    let all = json!([
        {"depth": 0, "kind": "panel", "title": wild},
        {"depth": 1, "kind": "text", "tone": "plain", "text": wild},
        {"depth": 1, "kind": "button", "label": wild, "intent": [wild], "enabled": true},
        {"depth": 1, "kind": "input", "label": wild, "value": wild, "choices": []},
        {"depth": 1, "kind": "input", "label": wild, "value": wild, "choices": [wild]},
        {"depth": 1, "kind": "table", "columns": [wild], "rows": [[wild]]},
    ]);
    let mut state = opened((120, 30), all);
    told(&mut state, "reject", wild);
    let seen = seen(&state);
    assert!(!seen.chars().any(|c| c != '\n' && crate::text::is_unfit(c)), "{seen:?}");
    assert!(seen.contains("\\u{1b}[2J") && seen.contains("\\u{202e}b"), "{seen}");
}
