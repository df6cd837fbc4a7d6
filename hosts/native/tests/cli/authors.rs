//! `publish`, `app published`, `app revoke`, `app pin`: what authors say, and who hears it.

use serde_json::{Value, json};

use myrhiza_e2e::{Folder, Home, Node, until};

/// A node that connects to another one.
fn up_with(home: &Home, other: &Node) -> Node {
    let connect = ["--connect".to_owned(), other.address()];
    Node::up(home, &connect.each_ref().map(String::as_str))
}

fn publish(home: &Home, bundle: &std::path::Path) -> String {
    let done = home.json(["publish".as_ref(), bundle.as_os_str()]).ok().value();
    done["bundle"].as_str().unwrap().to_owned()
}

/// The one app of a home, as `app list` shows it.
fn listed(home: &Home) -> Value {
    let apps = home.json(["app", "list"]).ok().value();
    assert_eq!(apps.as_array().unwrap().len(), 1, "{apps}");
    apps[0].clone()
}

fn revoke(home: &Home, bundle: &str) {
    let reason = ["--reason", "it loses votes", "--yes"];
    home.json([&["app", "revoke", bundle], &reason[..]].concat()).ok();
}

#[test]
fn what_is_published_is_installed_by_its_id_and_a_revocation_reaches_everybody() {
    let folder = Folder::new();
    let [author, bob, carol, dan] = ["author", "bob", "carol", "dan"].map(|name| folder.made(name));
    let file = folder.signed(&author, "counter");
    let bundle = publish(&author, &file);
    author.json(["publish".as_ref(), file.as_os_str()]).fails(1, "refused");
    // Carol has it from a file, without a node: nobody has told her anything of its author.
    let installed = carol.install(&file).ok();
    assert!(installed.stderr.contains("nothing was heard"), "{}", installed.stderr);
    assert_eq!(listed(&carol)["as_of"], Value::Null);

    let node = Node::up(&author, &[]);
    let other = up_with(&bob, &node);
    let asked = bob.json(["app", "install", &bundle]).exits(4);
    assert!(asked.stderr.contains("counter 1.0.0"), "{}", asked.stderr);
    assert!(!asked.stderr.contains("nothing was heard"), "{}", asked.stderr);
    assert_eq!(bob.json(["app", "list"]).ok().value(), json!([]));
    bob.json(["app", "install", &bundle, "--yes"]).ok();
    let app = listed(&bob);
    assert_eq!((&app["revoked"], &app["pinned"]), (&Value::Null, &false.into()));
    assert!(app["as_of"].as_u64().is_some(), "{app}");
    bob.found("counter", "steps");
    bob.act("steps", &["increment", "1"]);

    author.json(["app", "revoke", &bundle, "--reason", "x"]).fails(4, "needs-confirmation");
    revoke(&author, &bundle);
    until("the revocation", || listed(&bob)["revoked"]["reason"] == "it loses votes");
    assert_eq!(bob.json(["topic", "list"]).ok().value()[0]["revoked"], true);
    assert!(bob.run(["app", "list"]).ok().stdout.contains("REVOKED"));
    // What runs goes on, and says so.
    let done = bob.json(["do", "steps", "increment", "1"]).ok();
    assert!(done.stderr.contains("it loses votes"), "{}", done.stderr);
    // Nobody else is brought to it.
    bob.json(["topic", "create", "counter", "--name", "more"]).fails(4, "revoked");

    // Who was away hears of it from whoever has heard of it, and the author is away by then.
    node.stop();
    assert_eq!(listed(&carol)["revoked"], Value::Null);
    let third = up_with(&carol, &other);
    until("the revocation", || listed(&carol)["revoked"]["reason"] == "it loses votes");
    third.stop();
    assert!(carol.run(["doctor"]).ok().stdout.contains("revoked by its author"));
    carol.json(["app", "remove", "counter"]).ok();
    assert_eq!(carol.json(["app", "list"]).ok().value(), json!([]));

    bob.json(["app", "pin", "counter"]).ok();
    assert_eq!(listed(&bob)["pinned"], true);
    let done = bob.json(["do", "steps", "increment", "1"]).ok();
    assert!(!done.stderr.contains("it loses votes"), "{}", done.stderr);
    bob.found("counter", "more");

    // A revoked bundle is installed by those only who say that they mean it.
    let _fourth = up_with(&dan, &other);
    until("the connection", || !dan.json(["peers"]).ok().value()["peers"][0].is_null());
    let refused = dan.install(&file);
    assert!(refused.stderr.contains("REVOKED"), "{}", refused.stderr);
    refused.fails(4, "revoked");
    let pinned = ["app".as_ref(), "install".as_ref(), file.as_os_str()];
    dan.json(pinned.into_iter().chain(["--pin".as_ref(), "--yes".as_ref()])).ok();
    assert_eq!(listed(&dan)["pinned"], true);
}

#[test]
fn an_app_is_installed_by_its_authors_name_in_the_newest_version_that_is_not_revoked() {
    let folder = Folder::new();
    let [author, bob, carol] = ["author", "bob", "carol"].map(|name| folder.made(name));
    let first = publish(&author, &folder.signed(&author, "counter"));
    let second = publish(&author, &folder.signed(&author, "counter2"));
    let id = author.json(["id"]).ok().value();
    let by_name = format!("{}/counter", id["name"].as_str().unwrap());
    let node = Node::up(&author, &[]);
    let _other = up_with(&bob, &node);
    until("the connection", || !bob.json(["peers"]).ok().value()["peers"][0].is_null());
    let done = bob.json(["app", "install", &by_name, "--yes"]).ok().value();
    assert_eq!((&done["bundle"], &done["version"]), (&second.clone().into(), &"2.0.0".into()));

    revoke(&author, &second);
    let said = author.json(["app", "published"]).ok().value();
    assert_eq!((&said["author"], said["bundles"].as_array().unwrap().len()), (&id["id"], 2));
    let of = |bundle: &str| {
        let all = said["bundles"].as_array().unwrap();
        all.iter().find(|known| known["bundle"] == bundle).unwrap().clone()
    };
    assert_eq!((&of(&first)["revoked"], &of(&first)["version"]), (&Value::Null, &"1.0.0".into()));
    assert_eq!(of(&second)["revoked"]["reason"], "it loses votes");
    let _third = up_with(&carol, &node);
    until("the connection", || !carol.json(["peers"]).ok().value()["peers"][0].is_null());
    let done = carol.json(["app", "install", &by_name, "--yes"]).ok().value();
    assert_eq!(done["bundle"], first);
}

#[test]
fn only_its_author_publishes_and_revokes_a_bundle() {
    let folder = Folder::new();
    let [author, bob] = ["author", "bob"].map(|name| folder.made(name));
    let file = folder.signed(&author, "counter");
    bob.json(["publish".as_ref(), file.as_os_str()]).fails(1, "not-the-author");
    bob.install(&file).ok();
    let mine = ["app", "revoke", "counter", "--reason", "no", "--yes"];
    bob.json(mine).fails(1, "not-the-author");
    let unknown = "11".repeat(32);
    author.json(["app", "revoke", &unknown, "--reason", "no", "--yes"]).fails(3, "not-found");
    let long = "x".repeat(1025);
    publish(&author, &file);
    let bundle = listed(&bob)["id"].as_str().unwrap().to_owned();
    author.json(["app", "revoke", &bundle, "--reason", &long, "--yes"]).fails(2, "too-large");
    revoke(&author, &bundle[..16]);
    author.json(["app", "revoke", &bundle, "--reason", "again", "--yes"]).fails(1, "refused");
    author.json(["publish".as_ref(), file.as_os_str()]).fails(1, "refused");
    // Without a node nobody is asked.
    author.json(["app", "install", &unknown]).fails(3, "not-offered");
}

#[test]
fn an_author_names_what_they_published_also_where_another_app_of_that_name_is_installed() {
    let folder = Folder::new();
    let [author, other] = ["author", "other"].map(|name| folder.made(name));
    author.install(&folder.signed(&other, "counter")).ok();
    let first = publish(&author, &folder.signed(&author, "counter"));
    let second = publish(&author, &folder.signed(&author, "counter2"));
    let revoke = ["app", "revoke", "counter", "--reason", "no", "--yes"];
    // Nothing is installed of what is meant, and two are called so.
    let error = author.json(revoke).fails(2, "ambiguous");
    assert!(error["cause"].as_str().unwrap().contains("counter 2.0.0"), "{error}");
    let by_id = ["app", "revoke", &first, "--successor", &second[..16], "--reason", "no", "--yes"];
    author.json(by_id).ok();
    let said = author.json(["app", "published"]).ok().value();
    let all = said["bundles"].as_array().unwrap();
    let revoked = all.iter().find(|known| known["bundle"] == *first).unwrap();
    assert_eq!(revoked["revoked"]["successor"], *second);
    assert_eq!(author.json(revoke).ok().value()["bundle"], *second);
    let error = author.json(["app", "revoke", "nothing", "--reason", "no"]).fails(3, "not-found");
    assert!(error["next"].as_str().unwrap().contains("app published"), "{error}");
}

#[test]
fn a_device_of_the_author_publishes_too_and_is_ended_there_with_the_rest() {
    let folder = Folder::new();
    let (author, phone) = (folder.made("author"), folder.home("phone"));
    let init = ["init", "--device", "--no-passphrase", "--name", "phone"];
    let asked = phone.json(init).ok().value();
    let added = author.json(["device", "add", asked["request"].as_str().unwrap(), "--yes"]);
    let answer = added.ok().value()["answer"].as_str().unwrap().to_owned();
    phone.json(["device", "accept", &answer, "--yes"]).ok();
    let (first, second) = (folder.signed(&author, "counter"), folder.signed(&author, "counter2"));
    // What the long-term key has signed any device can publish; to revoke takes that key.
    let bundle = publish(&phone, &first);
    phone.json(["app", "revoke", &bundle, "--reason", "no", "--yes"]).fails(1, "no-long-term-key");
    publish(&author, &second);

    let node = Node::up(&author, &[]);
    let other = up_with(&phone, &node);
    let count = || {
        let said = author.json(["app", "published"]).ok().value();
        said["bundles"].as_array().unwrap().len()
    };
    until("the telephone's word", || count() == 2);
    other.stop();
    let ended = author.json(["device", "revoke", "phone", "--yes"]).ok().value();
    assert_eq!(ended["revoked"].as_array().unwrap().len(), 1, "{ended}");
    assert_eq!(ended["revoked"][0]["name"], "");
    // What it said before stands; what comes later does not, though it is carried there.
    let third = publish(&phone, &folder.signed(&author, "poll"));
    let _other = up_with(&phone, &node);
    revoke(&author, &bundle);
    until("the author's word", || {
        let said = phone.json(["app", "published"]).ok().value();
        said["bundles"].as_array().unwrap().iter().any(|known| known["revoked"] != Value::Null)
    });
    let said = author.json(["app", "published"]).ok().value();
    assert!(said["bundles"].as_array().unwrap().iter().all(|known| known["bundle"] != third));
    assert_eq!(count(), 2);
}
