//! Topics on a terminal, as a person at its keyboard sees them; and where the web shell is.

use std::fs;

use rustix::process::Signal;
use serde_json::json;

use myrhiza_e2e::{Folder, Home, Node, Terminal, until};

use super::shell::{asked, token, with_page};

const ENTER: &str = "\r";
const ESC: &str = "\u{1b}";
const TAB: &str = "\t";

fn shown(home: &Home, topic: Option<&str>) -> Terminal {
    let arguments = ["ui", "--terminal"].into_iter().chain(topic);
    Terminal::run(&mut home.command(arguments), 30, 80)
}

/// Presses Tab until that is seen.
fn go_to(screen: &mut Terminal, focused: &str) {
    while !screen.seen().contains(focused) {
        let before = screen.seen();
        screen.press(TAB);
        until("the next control", || screen.seen() != before);
    }
}

#[test]
fn a_topic_is_seen_and_acted_in_without_a_node_and_follows_what_others_do() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "steps");
    alice.found("poll", "lunch");
    let mut screen = shown(&alice, None);
    screen.sees("steps");
    screen.sees("lunch");
    screen.sees("no node is up");
    assert!(screen.is_screen());
    let first = screen.seen();
    let is_first = first.find("steps") < first.find("lunch");
    screen.press(if is_first { ENTER } else { "\u{1b}[B\r" });
    screen.sees("Esc back");
    screen.sees("[ ");
    screen.press(&[TAB, ENTER].concat());
    screen.sees("done");
    until("the event", || alice.count("steps") == 2);

    // Somebody else in this home.
    alice.act("steps", &["increment", "41"]);
    screen.sees("42");

    screen.press(ESC);
    screen.sees("Topics");
    screen.press("q");
    assert_eq!(screen.ends(), Some(0));
    assert!(screen.is_as_it_was(), "{}", screen.seen());
}

#[test]
fn a_form_is_filled_in_and_a_node_tells_of_changes_and_may_come_and_go() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("poll", "lunch");
    let node = Node::up(&alice, &[]);
    let mut screen = shown(&alice, Some("lunch"));
    screen.sees("node is up");
    screen.sees("Question");
    screen.press(TAB);
    screen.press("Where to?");
    screen.press("\t\u{1b}[200~soup\nor salad\u{1b}[201~\tpizza");
    screen.sees("soup or salad");
    go_to(&mut screen, "[▸");
    screen.press(ENTER);
    screen.sees("done");
    screen.sees("End the poll");

    alice.act("lunch", &["vote", "1"]);
    screen.sees("You voted for");
    node.stop();
    screen.sees("no node is up");
    let again = Node::up(&alice, &[]);
    screen.sees("node is up");
    screen.signal(Signal::TERM);
    assert_eq!(screen.ends(), Some(0));
    assert!(screen.is_as_it_was());
    again.stop();
}

/// [OPERATIONS-5]
#[test]
fn what_this_screen_does_not_ask_is_not_left_open_and_the_app_and_its_user_hear_of_it() {
    let folder = Folder::new();
    let alice = with_page(&folder, "alice");
    alice.install(&folder.signed(&alice, "pins")).ok();
    let topic = alice.found("pins", "board");
    let node = Node::up(&alice, &[]);
    let mut screen = shown(&alice, Some("board"));
    screen.sees("node is up");
    screen.sees("You pin as somebody");
    go_to(&mut screen, "▸Change");
    screen.press(ENTER);
    screen.sees("nothing was proposed");
    screen.sees("myrhiza do board name");
    screen.sees("the screen of a terminal does not ask this");
    let headers = format!("x-myrhiza-token: {}\r\n", token(&node));
    let open = json!({"method": "asked", "params": {"topic": topic}}).to_string();
    assert_eq!(asked(&node, &headers, &open).1, json!([]));

    node.stop();
    screen.sees("no node is up");
    screen.press(ESC);
    until("the end of the message", || !screen.seen().contains("nothing was proposed"));
    go_to(&mut screen, "▸Change");
    screen.press(ENTER);
    screen.sees("nothing was proposed");
}

#[test]
fn sealed_keys_ask_for_the_passphrase_where_something_is_signed() {
    let folder = Folder::new();
    let alice = folder.home("alice");
    let with = |arguments: &[&str]| {
        let mut command = alice.command(arguments);
        assert!(command.env("MYRHIZA_PASSPHRASE", "correct horse").status().unwrap().success());
    };
    with(&["init"]);
    let bundle = folder.signed(&folder.made("author"), "counter");
    alice.install(&bundle).ok();
    with(&["topic", "create", "counter", "--name", "steps"]);
    let mut screen = shown(&alice, Some("steps"));
    screen.sees("[ ");
    screen.press(&[TAB, ENTER].concat());
    screen.sees("passphrase:");
    screen.press("wrong\r");
    screen.sees("the keys were not unsealed");
    screen.press(ENTER);
    screen.sees("passphrase:");
    screen.press("correct horse\r");
    screen.sees("done");
    assert!(!screen.seen().contains("horse"));
    screen.press("\u{3}");
    assert_eq!(screen.ends(), Some(0));
    assert!(screen.is_as_it_was());
    assert_eq!(alice.count("steps"), 2);
}

#[test]
fn without_a_terminal_nothing_is_drawn_and_what_is_not_there_is_said_before() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let ran = alice.run(["ui", "--terminal"]).exits(4);
    assert!(ran.stderr.contains("myrhiza view TOPIC"), "{}", ran.stderr);
    alice.json(["ui", "--terminal"]).fails(2, "usage");
    alice.json(["ui", "lunch"]).fails(2, "usage");
    let mut screen = shown(&alice, Some("nowhere"));
    assert_eq!(screen.ends(), Some(3));
    screen.sees("there is no topic");
    let mut screen = shown(&folder.home("nobody"), None);
    assert_eq!(screen.ends(), Some(3));
    screen.sees("there is no home");
}

#[test]
fn where_the_web_shell_is_is_said_while_the_node_is_up() {
    let folder = Folder::new();
    folder.home("nobody").json(["ui"]).fails(3, "no-home");
    let shell = folder.path("shell");
    fs::create_dir(&shell).unwrap();
    fs::write(shell.join("index.html"), "<!doctype html>").unwrap();
    let alice = Home { shell: Some(shell), ..folder.made("alice") };
    let down = alice.json(["ui"]).fails(1, "no-node");
    assert!(down["next"].as_str().unwrap().contains("myrhiza up"), "{down}");
    let node = Node::up(&alice, &[]);
    assert_eq!(alice.json(["ui"]).ok().value()["page"], node.started["page"]);
    assert_eq!(alice.run(["ui"]).ok().stdout.trim(), node.started["page"]);
    node.stop();
    let bare = Home { shell: Some(folder.path("nothing")), ..alice };
    let _node = Node::up(&bare, &[]);
    bare.json(["ui"]).fails(1, "no-page");
}
