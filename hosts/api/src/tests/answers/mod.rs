//! What the web shell's own types are held against: answers to every method, and every notice, in
//! `hosts/shell/test/answers.ts`, which its compiler reads with the rest (`npm run check`). `BLESS=1`
//! writes that file anew.

mod samples;
mod shapes;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::home::Home;
use crate::Error;

const FILE: &str = "../shell/test/answers.ts";
const HEAD: &str = r#"// What a host answers and tells, as a test of `hosts/api` writes it (`src/tests/answers`; `BLESS=1` writes it
// anew), for the compiler to hold the shell's types against. Ids and keys are not real ones.

import type { Fault } from "../src/host/interface.js";
import type { Answers } from "../src/host/methods.js";
import type { Notice } from "../src/host/notices.js";

/** Those of the crate: a host answers `relays` and `set-relays` itself. */
type Shared = Omit<Answers, "relays" | "set-relays">;
"#;

/// Answers by method.
#[derive(Default)]
struct Samples(BTreeMap<&'static str, Vec<Value>>);

impl Samples {
    fn add(&mut self, method: &'static str, answer: &impl Serialize) {
        let answer = plain(serde_json::to_value(answer).unwrap());
        let known = self.0.entry(method).or_default();
        if !known.contains(&answer) {
            known.push(answer);
        }
    }

    /// What a home answers.
    #[track_caller]
    fn ask(&mut self, home: &mut Home, method: &'static str, params: Value) -> Value {
        let answer = home.ask(method, params);
        self.add(method, &answer);
        answer
    }
}

/// Ids and keys change with a bundle's bytes or the way of signing, and mean nothing here: one word
/// stands for each.
fn plain(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(word(&text)),
        Value::Array(all) => Value::Array(all.into_iter().map(plain).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, plain(value))).collect())
        }
        value => value,
    }
}

fn word(text: &str) -> String {
    if text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return "0a".into();
    }
    match text.split_once('1') {
        Some((kind, rest)) if kind.starts_with("myr") && rest.len() > 16 => format!("{kind}1…"),
        _ => text.into(),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// The file: one line for each, so that it is seen what a change of the crate changes.
fn written() -> String {
    let mut lines = vec![HEAD.to_owned(), "export const answers = {".into()];
    for (method, answers) in &samples::all().0 {
        lines.push(format!("  {}: [", json(method)));
        lines.extend(answers.iter().map(|answer| format!("    {},", json(answer))));
        lines.push("  ],".into());
    }
    lines.push("} satisfies { readonly [M in keyof Shared]: readonly Shared[M][] };\n".into());
    lines.push("export const notices = [".into());
    lines.extend(samples::notices().iter().map(|notice| format!("  {},", json(notice))));
    lines.push("] satisfies readonly Notice[];\n".into());
    let fault = Error::new("busy", "nothing was done", "it is folded", "wait");
    lines.push(format!("export const fault = {} satisfies Fault;\n", json(&fault)));
    lines.join("\n")
}

#[test]
fn the_shell_is_compiled_with_what_is_answered() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let now = written();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(known, now, "run with BLESS=1, and then `npm run check` in hosts/shell");
}
