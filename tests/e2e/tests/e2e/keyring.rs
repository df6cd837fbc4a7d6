//! A passphrase in the session's keyring: [HOME-6].

use std::fs;

use myrhiza_e2e::{Case, Folder, Home, Needs, Node, Ran, Session};

pub(crate) const CASES: &[Case] = &[
    (Needs::Keyring, "a_passphrase_in_the_keyring_is_not_asked_for", kept),
    (Needs::Keyring, "a_keyring_that_is_locked_or_gone_is_told_and_the_passphrase_asked_for", lost),
];

fn run(session: &Session, home: &Home, arguments: &[&str], passphrase: Option<&str>) -> Ran {
    let mut command = home.command(arguments);
    session.tell(command.arg("--json"));
    if let Some(passphrase) = passphrase {
        command.env("MYRHIZA_PASSPHRASE", passphrase);
    }
    command.env("MYRHIZA_NEW_PASSPHRASE", "second");
    Ran::of(&mut command)
}

fn kept() {
    let (folder, session) = (Folder::new(), Session::new());
    let home = folder.home("alice");
    let run = |arguments: &[&str], passphrase| run(&session, &home, arguments, passphrase);
    let made = run(&["init", "--keyring"], Some("first")).ok().value();
    assert_eq!((&made["sealed"], &made["keyring"]), (&true.into(), &true.into()));
    let name = fs::read_to_string(home.file("keys/keyring")).unwrap();
    assert_eq!(name.trim().len(), 32, "{name}");
    home.install(&folder.signed(&folder.made("author"), "counter")).ok();
    run(&["topic", "create", "counter", "--name", "steps"], None).ok();

    // One that is changed is changed there too.
    let changed = run(&["passwd"], None).ok().value();
    assert_eq!((&changed["sealed"], &changed["keyring"]), (&true.into(), &true.into()));
    assert_ne!(fs::read_to_string(home.file("keys/keyring")).unwrap(), name);
    run(&["do", "steps", "increment", "1"], None).ok();
    run(&["do", "steps", "increment", "1"], Some("first")).fails(1, "wrong-passphrase");
    let mut up = home.command(["up", "--json", "--log", "info"]);
    session.tell(&mut up);
    let node = Node::start(up, home.path.clone());
    run(&["do", "steps", "increment", "1"], None).ok();
    node.stop();

    let checks = run(&["doctor"], None).ok().value();
    let keyring = |checks: &serde_json::Value| {
        let all = checks["checks"].as_array().unwrap();
        all.iter().find(|check| check["name"] == "keyring").cloned()
    };
    assert_eq!(keyring(&checks).unwrap()["ok"], true, "{checks}");

    let out = run(&["passwd", "--no-keyring"], None).ok().value();
    assert_eq!((&out["sealed"], &out["keyring"]), (&true.into(), &false.into()));
    assert!(keyring(&run(&["doctor"], None).ok().value()).is_none());
    run(&["do", "steps", "increment", "1"], None).fails(4, "needs-confirmation");
    run(&["passwd", "--keyring"], Some("second")).ok();
    run(&["do", "steps", "increment", "1"], None).ok();
    run(&["passwd", "--no-passphrase"], None).ok();
    assert!(!home.file("keys/keyring").exists());
    run(&["passwd", "--keyring"], None).fails(1, "not-sealed");
}

fn lost() {
    let (folder, mut session) = (Folder::new(), Session::new());
    let home = folder.home("alice");
    run(&session, &home, &["init", "--keyring"], Some("first")).ok();
    home.install(&folder.signed(&folder.made("author"), "counter")).ok();
    let create = ["topic", "create", "counter", "--name", "steps"];
    for locked in [true, false] {
        match locked {
            true => session.lock(),
            false => session.end_keyring(),
        }
        let ran = run(&session, &home, &create, None).exits(4);
        assert!(ran.stderr.contains("the keyring was of no help"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("first"), "{}", ran.stderr);
        let bad = run(&session, &home, &["doctor"], None).exits(1).value();
        let all = bad["checks"].as_array().unwrap();
        let bad: Vec<_> = all.iter().filter(|check| check["ok"] == false).collect();
        assert_eq!((bad.len(), &bad[0]["name"]), (1, &"keyring".into()), "{bad:?}");
        let other = folder.home("bob");
        let not_made = run(&session, &other, &["init", "--keyring"], Some("first"));
        not_made.fails(1, "keyring");
        assert!(!other.path.exists());
    }
    run(&session, &home, &create, Some("first")).ok();
}
