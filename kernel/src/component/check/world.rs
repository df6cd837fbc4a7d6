//! The package `myrhiza:kernel@1.0.0` as admission compares with it: `wit/kernel.wit`, type by type.
//!
//! A test of `tests/component` holds it equal to the WIT.

use super::canvas::CANVAS;

/// What every interface's full name starts and ends with.
pub(super) const PACKAGE: &str = "myrhiza:kernel/";
/// The version every interface is imported with.
pub(super) const VERSION: &str = "@1.0.0";

/// Functions and named types of an interface, or exports and named types of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Name without package and version.
    pub name: &'static str,
    /// Functions and their types.
    pub functions: &'static [(&'static str, &'static str)],
    /// Named types, written out.
    pub types: &'static [(&'static str, &'static str)],
}

impl Shape {
    /// The type of a function it has.
    pub(super) fn function(&self, name: &str) -> Option<&'static str> {
        self.functions.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty)
    }

    /// The text of a type it names.
    pub(super) fn named(&self, name: &str) -> Option<&'static str> {
        self.types.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty)
    }
}

/// Names the types that others are made of, so that each is written once.
macro_rules! texts {
    ($($name:ident = [$($part:expr),*];)*) => {$(
        macro_rules! $name { () => { concat!($($part),*) }; }
    )*};
}
pub(super) use texts;

texts! {
    tone = ["enum { plain, strong, muted, good, warning, bad }"];
    styled = ["record { tone: ", tone!(), ", text: string }"];
    action = ["record { label: string, intent: list<string>, enabled: bool }"];
    input = ["record { label: string, value: string, choices: list<string> }"];
    table = ["record { columns: list<string>, rows: list<list<string>> }"];
    content = [
        "variant { panel(string), list(bool), message(", styled!(), "), form(", action!(),
        "), menu(string), button(", action!(), "), input(", input!(),
        "), dialog(string), text(", styled!(), "), table(", table!(), ") }"
    ];
    node = ["record { depth: u32, content: ", content!(), " }"];
    verdict = ["record { code: u32, reason: list<u8> }"];
    version = ["record { major: u32, minor: u32, patch: u32 }"];
    kv_refusal = ["enum { key, value, full }"];
    refusal = ["enum { would-block, unprompted, undeclared, argument }"];
    submitted = ["result<u64, ", refusal!(), ">"];
    picked = ["record { name: string, bytes: list<u8> }"];
    outcome = [
        "variant { declined, unavailable(string), done, chosen(u32), text(string), file(", picked!(),
        "), subscribed(string) }"
    ];
    candidate = ["record { variant: u32, payload: list<u8> }"];
}

/// Every interface.
pub const INTERFACES: &[Shape] = &[
    Shape {
        name: "log",
        functions: &[("write", "func(level: u32, message: list<u8>)")],
        types: &[],
    },
    Shape {
        name: "hash",
        functions: &[("blake3", "func(data: list<u8>) -> list<u8>")],
        types: &[],
    },
    Shape {
        name: "signature",
        functions: &[(
            "verify",
            "func(key: list<u8>, message: list<u8>, signature: list<u8>) -> bool",
        )],
        types: &[],
    },
    Shape {
        name: "fork-proof",
        functions: &[("verify", "func(proof: list<u8>) -> option<list<u8>>")],
        types: &[],
    },
    Shape {
        name: "topic-info",
        functions: &[
            ("topic", "func() -> list<u8>"),
            ("founder", "func() -> list<u8>"),
            ("generation", "func() -> u32"),
            ("member", "func(person: list<u8>) -> option<list<u8>>"),
            ("members", "func(after: list<u8>, limit: u32) -> list<u8>"),
        ],
        types: &[],
    },
    Shape {
        name: "event",
        functions: &[
            ("id", "func() -> list<u8>"),
            ("person", "func() -> list<u8>"),
            ("scope", "func() -> list<u8>"),
            ("scope-kind", "func() -> u32"),
            ("seq", "func() -> u64"),
            ("height", "func() -> u64"),
            ("hlc", "func() -> u64"),
            ("generation", "func() -> u32"),
            ("variant", "func() -> u32"),
            ("payload", "func() -> list<u8>"),
        ],
        types: &[],
    },
    Shape {
        name: "state",
        functions: &[
            ("get", "func(key: list<u8>) -> option<list<u8>>"),
            ("set", "func(key: list<u8>, value: list<u8>)"),
            ("delete", "func(key: list<u8>)"),
            ("scan", "func(from: list<u8>, to: list<u8>, limit: u32) -> list<u8>"),
        ],
        types: &[],
    },
    Shape {
        name: "state-view",
        functions: &[
            ("get", "func(key: list<u8>) -> option<list<u8>>"),
            ("scan", "func(from: list<u8>, to: list<u8>, limit: u32) -> list<u8>"),
        ],
        types: &[],
    },
    Shape { name: "clock", functions: &[("now", "func() -> u64")], types: &[] },
    Shape { name: "random", functions: &[("bytes", "func(len: u32) -> list<u8>")], types: &[] },
    Shape {
        name: "ui",
        functions: &[
            ("viewer", "func() -> list<u8>"),
            ("show", concat!("func(view: list<", node!(), ">)")),
        ],
        types: &[
            ("tone", tone!()),
            ("styled", styled!()),
            ("action", action!()),
            ("input", input!()),
            ("table", table!()),
            ("content", content!()),
            ("node", node!()),
        ],
    },
    CANVAS,
    Shape {
        name: "kv",
        functions: &[
            ("get", "func(key: list<u8>) -> option<list<u8>>"),
            (
                "set",
                concat!("func(key: list<u8>, value: list<u8>) -> result<_, ", kv_refusal!(), ">"),
            ),
            ("delete", "func(key: list<u8>)"),
            ("scan", "func(from: list<u8>, to: list<u8>, limit: u32) -> list<u8>"),
        ],
        types: &[("refusal", kv_refusal!())],
    },
    Shape { name: "intent", functions: &[("propose", "func(words: list<string>)")], types: &[] },
    Shape {
        name: "prompt",
        functions: &[
            (
                "choose-submit",
                concat!("func(question: string, choices: list<string>) -> ", submitted!()),
            ),
            ("ask-submit", concat!("func(question: string, value: string) -> ", submitted!())),
        ],
        types: &[("refusal", refusal!())],
    },
    Shape {
        name: "clipboard-write",
        functions: &[("write-submit", concat!("func(text: string) -> ", submitted!()))],
        types: &[("refusal", refusal!())],
    },
    Shape {
        name: "file-picker",
        functions: &[("pick-submit", concat!("func(kind: string) -> ", submitted!()))],
        types: &[("refusal", refusal!())],
    },
    Shape {
        name: "navigate",
        functions: &[("open-submit", concat!("func(address: string) -> ", submitted!()))],
        types: &[("refusal", refusal!())],
    },
    Shape {
        name: "push",
        functions: &[("subscribe-submit", concat!("func(server-key: list<u8>) -> ", submitted!()))],
        types: &[("refusal", refusal!())],
    },
];

/// Every world.
pub const WORLDS: &[Shape] = &[
    Shape {
        name: "state-apply",
        functions: &[("apply", concat!("func() -> ", verdict!()))],
        types: &[("verdict", verdict!())],
    },
    Shape {
        name: "migrate",
        functions: &[(
            "migrate",
            concat!("func(from: ", version!(), ", cursor: list<u8>) -> option<list<u8>>"),
        )],
        types: &[("version", version!())],
    },
    Shape {
        name: "state-propose",
        functions: &[(
            "propose",
            concat!("func(intent: list<string>) -> result<", candidate!(), ", string>"),
        )],
        types: &[("candidate", candidate!())],
    },
    Shape { name: "interaction", functions: &[("render", "func()")], types: &[] },
    Shape {
        name: "interaction-acting",
        functions: &[
            ("render", "func()"),
            ("press", "func(words: list<string>)"),
            ("complete", concat!("func(token: u64, outcome: ", outcome!(), ")")),
        ],
        types: &[("file", picked!()), ("outcome", outcome!())],
    },
];
