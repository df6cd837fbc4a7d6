//! `init`, `id`, `passwd`, `config`, `doctor`, and everything that can be wrong with a home.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use myrhiza_e2e::{Folder, Ran};

#[test]
fn a_home_is_made_once_and_knows_whose_it_is() {
    let folder = Folder::new();
    let home = folder.home("alice");
    let made = home.json(["init", "--no-passphrase", "--name", "laptop"]).ok().value();
    assert_eq!(made["sealed"], false);
    assert!(made["name"].as_str().unwrap().starts_with("myr1"));

    let id = home.json(["id"]).ok().value();
    assert_eq!((&id["id"], &id["name"]), (&made["id"], &made["name"]));
    assert_eq!(id["scope_name"], "laptop");
    assert_ne!(id["id"], id["scope"]);

    home.json(["init", "--no-passphrase"]).fails(1, "home-exists");
    assert_eq!(home.json(["id"]).ok().value(), id);
}

/// [HOME-1]
#[test]
fn keys_and_folders_are_for_their_owner_alone() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let mode = |name: &str| fs::metadata(home.file(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode(""), mode("keys"), mode("store")], [0o700; 3]);
    assert_eq!([mode("keys/sealed"), mode("keys/certificate"), mode("home.toml")], [0o600; 3]);
    assert_eq!(mode("lock"), 0o600);
    fs::set_permissions(home.file("keys/sealed"), fs::Permissions::from_mode(0o644)).unwrap();
    let found = home.json(["doctor"]).exits(1).value();
    let bad: Vec<_> =
        found["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).collect();
    assert_eq!(bad.len(), 1, "{found}");
    assert!(bad[0]["next"].as_str().unwrap().starts_with("chmod 600 "));
}

#[test]
fn keys_are_had_with_their_passphrase_only_and_it_can_be_changed() {
    let folder = Folder::new();
    let home = folder.home("alice");
    home.json(["init"]).fails(4, "needs-confirmation");
    assert!(!home.path.exists());

    let with = |arguments: &[&str], old: &str, new: &str| {
        let mut command = home.command(arguments);
        command.arg("--json").env("MYRHIZA_PASSPHRASE", old).env("MYRHIZA_NEW_PASSPHRASE", new);
        Ran::of(&mut command)
    };
    with(&["init"], "", "").fails(2, "empty-passphrase");
    let made = with(&["init"], "first", "").ok().value();
    assert_eq!(made["sealed"], true);
    let stored = fs::read(home.file("keys/sealed")).unwrap();

    home.json(["passwd"]).fails(4, "needs-confirmation");
    with(&["passwd"], "wrong", "second").fails(1, "wrong-passphrase");
    assert_eq!(fs::read(home.file("keys/sealed")).unwrap(), stored);
    with(&["passwd"], "first", "second").ok();
    with(&["passwd"], "first", "third").fails(1, "wrong-passphrase");
    with(&["passwd", "--no-passphrase"], "second", "").ok();
    assert_eq!(home.json(["id"]).ok().value()["sealed"], false);
    assert_eq!(home.json(["id"]).ok().value()["id"], made["id"]);
}

#[test]
fn what_is_not_a_home_is_not_found_and_what_is_something_else_is_left_alone() {
    let folder = Folder::new();
    let home = folder.home("nobody");
    for command in ["id", "config", "passwd"] {
        home.json([command]).fails(3, "no-home");
    }
    home.json(["doctor"]).exits(1);
    let told = home.run(["id"]).exits(3);
    let labels: Vec<_> = told.stderr.lines().map(|line| &line[..6]).collect();
    assert_eq!(labels, ["error:", "cause:", "next: "], "{}", told.stderr);
    assert_eq!(told.stdout, "");

    fs::create_dir(&home.path).unwrap();
    fs::write(home.file("letter.txt"), "dear").unwrap();
    home.json(["init", "--no-passphrase"]).fails(1, "folder-not-empty");
    assert_eq!(fs::read_dir(&home.path).unwrap().count(), 1);
    fs::remove_file(home.file("letter.txt")).unwrap();
    home.json(["init", "--no-passphrase"]).ok();
}

/// [HOME-2]
#[test]
fn settings_are_shown_and_what_is_wrong_with_them_is_told() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let settings = home.json(["config"]).ok().value();
    let store = settings["store"].as_str().unwrap().to_owned();
    assert_eq!(home.json(["config", "store"]).ok().value()["store"], *store);
    home.json(["config", "store", &store]).ok();
    let error = home.json(["config", "colour"]).fails(2, "bad-config");
    assert!(error["next"].as_str().unwrap().contains("`store`, `backend`"));
    let error = home.json(["config", "backend", "abacus"]).fails(2, "bad-config");
    assert!(error["cause"].as_str().unwrap().contains(settings["backend"].as_str().unwrap()));

    let long = format!("https://{}.example", "a".repeat(70_000));
    let controls = ["https://a\u{1b}[31m", "https://a\u{200b}", "https://a\n.example"];
    for bad in [&["ftp://a", "https://", "a.example", "https://a b", long.as_str()][..], &controls]
        .concat()
    {
        let error = home.json(["config", "relays", bad]).fails(2, "bad-config");
        assert!(error["cause"].as_str().unwrap().len() < 200, "{error}");
    }
    let error = home.json(["config", "relays", "relay.example"]).fails(2, "bad-config");
    assert!(error["next"].as_str().unwrap().contains("https://relay.example"), "{error}");
    // One relay is there once, however often and in whichever spelling it is given.
    let relays = "https://relay.example, https://relay.example/,http://127.0.0.1:80/\"'\\\u{e4}";
    home.json(["config", "relays", relays]).ok();
    let kept = "https://relay.example,http://127.0.0.1/%22'/%C3%A4";
    assert_eq!(home.json(["config"]).ok().value()["relays"], kept);

    for (text, says) in [
        ("colour = \"red\"\n", "`colour`"),
        ("store = 3\n", "integer"),
        ("store =\n", "line 1"),
        ("store = \"tape\"\n", "there is no store `tape`"),
    ] {
        fs::write(home.file("config.toml"), text).unwrap();
        let error = home.json(["id"]).fails(2, "bad-config");
        assert!(error["cause"].as_str().unwrap().contains(says), "{error}");
        home.json(["doctor"]).exits(1);
    }
}

#[test]
fn a_home_that_another_store_or_a_later_build_wrote_is_refused() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let marker = fs::read_to_string(home.file("home.toml")).unwrap();
    let store = home.json(["config", "store"]).ok().value()["store"].as_str().unwrap().to_owned();
    let other = marker.replace(&format!("\"{store}\""), "\"tape\"");
    fs::write(home.file("home.toml"), other).unwrap();
    let error = home.json(["id"]).fails(1, "no-store");
    let cause = error["cause"].as_str().unwrap();
    assert!(cause.contains("the store `tape` wrote it, and there is no store `tape`"), "{error}");
    assert!(cause.contains(&format!("`{store}`")), "{error}");

    fs::write(home.file("home.toml"), marker.replace("version = 1", "version = 2\nshape = 3"))
        .unwrap();
    home.json(["id"]).fails(1, "update-needed");
    fs::write(home.file("home.toml"), "version").unwrap();
    home.json(["id"]).fails(1, "home-damaged");
    fs::write(home.file("home.toml"), marker).unwrap();
    home.json(["id"]).ok();
}

#[test]
fn damaged_keys_are_told_and_never_taken() {
    let folder = Folder::new();
    let (home, other) = (folder.made("alice"), folder.made("bob"));
    let keys = fs::read(home.file("keys/sealed")).unwrap();
    for bad in [&keys[..9], &keys[..keys.len() - 1], b"", &[0; 5000]] {
        fs::write(home.file("keys/sealed"), bad).unwrap();
        assert_eq!(home.json(["passwd", "--no-passphrase"]).code, Some(1));
    }
    fs::copy(other.file("keys/sealed"), home.file("keys/sealed")).unwrap();
    home.json(["passwd", "--no-passphrase"]).fails(1, "home-damaged");
    fs::write(home.file("keys/sealed"), &keys).unwrap();
    home.json(["passwd", "--no-passphrase"]).ok();

    let mut certificate = fs::read(home.file("keys/certificate")).unwrap();
    *certificate.last_mut().unwrap() ^= 1;
    fs::write(home.file("keys/certificate"), certificate).unwrap();
    home.json(["id"]).fails(1, "home-damaged");
    for name in ["certificate", "sealed"] {
        fs::remove_file(other.file("keys").join(name)).unwrap();
        let error = other.json(["id"]).fails(1, "home-damaged");
        assert!(error["next"].as_str().unwrap().contains("back-up"), "{error}");
    }
}

/// [HOME-3]
#[test]
fn one_process_at_a_time_holds_a_home_and_the_other_is_told_which() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let mut holder = File::options().write(true).open(home.file("lock")).unwrap();
    holder.lock().unwrap();
    holder.set_len(0).unwrap();
    holder.write_all(b"4242 myrhiza topic import\n").unwrap();
    let start = Instant::now();
    let error = home.json(["id"]).fails(1, "home-in-use");
    assert!(start.elapsed() >= Duration::from_secs(5), "it waits for the other to end");
    let cause = error["cause"].as_str().unwrap();
    assert!(cause.contains("process 4242 (`myrhiza topic import`)"), "{cause}");

    let waiting = home.command(["id"]).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    drop(holder);
    assert!(waiting.wait_with_output().unwrap().status.success(), "it goes on when the other ends");
}

/// [HOME-4]
#[test]
fn a_kill_at_any_moment_of_init_leaves_no_home_or_a_whole_one() {
    let folder = Folder::new();
    let mut made = 0;
    let start = Instant::now();
    folder.made("whole");
    // However fast the machine is, the kills spread over all that `init` does and somewhat more.
    let step = start.elapsed() / 25;
    for round in 0..40 {
        let home = folder.home(&format!("home-{round}"));
        let mut child =
            home.command(["init", "--no-passphrase"]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(step * round);
        child.kill().unwrap();
        child.wait().unwrap();
        if home.path.exists() {
            home.json(["id"]).ok();
            made += 1;
        } else {
            home.json(["init", "--no-passphrase"]).ok();
        }
    }
    assert!((1..40).contains(&made), "kills before and after the end: {made} homes were made");
    for entry in fs::read_dir(folder.path("")).unwrap() {
        let path = entry.unwrap().path();
        let whole = path.join("home.toml").exists();
        assert!(whole || path.read_dir().unwrap().next().is_none(), "{path:?} is swept");
    }
}

#[test]
fn words_that_are_no_command_are_an_error_of_usage() {
    let home = Folder::new().home("nobody");
    home.json(["fly"]).fails(2, "usage");
    home.json(["id", "--wings"]).fails(2, "usage");
    home.json(["--log", "=,=", "id"]).fails(2, "log-filter");
    home.run(["id", "--wings"]).exits(2);
    home.run(["--help"]).ok();
    assert!(home.run(["completions", "bash"]).ok().stdout.contains("passwd"));
}

#[test]
fn a_broken_store_is_not_sent_to_the_doctor_by_the_doctor() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let store = home.json(["config", "store"]).ok().value()["store"].as_str().unwrap().to_owned();
    let data = home.file("store").join(store).join("data.mdb");
    if !data.exists() {
        eprintln!("skipped: this build's store keeps no data.mdb");
        return;
    }
    fs::write(data, [7; 8192]).unwrap();
    let error = home.json(["topic", "list"]).fails(1, "store");
    assert!(error["next"].as_str().unwrap().contains("myrhiza doctor"), "{error}");
    let found = home.json(["doctor"]).exits(1).value();
    let checks = found["checks"].as_array().unwrap();
    let bad: Vec<_> = checks.iter().filter(|check| check["ok"] == false).collect();
    assert_eq!(bad.len(), 1, "{found}");
    let next = bad[0]["next"].as_str().unwrap();
    assert!(next.contains("back-up") && !next.contains("doctor"), "{next}");
    assert!(checks.iter().any(|check| check["name"] == "space" && check["ok"] == true), "{found}");
}

#[test]
fn keys_that_are_gone_are_to_be_put_back() {
    let folder = Folder::new();
    let home = folder.made("alice");
    fs::remove_file(home.file("keys/sealed")).unwrap();
    let found = home.json(["doctor"]).exits(1).value();
    let checks = found["checks"].as_array().unwrap();
    let bad: Vec<_> = checks.iter().filter(|check| check["ok"] == false).collect();
    assert!(!bad.is_empty());
    let says = |check: &&serde_json::Value| check["next"].as_str().unwrap().contains("back-up");
    assert!(bad.iter().all(says), "{found}");
}

/// [HOME-6]
#[test]
fn a_home_whose_store_is_gone_or_anothers_is_not_taken_for_an_empty_one() {
    let folder = Folder::new();
    let (home, other) = (folder.made("alice"), folder.made("bob"));
    let store = home.json(["config", "store"]).ok().value()["store"].as_str().unwrap().to_owned();
    let (mine, theirs) = (home.file("store").join(&store), other.file("store").join(&store));
    if !mine.join("data.mdb").exists() {
        eprintln!("skipped: this build's store keeps no data.mdb");
        return;
    }
    let refused = || {
        let error = home.json(["topic", "list"]).fails(1, "home-damaged");
        assert!(error["next"].as_str().unwrap().contains("back-up"), "{error}");
        let found = home.json(["doctor"]).exits(1).value();
        let checks = found["checks"].as_array().unwrap();
        assert!(checks.iter().any(|check| check["name"] == "store" && check["ok"] == false));
    };
    let whole = fs::read(mine.join("data.mdb")).unwrap();
    for length in [0, 100, 4_096, 8_192] {
        fs::write(mine.join("data.mdb"), &whole[..length]).unwrap();
        refused();
    }
    for file in fs::read_dir(&mine).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    refused();
    fs::copy(theirs.join("data.mdb"), mine.join("data.mdb")).unwrap();
    refused();
    fs::write(mine.join("data.mdb"), whole).unwrap();
    home.json(["topic", "list"]).ok();
}

#[test]
fn a_store_that_ends_whoever_reads_it_does_not_end_the_doctor() {
    let folder = Folder::new();
    let (home, _) = folder.pair();
    home.found("counter", "lobby");
    let store = home.json(["config", "store"]).ok().value()["store"].as_str().unwrap().to_owned();
    let data = home.file("store").join(store).join("data.mdb");
    if !data.exists() {
        eprintln!("skipped: this build's store keeps no data.mdb");
        return;
    }
    let whole = fs::read(&data).unwrap();
    for junk in [0xff, 0xa5, 0x02, 0x00] {
        let mut bytes = whole.clone();
        bytes[8_192..].fill(junk);
        fs::write(&data, bytes).unwrap();
        let found = home.json(["doctor"]).exits(1).value();
        let checks = found["checks"].as_array().unwrap();
        let store = checks.iter().find(|check| check["name"] == "store").unwrap();
        assert_eq!(store["ok"], false, "{junk}: {found}");
        assert!(store["next"].as_str().unwrap().contains("back-up"), "{found}");
    }
    fs::write(&data, whole).unwrap();
    let found = home.json(["doctor"]).ok().value();
    let checks = found["checks"].as_array().unwrap();
    let store = checks.iter().find(|check| check["name"] == "store").unwrap();
    assert!(store["detail"].as_str().unwrap().contains("rows"), "{found}");
}
