//! Files that commands write: in whose place they are put, and what killed commands leave.

use std::fs;

use myrhiza_e2e::{Folder, Home, Node, Ran, components};

fn export(home: &Home, file: &std::path::Path) -> Ran {
    home.json(["topic".as_ref(), "export".as_ref(), "lobby".as_ref(), file.as_os_str()])
}

#[test]
fn only_a_file_of_the_same_kind_is_replaced() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    let bundle = folder.path("counter.myr");
    let topic = folder.path("lobby.myrtopic");
    for _ in 0..2 {
        export(&alice, &topic).ok();
    }
    let manifest =
        folder.write("manifest.toml", fs::read("../../apps/counter/manifest.toml").unwrap());
    let pack = |file: &std::path::Path| alice.pack(&manifest, &components(), file);
    let sign = |file: &std::path::Path| {
        alice.json(["sign".as_ref(), bundle.as_os_str(), "-o".as_ref(), file.as_os_str()])
    };
    for letter in
        [folder.write("letter", "dear"), folder.write("empty", ""), alice.file("config.toml")]
    {
        let before = fs::read(&letter).unwrap();
        let error = export(&alice, &letter).fails(1, "file-exists");
        assert!(error["next"].as_str().unwrap().contains("another name"), "{error}");
        pack(&letter).fails(1, "file-exists");
        sign(&letter).fails(1, "file-exists");
        assert_eq!(fs::read(&letter).unwrap(), before);
    }
    export(&alice, &bundle).fails(1, "file-exists");
    pack(&topic).fails(1, "file-exists");
    export(&alice, &alice.path).fails(1, "file-exists");
    for _ in 0..2 {
        pack(&folder.path("again.myr")).ok();
        sign(&folder.path("again.myr")).ok();
    }
}

#[test]
fn what_a_killed_command_left_is_taken_away_by_the_next() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "lobby");
    let gone = u32::MAX;
    let own = std::process::id();
    let stale = folder.write(&format!(".part-{gone}-aB3xyz"), "half");
    let others = [
        folder.write(&format!(".part-{own}-aB3xyz"), "of a process that lives"),
        folder.write(".part-list.txt", "of somebody else"),
    ];
    export(&alice, &folder.path("lobby.myrtopic")).ok();
    assert!(!stale.exists() && others.iter().all(|file| file.exists()));

    let begun = folder.path(&format!(".myrhiza-init-{gone}-aB3xyz"));
    let foreign = folder.path(".myrhiza-init-notes");
    // Killed in the midst of removing it; and locked by somebody who cannot be seen from here.
    let removed = folder.path(&format!(".myrhiza-init-{gone}-bC4xyz"));
    let locked = folder.path(&format!(".myrhiza-init-{gone}-cD5xyz"));
    for folder in [&begun, &foreign, &removed, &locked] {
        fs::create_dir(folder).unwrap();
    }
    fs::create_dir(removed.join("store")).unwrap();
    fs::write(removed.join("home.toml"), "half").unwrap();
    let lock = fs::File::create(locked.join("lock")).unwrap();
    lock.lock().unwrap();
    folder.made("carol");
    assert!(!begun.exists() && !removed.exists() && foreign.exists() && locked.exists());
    drop(lock);
    folder.made("dave");
    assert!(!locked.exists());
}

#[test]
fn a_file_of_another_kind_or_a_later_version_is_told_as_what_it_is() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let bundle = folder.signed(&home, "counter");
    let component = fs::read(components().join("counter-state-apply.wasm")).unwrap();
    for (file, says, next) in [
        (bundle.clone(), "it is a bundle", "app install"),
        (folder.write("it.wasm", component), "WebAssembly", "pack"),
        (folder.write("letter", "dear"), "no exported topic", "topic export"),
    ] {
        let error = home.import(&file).fails(1, "bad-export");
        assert!(error["cause"].as_str().unwrap().contains(says), "{error}");
        assert!(error["next"].as_str().unwrap().contains(next), "{error}");
    }
    let mut later = fs::read(&bundle).unwrap();
    later[9] = 2;
    let later = folder.write("later.myr", later);
    assert_eq!(home.install(&later).fails(1, "bad-bundle")["next"], "update Myrhiza");
    let error = home.json(["sign".as_ref(), later.as_os_str()]).fails(1, "bad-bundle");
    assert_eq!(error["next"], "update Myrhiza");
}

#[test]
fn a_node_reads_and_writes_files_where_the_command_was_given() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    alice.found("counter", "lobby");
    for _ in 0..3 {
        alice.act("lobby", &["increment", "1"]);
    }
    let _nodes = [Node::up(&alice, &[]), Node::up(&bob, &[])];
    let there = |home: &Home, arguments: &[&str]| {
        Ran::of(home.command(arguments).arg("--json").current_dir(folder.path("")))
    };
    let exported = there(&alice, &["topic", "export", "lobby", "it", "--with-bundles"]).ok();
    assert_eq!(exported.value()["events"], 4);
    there(&alice, &["topic", "export", "lobby", "poll.myr"]).fails(1, "file-exists");
    there(&alice, &["topic", "export", "nowhere", "it"]).fails(3, "not-found");
    let imported = there(&bob, &["topic", "import", "it"]).ok().value();
    assert_eq!((&imported["added"], &imported["known"]), (&4.into(), &0.into()), "{imported}");
    assert_eq!(bob.root("lobby"), alice.root("lobby"));

    there(&alice, &["sign", "counter.myr", "-o", "again.myr"]).ok();
    let bytes = |name| fs::read(folder.path(name)).unwrap();
    assert_eq!(bytes("again.myr"), bytes("counter.myr"));
    there(&alice, &["app", "install", "again.myr", "--yes"]).ok();
    there(&alice, &["publish", "again.myr"]).ok();
    there(&alice, &["publish", "none.myr"]).fails(3, "no-file");
}
