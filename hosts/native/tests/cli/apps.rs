//! `app install`, `app list`, `app remove`.

use std::fs;

use myrhiza_e2e::{Folder, components};

#[test]
fn an_app_is_installed_after_its_plan_was_shown_and_agreed_to() {
    let folder = Folder::new();
    let (author, home) = (folder.made("author"), folder.made("alice"));
    let bundle = folder.signed(&author, "counter");
    let unasked = home.json(["app".as_ref(), "install".as_ref(), bundle.as_os_str()]);
    let plan = unasked.stderr.clone();
    unasked.fails(4, "needs-confirmation");
    let author = author.json(["id"]).ok().value();
    for says in [
        "counter 1.0.0",
        author["name"].as_str().unwrap(),
        "for the first time",
        "may     state-apply:",
    ] {
        assert!(plan.contains(says), "{says}: {plan}");
    }
    assert_eq!(home.json(["app", "list"]).ok().value(), serde_json::json!([]));

    let installed = home.install(&bundle).ok().value();
    assert_eq!((&installed["name"], &installed["version"]), (&"counter".into(), &"1.0.0".into()));
    let listed = home.json(["app", "list"]).ok().value();
    assert_eq!(listed[0]["id"], installed["bundle"]);
    assert_eq!(listed[0]["author"], author["id"]);
    let again = home.install(&bundle).ok();
    assert!(again.stderr.contains("installed already"), "{}", again.stderr);
    assert_eq!(home.json(["app", "list"]).ok().value(), listed);
    assert!(home.run(["app", "list"]).ok().stdout.contains("counter 1.0.0"));
}

#[test]
fn an_app_in_use_stays_and_one_that_is_not_can_go() {
    let folder = Folder::new();
    let home = folder.made("alice");
    home.install(&folder.signed(&home, "counter")).ok();
    home.found("counter", "lobby");
    let error = home.json(["app", "remove", "counter"]).fails(1, "in-use");
    let cause = error["cause"].as_str().unwrap();
    assert!(cause.contains("`lobby`") && cause.contains("1.0.0 of the app `counter`"), "{error}");
    assert!(error["next"].as_str().unwrap().contains("myrhiza topic leave lobby"), "{error}");
    home.json(["topic", "leave", "lobby", "--yes"]).ok();
    home.json(["app", "remove", "counter"]).ok();
    home.json(["app", "remove", "counter"]).fails(3, "not-found");
    home.json(["topic", "create", "counter"]).fails(3, "not-found");
}

#[test]
fn two_apps_of_one_name_are_told_apart_by_their_ids() {
    let folder = Folder::new();
    let (alice, bob) = (folder.made("alice"), folder.made("bob"));
    alice.install(&folder.signed(&alice, "counter")).ok();
    let installed = alice.install(&folder.signed(&bob, "counter")).ok();
    assert!(installed.stderr.contains("this is another app"), "{}", installed.stderr);
    let error = alice.json(["topic", "create", "counter"]).fails(2, "ambiguous");
    assert_eq!(error["cause"].as_str().unwrap().matches("counter 1.0.0").count(), 2, "{error}");
    let id = installed.value()["bundle"].as_str().unwrap().to_owned();
    alice.json(["topic", "create", &id[..12], "--name", "bobs"]).ok();
}

#[test]
fn of_two_versions_of_an_app_its_name_means_the_newer() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let old = home.install(&folder.signed(&home, "counter")).ok().value();
    let text = fs::read_to_string("../../apps/counter/manifest.toml").unwrap();
    let manifest = folder.write("manifest.toml", text.replace("1.0.0", "1.10.0"));
    let file = folder.path("newer.myr");
    home.pack(&manifest, &components(), &file).ok();
    home.json(["sign".as_ref(), file.as_os_str()]).ok();
    let new = home.install(&file).ok().value();
    home.found("counter", "lobby");
    let old = old["bundle"].as_str().unwrap();
    home.json(["topic", "create", old, "--name", "old"]).ok();
    let listed = home.json(["topic", "list"]).ok().value();
    let bundle = |name: &str| {
        let mut topics = listed.as_array().unwrap().iter();
        topics.find(|topic| topic["name"] == name).unwrap()["bundle"].clone()
    };
    assert_eq!((bundle("lobby"), bundle("old")), (new["bundle"].clone(), old.into()));
}
