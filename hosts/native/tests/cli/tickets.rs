//! What a ticket says beside letting in, how it is shown, and how it ends.

use myrhiza_kernel::event::Ticket;
use myrhiza_kernel_api::{PeerAddress, PublicKey};
use serde_json::json;

use myrhiza_e2e::{Folder, Home, until};

/// A topic of alice's.
fn founded() -> (Folder, Home, Home) {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found("counter", "lobby");
    (folder, alice, bob)
}

#[test]
fn a_ticket_names_the_nodes_it_was_told_of_and_lets_in_as_any_other() {
    let (_folder, alice, bob) = founded();
    let (one, two) = (PublicKey([1; 32]), PublicKey([2; 32]));
    let named = myrhiza_kernel::identity::names::scope(&two);
    let addresses = [
        format!("{one}@ip:192.0.2.1:4433"),
        format!("{named}@relay:https://relay.example/"),
        format!("{one}@ip:[::1]:4433"),
    ];
    let mut command = vec!["topic", "invite", "lobby"];
    addresses.iter().for_each(|address| command.extend(["--address", address]));
    let made = alice.json(command).ok().value();
    let text = made["ticket"].as_str().unwrap();
    let peer = |key, addresses: &[&str]| PeerAddress {
        key,
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
    };
    let want = [
        peer(one, &["ip:192.0.2.1:4433", "ip:[::1]:4433"]),
        peer(two, &["relay:https://relay.example/"]),
    ];
    assert_eq!(Ticket::parse(text).unwrap().peers(), want);
    bob.json(["topic", "join", text]).ok();
    assert_eq!(Ticket::parse(&alice.invite("lobby")).unwrap().peers(), []);
    for bad in ["ip:192.0.2.1:4433", &format!("{one}@192.0.2.1"), "myrscope1x@ip:192.0.2.1:1"] {
        alice.json(["topic", "invite", "lobby", "--address", bad]).fails(2, "usage");
    }
}

#[test]
fn a_qr_code_is_shown_beside_the_ticket_which_stays_alone_on_standard_output() {
    let (_folder, alice, bob) = founded();
    let ran = alice.run(["topic", "invite", "lobby", "--qr"]).ok();
    assert_eq!(ran.stdout.lines().count(), 1);
    let drawn: Vec<_> = ran.stderr.lines().filter(|line| line.contains('\u{2588}')).collect();
    assert!(drawn.len() > 20, "{}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}'), "colours are for terminals");
    bob.json(["topic", "join", &ran.stdout.trim().to_uppercase()]).ok();

    let long = format!("{}@ip:{}", PublicKey([1; 32]), "1".repeat(253));
    let mut command = vec!["topic", "invite", "lobby", "--qr"];
    (0..16).for_each(|_| command.extend(["--address", &long]));
    let ran = alice.run(command).ok();
    assert!(ran.stderr.contains("too long for a QR code"), "{}", ran.stderr);
    assert!(Ticket::parse(&ran.stdout).is_ok());
}

#[test]
fn a_ticket_whose_day_is_over_is_used_only_by_who_says_so() {
    let (folder, alice, bob) = founded();
    let made = alice.json(["topic", "invite", "lobby", "--expires", "1s"]).ok().value();
    let (ticket, expires) = (made["ticket"].as_str().unwrap(), made["expires"].as_u64().unwrap());
    until("the ticket's day is over", || bob.json(["inspect", ticket]).code == Some(1));
    let shown = bob.json(["inspect", ticket]).exits(1).value();
    assert_eq!((&shown["kind"], &shown["expired"]), (&json!("ticket"), &json!(true)), "{shown}");
    assert_eq!((&shown["expires"], &shown["uses"]), (&json!(expires), &json!(1)), "{shown}");
    let told = bob.run(["inspect", ticket]).exits(1).stdout;
    assert!(told.contains("expired just now") && told.contains("lobby"), "{told}");
    for words in [["topic", "join"], ["app", "install"]] {
        let error = bob.json([words[0], words[1], ticket]).fails(4, "expired");
        assert!(error["next"].as_str().unwrap().contains("for a new one"), "{error}");
    }
    // It is advice: the others take in who comes all the same.
    bob.json(["topic", "join", ticket, "--even-if-expired"]).ok();
    bob.hand("lobby", &alice);
    assert_eq!(bob.json(["topic", "list"]).ok().value()[0]["member"], true);
    assert_eq!(alice.count("lobby"), 2);
    // Who is in already is told that.
    let again = bob.run(["topic", "join", ticket]).ok().stderr;
    assert!(again.contains("in this home already"), "{again}");

    let made = alice.run(["topic", "invite", "lobby", "--expires", "7d"]).ok();
    assert!(made.stderr.contains("it expires in 7 days"), "{}", made.stderr);
    let parts = alice.run(["topic", "invite", "lobby", "--expires", "1h30m"]).ok().stderr;
    assert!(parts.contains("it expires in 1 h 30 min"), "{parts}");
    let carol = folder.made("carol");
    carol.json(["topic", "join", made.stdout.trim()]).ok();
    assert!(made.stderr.contains("it names no node"), "{}", made.stderr);
    let endless = alice.json(["topic", "invite", "lobby"]).ok().value();
    assert_eq!(endless["expires"], json!(null));
    let shown = bob.json(["inspect", endless["ticket"].as_str().unwrap()]).ok().value();
    assert_eq!((&shown["expires"], &shown["ok"]), (&json!(null), &json!(true)));
    for bad in ["0s", "soon", "7", "-1d"] {
        alice.json(["topic", "invite", "lobby", "--expires", bad]).fails(2, "usage");
    }
    alice.json(["topic", "invite", "lobby", "--expires", "1d", "--device"]).fails(2, "usage");
    alice.json(["topic", "create", "counter", "--name", "square", "--open"]).ok();
    alice.json(["topic", "invite", "square", "--expires", "1d"]).fails(2, "open-topic");
}

#[test]
fn a_ticket_that_was_ended_lets_nobody_else_in() {
    let (folder, alice, bob) = founded();
    let made = alice.json(["topic", "invite", "lobby", "--uses", "0"]).ok().value();
    let ticket = made["ticket"].as_str().unwrap();
    bob.json(["topic", "join", ticket]).ok();
    bob.hand("lobby", &alice);
    let done = alice.json(["topic", "revoke", ticket]).ok().value();
    assert_eq!(done["verdict"], "accept", "{done}");
    let count = alice.count("lobby");
    alice.json(["topic", "revoke", ticket, "--yes"]).fails(1, "ended");
    assert_eq!(alice.count("lobby"), count, "once is enough");
    bob.json(["topic", "revoke", ticket]).fails(1, "not-yours");

    let carol = folder.made("carol");
    carol.install(&folder.path("counter.myr")).ok();
    carol.json(["topic", "join", ticket]).ok();
    carol.hand("lobby", &alice);
    alice.hand("lobby", &carol);
    alice.hand("lobby", &bob);
    let members = [&alice, &bob, &carol]
        .map(|home| home.json(["topic", "list"]).ok().value()[0]["member"].clone());
    assert_eq!(members, [json!(true), json!(true), json!(false)]);
    bob.act("lobby", &["increment", "1"]);

    alice.json(["topic", "create", "counter", "--name", "square", "--open"]).ok();
    let open = alice.invite("square");
    alice.json(["topic", "revoke", &open]).fails(1, "open-topic");
}
