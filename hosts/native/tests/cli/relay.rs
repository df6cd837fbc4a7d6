//! A relay of one's own, and nodes that nothing else leads to.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use myrhiza_e2e::{Folder, Node, Ran, agree, command};

/// A relay that is up.
fn relay(folder: &Folder, arguments: &[&str]) -> Node {
    Node::relay(None, folder.path("relay"), &[&["--listen", "127.0.0.1:0"], arguments].concat())
}

#[test]
fn two_nodes_with_no_address_of_their_own_share_a_topic_through_a_relay() {
    let folder = Folder::new();
    let relay = relay(&folder, &[]);
    let (alice, bob) = folder.pair();
    for home in [&alice, &bob] {
        home.json(["config", "listen", ""]).ok();
        home.json(["config", "relays", relay.url()]).ok();
    }
    let node = Node::up(&alice, &[]);
    // Once it is up it is known at the relay, and tickets say so.
    let addresses = node.started["addresses"].as_array().unwrap();
    let is_relay =
        |address: &Value| address.as_str().unwrap().starts_with("relay:http://127.0.0.1:");
    assert!(!addresses.is_empty() && addresses.iter().all(is_relay), "{addresses:?}");
    let topic = alice.found("counter", "steps");
    let ticket = alice.invite("steps");
    let other = Node::up(&bob, &[]);
    bob.json(["topic", "join", &ticket]).ok();
    agree(&topic, [&alice, &bob], 2);
    alice.act("steps", &["increment", "2"]);
    bob.act("steps", &["increment", "3"]);
    agree(&topic, [&alice, &bob], 4);
    other.stop();
    node.stop();
    relay.stop();
}

#[test]
fn a_relay_with_a_list_serves_those_on_it_and_reads_it_again() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    let key = |home: &myrhiza_e2e::Home| {
        let node = Node::up(home, &[]);
        let key = node.started["id"].as_str().unwrap().to_owned();
        node.stop();
        key
    };
    let (alices, bobs) = (key(&alice), key(&bob));
    let list = folder.write("nodes", format!("{alices}  # Alice\n"));
    let relay = relay(&folder, &["--allow", list.to_str().unwrap()]);
    assert_eq!(relay.started["allowed"], 1);
    let through = ["--relay", relay.url()];
    for home in [&alice, &bob] {
        home.json(["config", "listen", ""]).ok();
    }
    let node = Node::up(&alice, &through);
    let topic = alice.found("counter", "steps");
    let ticket = alice.invite("steps");
    let other = Node::up(&bob, &through);
    // It is told where to go, and not let in there.
    let said = bob.json(["topic", "join", &ticket]).ok().stderr;
    assert!(said.contains("no peer with this topic was reached"), "{said}");
    assert_eq!(alice.root("steps")["events"], 1);
    fs::write(&list, format!("{alices}\n{bobs}\n")).unwrap();
    agree(&topic, [&alice, &bob], 2);
    other.stop();
    node.stop();
    relay.stop();
}

/// Why one did not come up.
fn failed(arguments: &[&str], exit: i32, code: &str) -> Value {
    let mut command = Command::new(command());
    command.args(["relay", "--json"]).args(arguments).stdin(Stdio::null());
    Ran::of(&mut command).fails(exit, code)
}

#[test]
fn a_relay_is_not_opened_to_others_by_mistake_and_says_what_is_wrong() {
    let folder = Folder::new();
    let fails = |arguments: &[&str], exit, code| {
        failed(arguments, exit, code)["next"].as_str().unwrap().to_owned()
    };
    let next = fails(&["--listen", "192.0.2.1:443"], 1, "no-tls");
    assert!(next.contains("--cert FILE") && next.contains("a proxy"), "{next}");
    let next = fails(&["--listen", "0.0.0.0:0", "--plain"], 2, "no-url");
    assert!(next.contains("--url"), "{next}");
    fails(&["--cert", "cert.pem"], 2, "usage");
    fails(&["--allow", folder.path("none").to_str().unwrap()], 3, "no-file");
    let no_keys = folder.write("nodes", "Bea\n");
    fails(&["--allow", no_keys.to_str().unwrap()], 2, "bad-list");
    let no_pem = folder.write("cert.pem", "nothing\n");
    let no_pem = no_pem.to_str().unwrap();
    let files = ["--listen", "127.0.0.1:0", "--quic", "off", "--cert", no_pem, "--key", no_pem];
    let error = failed(&files, 1, "relay");
    assert!(error["cause"].as_str().unwrap().contains("cert.pem"), "{error}");
    let taken = relay(&folder, &[]);
    let at = taken.started["listen"].as_str().unwrap();
    let error = failed(&["--listen", at], 1, "relay");
    assert!(error["cause"].as_str().unwrap().contains("in use"), "{error}");
}

#[test]
fn a_relay_counts() {
    let at = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let folder = Folder::new();
    let relay = relay(&folder, &["--metrics", &at]);
    let mut stream = TcpStream::connect(&at).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("relayserver_accepts_total"), "{answer}");
    relay.stop();
    // Nobody would be told which port it is.
    failed(&["--metrics", "127.0.0.1:0"], 2, "usage");
}
