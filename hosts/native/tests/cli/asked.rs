//! What an app asks of its user: where there is no terminal, at one, and by the shell's requests.

use std::fs;

use serde_json::{Value, json};

#[cfg(unix)]
use myrhiza_e2e::Terminal;
use myrhiza_e2e::{Folder, Home, Node};

use super::shell::{asked, token, with_page};

/// A home with the pinboard and a topic of it.
fn board(folder: &Folder) -> Home {
    let home = with_page(folder, "alice");
    home.install(&folder.signed(&home, "pins")).ok();
    home.found("pins", "board");
    home
}

fn view(home: &Home) -> String {
    home.json(["view", "board"]).ok().value()["nodes"].to_string()
}

#[test]
fn an_app_that_is_installed_shows_what_it_may_and_undeclared_is_not() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let bundle = folder.signed(&home, "pins");
    let unasked = home.json(["app".as_ref(), "install".as_ref(), bundle.as_os_str()]);
    for says in ["once you agree to each: https://example.org", "put text on your clipboard"] {
        assert!(unasked.stderr.contains(says), "{says}: {}", unasked.stderr);
    }
    unasked.fails(4, "needs-confirmation");

    let text = fs::read_to_string("../../apps/pins/manifest.toml").unwrap();
    let manifest = folder.write("manifest.toml", text.replace("clipboard-write = true\n", ""));
    let file = folder.path("undeclared.myr");
    home.pack(&manifest, &myrhiza_e2e::components(), &file).ok();
    home.json(["sign".as_ref(), file.as_os_str()]).ok();
    let error = home.install(&file).fails(1, "not-admitted");
    assert!(error["cause"].as_str().unwrap().contains("clipboard-write = true"), "{error}");
}

/// [OPERATIONS-5]
#[test]
fn what_nobody_can_answer_ends_with_4_and_the_app_hears_of_it() {
    let folder = Folder::new();
    let home = board(&folder);
    // What the app takes itself may come to an event without a question.
    let done = home.json(["do", "board", "write", "Bring bread"]).ok().value();
    assert_eq!(done["verdict"], "accept");
    assert!(view(&home).contains("Bring bread"), "{}", view(&home));
    let error = home.json(["do", "board", "copy", "Bring bread"]).fails(4, "needs-confirmation");
    let what = error["what"].as_str().unwrap();
    assert!(what.contains("pins 1.0.0, by myr1") && what.contains("Bring bread"), "{error}");
    assert!(view(&home).contains("there is no terminal to ask on"), "{}", view(&home));
    // An address of another origin is not even asked for.
    let done = home.json(["do", "board", "open", "https://evil.example"]).ok().value();
    assert_eq!(done, json!({"event": null, "verdict": "accept", "reason": ""}));
    assert!(view(&home).contains("may not open that"), "{}", view(&home));
    // What is not the component's own is proposed, and refused as ever.
    let refused = home.json(["do", "board", "pin", "", "x"]).exits(1).value();
    assert_eq!(refused["verdict"], "reject", "{refused}");
}

#[test]
fn a_node_asks_where_the_command_was_given_and_its_page_goes_on() {
    let folder = Folder::new();
    let home = board(&folder);
    let topic = home.json(["topic", "list"]).ok().value()[0]["id"].clone();
    let node = Node::up(&home, &[]);
    home.json(["do", "board", "copy", "x"]).fails(4, "needs-confirmation");
    assert!(view(&home).contains("there is no terminal to ask on"), "{}", view(&home));
    let headers = format!("x-myrhiza-token: {}\r\n", token(&node));
    let ask = |method: &str, params: Value| {
        asked(&node, &headers, &json!({"method": method, "params": params}).to_string()).1
    };
    assert_eq!(ask("asked", json!({"topic": topic})), json!([]));

    let pressed = ask("press", json!({"topic": topic, "words": ["name"]}));
    let first = &pressed["asked"][0];
    assert_eq!((&first["kind"], &pressed["acted"]), (&"ask".into(), &Value::Null));
    assert_eq!(ask("asked", json!({"topic": topic})), pressed["asked"]);
    let said = json!({"token": first["token"], "said": {"kind": "text", "text": "Ada"}});
    assert_eq!(ask("complete", said.clone()), json!({"acted": null, "asked": []}));
    assert_eq!(ask("complete", said)["error"]["code"], "not-asked");
    assert!(view(&home).contains("You pin as Ada"), "{}", view(&home));

    let pressed = ask("press", json!({"topic": topic, "words": ["file"]}));
    let second = &pressed["asked"][0]["token"];
    let file = json!({"kind": "file", "name": "a.txt", "bytes": "6869"});
    let came = ask("complete", json!({"token": second, "said": file}));
    assert_eq!(came["acted"]["verdict"], "accept");
    assert!(view(&home).contains("\"hi\""), "{}", view(&home));
}

/// [OPERATIONS-5]
#[cfg(unix)]
#[test]
fn a_text_is_copied_by_the_terminal_once_its_user_agrees() {
    let folder = Folder::new();
    let home = board(&folder);
    let copied = b"\x1b]52;c;QnJpbmcgYnJlYWQ=\x07";
    for (answer, copies, last) in [("n\n", 0, "As you like."), ("y\n", 1, "Done.")] {
        let mut command = home.command(["do", "board", "copy", "Bring bread"]);
        let mut terminal = Terminal::run(&mut command, 30, 200);
        terminal.sees("wants to put this on your clipboard");
        terminal.sees("copy it to the clipboard?");
        assert_eq!(terminal.wrote(b"\x1b]52"), 0, "before the user has agreed");
        terminal.press(answer);
        assert_eq!(terminal.ends(), Some(0));
        myrhiza_e2e::until("what is copied", || terminal.wrote(copied) == copies);
        assert_eq!(terminal.wrote(b"\x1b]52"), copies);
        assert!(view(&home).contains(last), "{}", view(&home));
    }
}

/// [OPERATIONS-5]
#[cfg(unix)]
#[test]
fn an_address_is_opened_by_the_desktops_program_with_nothing_but_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    let home = board(&folder);
    let (programs, opened) = (folder.path("programs"), folder.path("opened"));
    fs::create_dir(&programs).unwrap();
    let opener = programs.join("xdg-open");
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$#\" \"$@\" >> '{}'\n", opened.display());
    fs::write(&opener, script).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o700)).unwrap();
    // What a shell would make more of.
    let address = "https://example.org/a?b=$(c)&d='e';f#-g";
    let answered = |answer: &str, path: &std::path::Path| {
        let mut command = home.command(["do", "board", "open", address]);
        let mut terminal = Terminal::run(command.env("PATH", path), 30, 200);
        terminal.sees(&format!("wants to open {address}"));
        terminal.sees("open it?");
        terminal.press(answer);
        assert_eq!(terminal.ends(), Some(0));
    };
    answered("\n", &programs);
    assert!(!opened.exists(), "nothing is opened before the user has agreed");
    assert!(view(&home).contains("As you like."), "{}", view(&home));
    answered("y\n", &programs);
    myrhiza_e2e::until("the opener", || {
        fs::read_to_string(&opened).is_ok_and(|text| text == format!("1\n{address}\n"))
    });
    assert!(view(&home).contains("Done."), "{}", view(&home));
    answered("y\n", &folder.path("nothing"));
    assert!(view(&home).contains("no program was found to open it"), "{}", view(&home));

    // One that fails is told of in words, with what to do instead.
    fs::write(&opener, "#!/bin/sh\nexit 3\n").unwrap();
    let mut command = home.command(["do", "board", "open", address]);
    let mut terminal = Terminal::run(command.env("PATH", &programs), 30, 200);
    terminal.sees("open it?");
    terminal.press("y\n");
    terminal.sees("xdg-open ended with code 3");
    terminal.sees(&format!("open it by hand: {address}"));
    terminal.sees("nothing was proposed; `myrhiza view board` shows what the app says");
    assert_eq!(terminal.ends(), Some(0));
    assert!(view(&home).contains("xdg-open ended with code 3"), "{}", view(&home));
}
