//! The worlds of the kernel's package: the functions of its interfaces, which of them a profile may
//! import, and what it exports. What is not listed cannot be linked.

/// A function of one of the kernel's interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the interfaces")]
pub enum Function {
    LogWrite,
    HashBlake3,
    SignatureVerify,
    ForkProofVerify,
    TopicInfoTopic,
    TopicInfoFounder,
    TopicInfoGeneration,
    TopicInfoMember,
    TopicInfoMembers,
    EventId,
    EventPerson,
    EventScope,
    EventScopeKind,
    EventSeq,
    EventHeight,
    EventHlc,
    EventGeneration,
    EventVariant,
    EventPayload,
    StateGet,
    StateSet,
    StateDelete,
    StateScan,
    ClockNow,
    RandomBytes,
    UiViewer,
    UiShow,
    CanvasShow,
    CanvasDraw,
    CanvasInput,
    CanvasAct,
    KvGet,
    KvSet,
    KvDelete,
    KvScan,
    IntentPropose,
    PromptChoose,
    PromptAsk,
    ClipboardWrite,
    FilePick,
    NavigateOpen,
    PushSubscribe,
}

/// What is known of a function.
pub(crate) struct Described {
    interface: &'static str,
    name: &'static str,
    pub(crate) function: Function,
    /// Its type, as [`crate::types`] writes it.
    pub(crate) ty: &'static str,
}

const fn row(
    interface: &'static str,
    name: &'static str,
    function: Function,
    ty: &'static str,
) -> Described {
    Described { interface, name, function, ty }
}

const VIEW: &str = "(list<record { depth: u32, content: variant { panel(string), list(bool), \
    message(record { tone: enum { plain, strong, muted, good, warning, bad }, text: string }), \
    form(record { label: string, intent: list<string>, enabled: bool }), menu(string), \
    button(record { label: string, intent: list<string>, enabled: bool }), \
    input(record { label: string, value: string, choices: list<string> }), dialog(string), \
    text(record { tone: enum { plain, strong, muted, good, warning, bad }, text: string }), \
    table(record { columns: list<string>, rows: list<list<string>> }) } }>)";

/// The types of `canvas`, so that each is written once.
macro_rules! point {
    () => {
        "record { x: s32, y: s32 }"
    };
}
macro_rules! size {
    () => {
        "record { width: u32, height: u32 }"
    };
}
macro_rules! area {
    () => {
        concat!("record { at: ", point!(), ", size: ", size!(), " }")
    };
}
macro_rules! paint {
    () => {
        "variant { tint(enum { ground, text, muted, accent, good, warning, bad }), rgba(u32) }"
    };
}
macro_rules! steps {
    () => {
        concat!(
            "list<variant { move(",
            point!(),
            "), line(",
            point!(),
            "), curve(record { first: ",
            point!(),
            ", second: ",
            point!(),
            ", to: ",
            point!(),
            " }), close }>"
        )
    };
}

const SHOW: &str = concat!("(string, string, ", size!(), ")");
const DRAW: &str = concat!(
    "(list<variant { clear(",
    paint!(),
    "), fill-area(record { area: ",
    area!(),
    ", paint: ",
    paint!(),
    " }), stroke-area(record { area: ",
    area!(),
    ", paint: ",
    paint!(),
    ", width: u32 }), fill-path(record { paint: ",
    paint!(),
    ", steps: ",
    steps!(),
    " }), stroke-path(record { paint: ",
    paint!(),
    ", width: u32, steps: ",
    steps!(),
    " }), text(record { at: ",
    point!(),
    ", size: u32, align: enum { start, centre, end }, paint: ",
    paint!(),
    ", text: string }), image(record { area: ",
    area!(),
    ", columns: u32, pixels: list<u8> }), \
      transform(record { xx: s32, xy: s32, yx: s32, yy: s32, dx: s32, dy: s32 }) }>)"
);
const INPUT: &str = concat!(
    "() -> list<variant { pointer(record { phase: enum { down, move, up, cancel }, at: ",
    point!(),
    ", buttons: u32, modifiers: u32 }), key(record { down: bool, name: string, modifiers: u32 }), \
      room(record { size: ",
    size!(),
    ", dark: bool }) }>"
);

const KEPT: &str = "(list<u8>, list<u8>) -> result<_, enum { key, value, full }>";
macro_rules! submits {
    ($parameters:literal) => {
        concat!(
            $parameters,
            " -> result<u64, enum { would-block, unprompted, undeclared, argument }>"
        )
    };
}

const FUNCTIONS: [Described; 44] = [
    row("log", "write", Function::LogWrite, "(u32, list<u8>)"),
    row("hash", "blake3", Function::HashBlake3, "(list<u8>) -> list<u8>"),
    row("signature", "verify", Function::SignatureVerify, "(list<u8>, list<u8>, list<u8>) -> bool"),
    row("fork-proof", "verify", Function::ForkProofVerify, "(list<u8>) -> option<list<u8>>"),
    row("topic-info", "topic", Function::TopicInfoTopic, "() -> list<u8>"),
    row("topic-info", "founder", Function::TopicInfoFounder, "() -> list<u8>"),
    row("topic-info", "generation", Function::TopicInfoGeneration, "() -> u32"),
    row("topic-info", "member", Function::TopicInfoMember, "(list<u8>) -> option<list<u8>>"),
    row("topic-info", "members", Function::TopicInfoMembers, "(list<u8>, u32) -> list<u8>"),
    row("event", "id", Function::EventId, "() -> list<u8>"),
    row("event", "person", Function::EventPerson, "() -> list<u8>"),
    row("event", "scope", Function::EventScope, "() -> list<u8>"),
    row("event", "scope-kind", Function::EventScopeKind, "() -> u32"),
    row("event", "seq", Function::EventSeq, "() -> u64"),
    row("event", "height", Function::EventHeight, "() -> u64"),
    row("event", "hlc", Function::EventHlc, "() -> u64"),
    row("event", "generation", Function::EventGeneration, "() -> u32"),
    row("event", "variant", Function::EventVariant, "() -> u32"),
    row("event", "payload", Function::EventPayload, "() -> list<u8>"),
    row("state", "get", Function::StateGet, "(list<u8>) -> option<list<u8>>"),
    row("state", "set", Function::StateSet, "(list<u8>, list<u8>)"),
    row("state", "delete", Function::StateDelete, "(list<u8>)"),
    row("state", "scan", Function::StateScan, "(list<u8>, list<u8>, u32) -> list<u8>"),
    row("state-view", "get", Function::StateGet, "(list<u8>) -> option<list<u8>>"),
    row("state-view", "scan", Function::StateScan, "(list<u8>, list<u8>, u32) -> list<u8>"),
    row("clock", "now", Function::ClockNow, "() -> u64"),
    row("random", "bytes", Function::RandomBytes, "(u32) -> list<u8>"),
    row("ui", "viewer", Function::UiViewer, "() -> list<u8>"),
    row("ui", "show", Function::UiShow, VIEW),
    row("canvas", "show", Function::CanvasShow, SHOW),
    row("canvas", "draw", Function::CanvasDraw, DRAW),
    row("canvas", "input", Function::CanvasInput, INPUT),
    row("canvas", "act", Function::CanvasAct, "(list<string>) -> bool"),
    row("kv", "get", Function::KvGet, "(list<u8>) -> option<list<u8>>"),
    row("kv", "set", Function::KvSet, KEPT),
    row("kv", "delete", Function::KvDelete, "(list<u8>)"),
    row("kv", "scan", Function::KvScan, "(list<u8>, list<u8>, u32) -> list<u8>"),
    row("intent", "propose", Function::IntentPropose, "(list<string>)"),
    row("prompt", "choose-submit", Function::PromptChoose, submits!("(string, list<string>)")),
    row("prompt", "ask-submit", Function::PromptAsk, submits!("(string, string)")),
    row("clipboard-write", "write-submit", Function::ClipboardWrite, submits!("(string)")),
    row("file-picker", "pick-submit", Function::FilePick, submits!("(string)")),
    row("navigate", "open-submit", Function::NavigateOpen, submits!("(string)")),
    row("push", "subscribe-submit", Function::PushSubscribe, submits!("(list<u8>)")),
];

/// The world of a profile.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// The name of the function it exports.
    pub export: &'static str,
    pub(crate) ty: &'static str,
    /// The functions it may export beside that one, with their types.
    pub(crate) others: &'static [(&'static str, &'static str)],
    interfaces: &'static [&'static str],
}

impl World {
    /// The function behind a full name of an interface and a name in it, if this world has it.
    pub(crate) fn function(&self, interface: &str, name: &str) -> Option<&'static Described> {
        let interface = interface.strip_prefix("myrhiza:kernel/")?.strip_suffix("@1.0.0")?;
        let permitted = self.interfaces.contains(&interface);
        FUNCTIONS.iter().find(|f| permitted && f.interface == interface && f.name == name)
    }
}

/// The export that admission adds: the fuel the last call left (`docs/spec/components.md`).
pub(crate) const METER_LEFT: &str = "meter-left";
pub(crate) const METER_LEFT_TYPE: &str = "() -> u64";

/// What an `interaction` component may export to take what its user does.
pub(crate) const PRESS: &str = "press";
pub(crate) const COMPLETE: &str = "complete";

/// `state-apply`
pub const STATE_APPLY: World = World {
    export: "apply",
    ty: "() -> record { code: u32, reason: list<u8> }",
    others: &[],
    interfaces: &["log", "hash", "signature", "fork-proof", "topic-info", "event", "state"],
};

/// `migrate`
pub const MIGRATE: World = World {
    export: "migrate",
    ty: "(record { major: u32, minor: u32, patch: u32 }, list<u8>) -> option<list<u8>>",
    others: &[],
    interfaces: &["log", "hash", "signature", "fork-proof", "topic-info", "state"],
};

/// `state-propose`
pub const STATE_PROPOSE: World = World {
    export: "propose",
    ty: "(list<string>) -> result<record { variant: u32, payload: list<u8> }, string>",
    others: &[],
    interfaces: &[
        "log",
        "hash",
        "signature",
        "fork-proof",
        "topic-info",
        "state-view",
        "clock",
        "random",
    ],
};

/// `interaction`
pub const INTERACTION: World = World {
    export: "render",
    ty: "()",
    others: &[
        (PRESS, "(list<string>)"),
        (
            COMPLETE,
            "(u64, variant { declined, unavailable(string), done, chosen(u32), text(string), \
             file(record { name: string, bytes: list<u8> }), subscribed(string) })",
        ),
    ],
    interfaces: &[
        "log",
        "hash",
        "signature",
        "fork-proof",
        "topic-info",
        "state-view",
        "clock",
        "random",
        "ui",
        "canvas",
        "kv",
        "intent",
        "prompt",
        "clipboard-write",
        "file-picker",
        "navigate",
        "push",
    ],
};
