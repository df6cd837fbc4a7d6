//! A command that ended.

use std::process::{Command, Output};

use serde_json::Value;

/// A command that ended, and what it printed.
pub struct Ran {
    command: String,
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed on standard output.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
}

impl Ran {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Self {
            command: format!("{command:?}"),
            code: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// It ended with that code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        let Self { command, stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "{command}\n--- stdout\n{stdout}--- stderr\n{stderr}");
        self
    }

    /// It did what it was asked.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.exits(0)
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}: {:?}", self.command, self.stdout))
    }

    /// It failed with that exit code and `error.code`, in the shape of every failure.
    #[track_caller]
    pub fn fails(self, exit: i32, code: &str) -> Value {
        let value = self.exits(exit).value();
        let error = value["error"].as_object().unwrap();
        let keys: Vec<_> = error.keys().map(String::as_str).collect();
        assert_eq!(keys, ["cause", "code", "next", "what"], "{value}");
        assert!(
            error.values().all(|text| text.as_str().is_some_and(|text| !text.is_empty())),
            "{value}"
        );
        assert_eq!(error["code"], code, "{value}");
        value["error"].clone()
    }
}
