//! The systemd units in `dist/`: what they start is a command line of this build, and where systemd is
//! at hand it takes them without a word.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use myrhiza_e2e::{Folder, command};

/// Every unit, with the folder that says whose it is.
fn units() -> Vec<(String, PathBuf)> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/systemd");
    let mut units = Vec::new();
    for whose in ["system", "user"] {
        for entry in fs::read_dir(dist.join(whose)).unwrap() {
            units.push((whose.to_owned(), entry.unwrap().path()));
        }
    }
    assert_eq!(units.len(), 3, "{units:?}");
    units
}

/// What a unit starts, with systemd's specifiers filled in.
fn start(unit: &str) -> Vec<String> {
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let words = line.split(' ').map(|word| word.replace("%h", "~").replace("%d", "/run/c"));
    words.collect()
}

#[test]
fn what_a_unit_starts_is_a_command_line_of_this_build() {
    for (_, path) in units() {
        let words = start(&fs::read_to_string(&path).unwrap());
        assert!(words[0].ends_with("/myrhiza"), "{words:?}");
        // What precedes `--help` is looked at, and nothing is run.
        let told = Command::new(command()).args(&words[1..]).arg("--help").output().unwrap();
        assert!(told.status.success(), "{}: {told:?}", path.display());
    }
}

#[test]
fn systemd_takes_the_units_without_a_word() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("there is no systemd-analyze here; nothing was checked");
        return;
    }
    let folder = Folder::new();
    for (whose, path) in units() {
        let unit = fs::read_to_string(&path).unwrap();
        // It also looks whether what is started is there.
        let program = command();
        let program = program.to_str().unwrap();
        let unit =
            unit.replace(&start(&unit)[0], program).replace("%h/.local/bin/myrhiza", program);
        let copy = folder.write(path.file_name().unwrap().to_str().unwrap(), unit);
        let mut command = Command::new("systemd-analyze");
        command.arg(format!("--{whose}")).arg("verify").arg(&copy);
        let said = command.env("XDG_RUNTIME_DIR", folder.path("")).output().unwrap();
        assert!(said.status.success() && said.stderr.is_empty(), "{}: {said:?}", path.display());
    }
}
