//! `init` where something is there already: what is not its own it leaves alone, and a folder stays itself.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use myrhiza_e2e::{Folder, Ran};

/// What the names of homes in the making start with.
const UNFINISHED: &str = ".myrhiza-init-";

fn unfinished_in(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with(UNFINISHED)).count()
}

/// [HOME-4]
#[test]
fn what_a_killed_init_did_not_leave_is_not_removed_whatever_it_is_called() {
    let folder = Folder::new();
    let letters = folder.path("letters");
    fs::create_dir(&letters).unwrap();
    fs::write(letters.join("letter.txt"), "dear").unwrap();
    // As a lock of a process that is gone, which a link could lead to.
    fs::write(letters.join("lock"), "").unwrap();
    let named = |kind: &str| folder.path(&format!("{UNFINISHED}{kind}"));
    symlink(&letters, named("4294967295-a1")).unwrap();
    fs::write(named("4294967295-b2"), "").unwrap();
    let theirs = named("4294967295-c3");
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("lock"), "").unwrap();
    let is_root = chown(&theirs, Some(65_534), None).is_ok();
    let left = named("4294967295-d4");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("lock"), "").unwrap();

    folder.made("alice");
    assert_eq!(fs::read_to_string(letters.join("letter.txt")).unwrap(), "dear");
    assert!(letters.join("lock").exists());
    assert!(named("4294967295-a1").is_symlink() && named("4294967295-b2").exists());
    assert_eq!(theirs.exists(), is_root, "only what is of this user's is swept");
    assert!(!left.exists(), "what was left is swept");
}

/// [HOME-4]
#[test]
fn an_empty_folder_becomes_a_home_and_stays_the_folder_it_is() {
    let folder = Folder::new();
    let number = |path: &Path| fs::metadata(path).unwrap().ino();
    let own = folder.home("own");
    fs::create_dir(&own.path).unwrap();
    let before = number(&own.path);
    // By no other name than that of where one is.
    let mut command = std::process::Command::new(myrhiza_e2e::command());
    command.args(["init", "--no-passphrase", "--home", "."]).current_dir(&own.path);
    Ran::of(&mut command).ok();
    assert_eq!(number(&own.path), before);
    let mode = |name: &str| fs::metadata(own.file(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode(""), mode("keys"), mode("store"), mode("lock")], [0o700, 0o700, 0o700, 0o600]);
    own.json(["id"]).ok();
    own.json(["doctor"]).ok();

    let (link, target) = (folder.home("link"), folder.home("target"));
    fs::create_dir(&target.path).unwrap();
    symlink(&target.path, &link.path).unwrap();
    link.json(["init", "--no-passphrase"]).ok();
    assert!(link.path.is_symlink());
    let [one, other] = [&link, &target].map(|home| home.json(["id"]).ok().value());
    assert_eq!(one["scope"], other["scope"]);
    link.json(["init", "--no-passphrase"]).fails(1, "home-exists");
    assert_eq!(unfinished_in(&own.path) + unfinished_in(&target.path), 0);
    // Nor does it need the folder that this one is in.
    let closed = folder.home("closed/home");
    fs::create_dir_all(&closed.path).unwrap();
    let closing =
        |mode| fs::set_permissions(folder.path("closed"), fs::Permissions::from_mode(mode));
    closing(0o500).unwrap();
    closed.json(["init", "--no-passphrase"]).ok();
    closing(0o700).unwrap();
}

/// [HOME-4]
#[test]
fn a_kill_in_the_midst_of_it_leaves_a_folder_that_init_takes_or_says_why_not() {
    let folder = Folder::new();
    let there = |name: &str| {
        let home = folder.home(name);
        fs::create_dir(&home.path).unwrap();
        home
    };
    let start = Instant::now();
    there("whole").json(["init", "--no-passphrase"]).ok();
    let step = start.elapsed() / 25;
    let mut made = 0;
    for round in 0..40 {
        let home = there(&format!("home-{round}"));
        let mut child =
            home.command(["init", "--no-passphrase"]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(step * round);
        child.kill().unwrap();
        child.wait().unwrap();
        if home.file("home.toml").exists() {
            made += 1;
        } else {
            let again = home.json(["init", "--no-passphrase"]);
            if again.code != Some(0) {
                let error = again.fails(1, "folder-not-empty");
                assert!(error["cause"].as_str().unwrap().contains("parts of one"), "{error}");
                continue;
            }
        }
        home.json(["id"]).ok();
        assert_eq!(unfinished_in(&home.path), 0, "what was left is swept");
    }
    assert!((1..40).contains(&made), "kills before and after the end: {made} homes were made");

    // Between two of the last steps, which a kill hardly ever meets.
    let home = there("parts");
    fs::create_dir(home.file("keys")).unwrap();
    fs::write(home.file("keys/original"), "").unwrap();
    let error = home.json(["init", "--no-passphrase"]).fails(1, "folder-not-empty");
    assert!(error["next"].as_str().unwrap().contains("remove all"), "{error}");
}
