//! Answers that no home in memory comes to: what other homes, authors and later apps bring about.

use super::Samples;
use crate::act::Done;
use crate::apps::{self, Revoked, Word};
use crate::asked::{Asked, Pressed, Wish};
use crate::dag::{Fork, Waiting};
use crate::drift::{Differs, Drift, Key, Ruling, State, Vote, Why};
use crate::view::{Node, Shape, Tone, Viewed};
use crate::{About, Excerpt, Fact};

pub(super) fn add(samples: &mut Samples) {
    samples.add("about", &about());
    samples.add("act", &done("trap", "unreachable"));
    samples.add("upgrade", &done("accept", ""));
    samples.add("view", &view());
    let asked = asked();
    samples.add("asked", &asked);
    let acted = Some(done("accept", ""));
    samples.add("press", &Pressed { acted, asked: asked.clone() });
    samples.add("complete", &Pressed { acted: None, asked });
    samples.add("apps", &[app(None), app(Some(id()))]);
    samples.add("drift", &drift());
    let events = [id(), id()];
    samples.add("forks", &[Fork { scope: id(), seq: 3, events, proof: id() }]);
    samples.add("pending", &[Waiting { id: id(), missing: vec![id()] }]);
}

fn id() -> String {
    "0a".into()
}

fn done(verdict: &'static str, reason: &str) -> Done {
    let event = (verdict == "accept").then(id);
    Done { event, verdict, reason: reason.into() }
}

fn about() -> About {
    About {
        host: "browser",
        version: "1.0.0".into(),
        kernel: "1.0".into(),
        engine: "Chromium".into(),
        store: "opfs".into(),
        more: vec![Fact { name: "relays".into(), value: "none".into() }],
    }
}

/// Every kind of node.
fn view() -> Viewed {
    let title = || String::from("Lunch");
    let (intent, enabled) = (vec!["add".to_owned()], true);
    let table = |more| {
        let (columns, rows) = (vec!["who".to_owned()], vec![vec!["Ada".to_owned()]]);
        Shape::Table { columns, rows, more }
    };
    let tones = [Tone::Plain, Tone::Strong, Tone::Muted, Tone::Good, Tone::Warning, Tone::Bad];
    let texts = tones.map(|tone| Shape::Text { tone, text: "soup".into() });
    let shapes = [
        Shape::Panel { title: title() },
        Shape::List { numbered: true },
        Shape::Message { tone: Tone::Good, text: "two have voted".into() },
        Shape::Form { label: "add".into(), intent: intent.clone(), enabled },
        Shape::Menu { title: title() },
        Shape::Button { label: "add".into(), intent, enabled },
        Shape::Input { label: "kind".into(), value: "hot".into(), choices: vec!["hot".into()] },
        Shape::Dialog { title: title() },
        table(0),
        table(2),
        Shape::Surface { name: "board".into(), text: "a board".into(), width: 4, height: 3 },
        Shape::Other,
    ];
    let nodes = shapes.into_iter().chain(texts).map(|shape| Node { depth: 1, shape }).collect();
    Viewed { topic: id(), version: id(), nodes: Some(nodes), more: 3 }
}

/// Everything that an app can ask.
fn asked() -> Vec<Asked> {
    let question = || String::from("Who?");
    let wishes = [
        Wish::Choose { question: question(), choices: vec!["Ada".into(), "Bob".into()] },
        Wish::Ask { question: question(), value: "Ada".into() },
        Wish::Copy { text: "soup".into() },
        Wish::Pick { accept: "text/plain".into() },
        Wish::Open { address: "https://example.org".into() },
        Wish::Subscribe { server_key: id() },
        Wish::Other {},
    ];
    let asked = |wish| Asked {
        token: id(),
        topic: id(),
        bundle: id(),
        app: "pins".into(),
        version: "1.0.0".into(),
        author: id(),
        author_name: "myr1…".into(),
        wish,
    };
    wishes.map(asked).into()
}

/// One that its author has withdrawn.
fn app(successor: Option<String>) -> apps::Shown {
    let revoked = Some(Revoked { reason: "a fault".into(), successor, at: 5 });
    apps::Shown {
        id: id(),
        name: "pins".into(),
        version: "1.0.0".into(),
        author: id(),
        author_name: "myr1…".into(),
        description: "a board".into(),
        word: Word { revoked, pinned: true, as_of: Some(6) },
    }
}

fn drift() -> Drift {
    let state = || State {
        count: 3,
        event: id(),
        root: id(),
        code: id(),
        engine: "wasmtime".into(),
        engine_version: "48".into(),
    };
    let vote = |agrees| Vote { scope: id(), agrees, state: state() };
    let differs = |until, explanation| Differs {
        scope: id(),
        here: state(),
        there: state(),
        until,
        explanation,
    };
    let reports = vec![
        differs(None, None),
        differs(Some(9), Some(why(None))),
        differs(Some(9), Some(why(Some(3)))),
    ];
    let votes = vec![vote(None), vote(Some(true))];
    Drift { topic: id(), anchors: vec![state()], votes, reports }
}

/// Where two states part, as far as is known.
fn why(known: Option<u64>) -> Why {
    let ruling = known.map(|fuel| Ruling { verdict: "reject", code: 2, fuel });
    let excerpt = known.map(|bytes| Excerpt { bytes, start: id() });
    let key = |side| Key { side, key: id(), here: excerpt.clone(), there: None };
    Why {
        peer: id(),
        agreed: known,
        event: known.map(|_| id()),
        here: ruling.clone(),
        there: ruling,
        keys: vec![key("app"), key("kernel")],
        more: false,
        again: known.map(|_| true),
    }
}
