//! `pack`, `sign`, `inspect`: from an author's sources to what others can install.

use std::fs;

use myrhiza_e2e::{Folder, components};

const MANIFEST: &str = r#"
[app]
name = "odd"
version = "1.0.0"

[kernel]
major = 1
minor = 0

[components]
state-apply = "it.wasm"
"#;

#[test]
fn sources_become_a_bundle_that_its_author_signs_and_anyone_can_inspect() {
    let folder = Folder::new();
    let (author, other) = (folder.made("author"), folder.made("other"));
    let file = folder.signed(&author, "counter");
    let shown = other.json(["inspect".as_ref(), file.as_os_str()]).ok().value();
    assert_eq!((&shown["ok"], &shown["kind"]), (&true.into(), &"bundle".into()));
    assert_eq!(shown["findings"].as_array().unwrap().len(), 0);
    assert!(shown["imports"].as_array().unwrap().iter().any(|i| i == "myrhiza:kernel/state@1.0.0"));
    let keys: Vec<_> = shown.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["bundle", "findings", "imports", "kind", "ok"]);

    let before = fs::read(&file).unwrap();
    let again = author.json(["sign".as_ref(), file.as_os_str()]).ok().value();
    assert_eq!(again["bundle"], shown["bundle"]);
    assert_eq!(fs::read(&file).unwrap(), before, "signing twice changes nothing");
    let theirs = other.json(["sign".as_ref(), file.as_os_str()]).ok().value();
    assert_ne!(theirs["bundle"], shown["bundle"], "by another author it is another app");
}

#[test]
fn an_unsigned_bundle_says_so_and_is_not_installed() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let sources = folder.path("odd");
    fs::create_dir(&sources).unwrap();
    fs::write(sources.join("manifest.toml"), MANIFEST).unwrap();
    fs::copy(components().join("counter-state-apply.wasm"), sources.join("it.wasm")).unwrap();
    let file = folder.path("odd.myr");
    let pack = ["pack".as_ref(), sources.as_os_str(), "--output".as_ref(), file.as_os_str()];
    fs::rename(sources.join("it.wasm"), folder.path("it.wasm")).unwrap();
    let error = home.json(pack).fails(3, "no-file");
    assert!(error["next"].as_str().unwrap().contains("--components"), "{error}");
    fs::rename(folder.path("it.wasm"), sources.join("it.wasm")).unwrap();
    home.pack(&sources, &sources, &file).ok();
    let shown = home.json(["inspect".as_ref(), file.as_os_str()]).exits(1).value();
    assert_eq!(shown["findings"][0]["rule"], "signature");
    home.install(&file).fails(1, "bad-bundle");
    assert_eq!(home.json(["app", "list"]).ok().value(), serde_json::json!([]));
}

#[test]
fn what_a_component_imports_undeclared_is_found_and_never_installed() {
    let folder = Folder::new();
    let home = folder.made("alice");
    // A component that shows views, given for one that folds events: it imports `ui`.
    let odd = components().join("counter-interaction.wasm");
    let alone = ["inspect".as_ref(), odd.as_os_str(), "--profile".as_ref(), "state-apply".as_ref()];
    let shown = home.json(alone).exits(1).value();
    assert_eq!((&shown["ok"], &shown["kind"]), (&false.into(), &"component".into()));
    let finding = shown["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "imports");
    let finding = finding.unwrap();
    assert_eq!(finding["profile"], "state-apply");
    assert!(finding["where"].as_str().unwrap().contains("myrhiza:kernel/"), "{finding}");
    assert!(!finding["message"].as_str().unwrap().is_empty());

    let sources = folder.path("odd");
    fs::create_dir(&sources).unwrap();
    fs::write(sources.join("manifest.toml"), MANIFEST).unwrap();
    fs::copy(odd, sources.join("it.wasm")).unwrap();
    let file = folder.path("odd.myr");
    home.pack(&sources, &sources, &file).ok();
    home.json(["sign".as_ref(), file.as_os_str()]).ok();
    home.json(["inspect".as_ref(), file.as_os_str()]).exits(1);
    home.install(&file).fails(1, "not-admitted");
    assert_eq!(home.json(["app", "list"]).ok().value(), serde_json::json!([]));
}

#[test]
fn everything_wrong_with_a_manifest_is_told_by_line() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let sources = folder.path("odd");
    fs::create_dir(&sources).unwrap();
    let bad = MANIFEST.replace("name = \"odd\"", "nme = \"odd\"") + "[capabilities]\ncamera = {}\n";
    fs::write(sources.join("manifest.toml"), bad).unwrap();
    let error = home.pack(&sources, &sources, &folder.path("odd.myr")).fails(1, "bad-manifest");
    let cause = error["cause"].as_str().unwrap();
    assert!(cause.contains("manifest.toml:3:1") && cause.contains("`camera`"), "{cause}");
    assert!(!folder.path("odd.myr").exists());

    fs::write(sources.join("manifest.toml"), MANIFEST).unwrap();
    home.pack(&sources, &sources, &folder.path("odd.myr")).fails(3, "no-file");
    home.json(["pack", "nowhere"]).fails(3, "no-file");
    home.json(["inspect", "nowhere"]).fails(3, "no-file");
    home.json(["inspect", "nowhere", "--profile", "poetry"]).fails(2, "unknown-profile");
}

#[test]
fn a_flipped_byte_anywhere_in_a_bundle_is_refused() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let whole = fs::read(folder.signed(&home, "counter")).unwrap();
    for at in [0, 9, 40, 90, whole.len() / 2, whole.len() - 30, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        let file = folder.write("flipped.myr", bytes);
        let shown = home.json(["inspect".as_ref(), file.as_os_str()]).exits(1).value();
        assert_eq!(shown["ok"], false, "byte {at}");
        home.install(&file).fails(1, "bad-bundle");
        home.json(["sign".as_ref(), file.as_os_str()]).fails(1, "bad-bundle");
    }
    for bytes in [&whole[..whole.len() - 1], &whole[..20], b"", b"PK\x03\x04"] {
        home.install(&folder.write("cut.myr", bytes)).fails(1, "bad-bundle");
    }
    assert_eq!(home.json(["app", "list"]).ok().value(), serde_json::json!([]));
}

#[test]
fn what_has_no_end_is_not_read_and_what_is_too_long_neither() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    alice.json(["inspect", "/dev/zero"]).fails(2, "no-regular-file");
    let long = fs::File::create(folder.path("long")).unwrap();
    long.set_len((64 << 20) + 1).unwrap();
    alice.json(["inspect".as_ref(), folder.path("long").as_os_str()]).fails(1, "too-large");
}

#[test]
fn nothing_but_components_of_the_folder_is_packed() {
    let folder = Folder::new();
    let home = folder.made("alice");
    let sources = folder.path("odd");
    fs::create_dir(&sources).unwrap();
    let component = fs::read(components().join("counter-state-apply.wasm")).unwrap();
    fs::write(sources.join("it.wasm"), &component).unwrap();
    let elsewhere = folder.write("secret", &component);
    let file = folder.path("odd.myr");
    let pack = |named: &str| {
        let manifest = MANIFEST.replace("it.wasm", named);
        fs::write(sources.join("manifest.toml"), manifest).unwrap();
        home.pack(&sources, &sources, &file)
    };
    for named in [elsewhere.to_str().unwrap(), "../secret", "./../odd/it.wasm"] {
        let error = pack(named).fails(1, "bad-manifest");
        assert!(error["cause"].as_str().unwrap().contains(named), "{error}");
    }
    for bytes in [&b"root:x:0:0"[..], b"", b"\0asm\x01\0\0\0"] {
        fs::write(sources.join("it.wasm"), bytes).unwrap();
        pack("it.wasm").fails(1, "not-a-component");
    }
    assert!(!file.exists());
    fs::write(sources.join("it.wasm"), &component).unwrap();
    pack("./it.wasm").ok();
}
