use std::collections::BTreeSet;

use myrhiza_kernel_api::limits;
use proptest::prelude::*;

use super::{COUNTER, PROFILES, counter};
use crate::bundle::{Authored, Capabilities, Manifest, Problem, Source, Version};
use crate::codec::Canonical;

fn errors(toml: &str) -> Vec<String> {
    let errors = Source::parse(toml.as_bytes(), PROFILES).unwrap_err();
    errors.0.iter().map(ToString::to_string).collect()
}

/// The manifest with one line replaced, inserted after or (empty) removed.
fn with(line: &str, instead: &str) -> String {
    assert!(COUNTER.contains(line), "{line}");
    COUNTER.replace(line, instead)
}

#[test]
fn a_manifest_says_what_was_written() {
    let source = Source::parse(COUNTER.as_bytes(), PROFILES).unwrap();
    let manifest = &source.manifest;
    assert_eq!((manifest.id.as_str(), manifest.name.as_str()), ("counter", "counter"));
    assert_eq!(manifest.version, Version { major: 1, minor: 2, patch: 3 });
    assert_eq!(manifest.drift_interval, 64);
    assert_eq!(source.files["state-apply"], "apply.wasm");
    assert!(manifest.may_author("state-propose", 7));
    assert!(!manifest.may_author("state-propose", 8), "a listed profile authors what is listed");
    assert!(!manifest.may_author("interaction", 0), "others author nothing");
}

#[test]
fn what_may_be_left_out_has_its_default() {
    let short = with("[authors]\nstate-propose = [0, 7]\n\n[drift]\ninterval = 64\n", "");
    let manifest = Source::parse(short.as_bytes(), PROFILES).unwrap().manifest;
    assert_eq!(manifest.drift_interval, 1024);
    assert!(manifest.may_author("state-propose", u32::MAX));
    let named = with("name = \"counter\"", "name = \"Counter\"\nid = \"counter\"");
    let named = Source::parse(named.as_bytes(), PROFILES).unwrap().manifest;
    let author = super::author().public();
    assert_eq!(named.lineage(&author), manifest.lineage(&author), "a name may change");
}

/// [BUNDLE-1]
#[test]
fn every_refusal_names_place_cause_and_remedy() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "[drift]",
            "[drifts]",
            "manifest.toml:18:2: there is no `drifts`; there are `app`, `kernel`, `components`, `capabilities`, `authors`, `drift`",
        ),
        (
            "minor = 0",
            "minor = 0\npatch = 1",
            "manifest.toml:10:1: there is no `kernel.patch`; there are `kernel.major`, `kernel.minor`",
        ),
        (
            "name = \"counter\"",
            "",
            "manifest.toml:2:2: `app.name` is missing; write `name = \"counter\"`",
        ),
        (
            "name = \"counter\"",
            "name = 3",
            "manifest.toml:3:8: `app.name` is text, not a number; write `name = \"counter\"`",
        ),
        (
            "name = \"counter\"",
            "name = \"\"",
            "manifest.toml:3:1: `app.name` is 1 to 64 bytes of visible text",
        ),
        (
            "name = \"counter\"",
            "name = \"count\\u202Eer\"",
            "manifest.toml:3:1: `app.name` is 1 to 64 bytes of visible text",
        ),
        (
            "name = \"counter\"",
            "name = \"counter\"\nid = \" counter\"",
            "manifest.toml:4:1: `app.id` is 1 to 64 bytes of visible text",
        ),
        (
            "\"Counts.\"",
            "\"\\u0007\"",
            "manifest.toml:5:1: `app.description` is at most 1024 bytes",
        ),
        (
            "\"1.2.3\"",
            "\"1.2\"",
            "manifest.toml:4:1: `app.version` is three numbers with dots, not \"1.2\"; write `version = \"1.0.0\"`",
        ),
        ("\"1.2.3\"", "\"01.2.3\"", "`app.version` is three numbers"),
        ("\"1.2.3\"", "\"1.2.3-rc1\"", "`app.version` is three numbers"),
        ("\"1.2.3\"", "\"1.2.+3\"", "`app.version` is three numbers"),
        (
            "major = 1",
            "major = 2",
            "manifest.toml:8:1: it is written for kernel 2.0, and this is kernel 1.0; update Myrhiza; write `major = 1`",
        ),
        ("major = 1", "major = 0", "ask its author for a bundle for this kernel"),
        ("minor = 0", "minor = 1", "update Myrhiza"),
        (
            "minor = 0",
            "minor = -1",
            "manifest.toml:9:9: `kernel.minor` is a whole number from 0 to 4294967295, not -1; write `minor = 0`",
        ),
        ("major = 1", "major = 1.0", "not a number with a point"),
        (
            "state-propose = \"propose.wasm\"",
            "state-proposal = \"p.wasm\"",
            "manifest.toml:13:1: there is no profile `state-proposal`; there are `interaction`, `state-apply`, `state-propose`",
        ),
        (
            "state-apply = \"apply.wasm\"",
            "",
            "manifest.toml:11:2: `components` names no `state-apply`, and without it no event has an effect; write `state-apply = \"state-apply.wasm\"`",
        ),
        (
            "state-propose = \"propose.wasm\"",
            "",
            "`authors` names `state-propose`, and `components` does not; write `state-propose = \"state-propose.wasm\"` under [components]",
        ),
        (
            "state-propose = [0, 7]",
            "state-apply = [0]",
            "manifest.toml:16:1: `authors` names `state-apply`, which authors no events; profiles that do: state-propose",
        ),
        (
            "[0, 7]",
            "[0, 4294967296]",
            "manifest.toml:16:21: `authors.state-propose` is a list of whole numbers from 0 to 4294967295, not 4294967296; write `state-propose = [0, 1]`",
        ),
        ("[0, 7]", "7", "`authors.state-propose` is a list of variants, not a number"),
        (
            "interval = 64",
            "interval = 0",
            "manifest.toml:19:1: `drift.interval` is at least 1; 1024 is usual",
        ),
        (
            "interval = 64",
            "",
            "manifest.toml:18:2: `drift.interval` is missing; write `interval = 1024`",
        ),
        (
            "[authors]",
            "[capabilities]\nhttp = [\"https://example.org\"]\n[authors]",
            "manifest.toml:16:1: there is no capability `http`; there are `canvas`, `clipboard-write`, `file-picker`, `navigate`, `push`; what its profile always permits a component needs no declaration, so remove the line",
        ),
        (
            "[authors]",
            "[capabilities]\ncanvas = false\n[authors]",
            "manifest.toml:16:10: `capabilities.canvas` is true, not false; write `canvas = true`",
        ),
        (
            "[authors]",
            "[capabilities]\ncanvas = [\"wide\"]\n[authors]",
            "`capabilities.canvas` is true, not a list; write `canvas = true`",
        ),
        (
            "[authors]",
            "[capabilities]\nclipboard-write = true\nnavigate = [\"http://example.org\"]\n[authors]",
            "manifest.toml:17:1: `capabilities.navigate` is a list of origins in lower case, such as \"https://example.org\", at most 16 of 256 bytes each; write `navigate = [\"https://example.org\"]`",
        ),
        (
            "[authors]",
            "[capabilities]\npush = false\n[authors]",
            "manifest.toml:16:8: `capabilities.push` is true, not false; write `push = true`",
        ),
        ("[authors]", "[dependencies]\n[authors]", "there is no `dependencies`"),
        ("[kernel]", "[[kernel]]", "`kernel` is a table, not a list"),
        ("major = 1", "major = 1\nmajor = 1", "manifest.toml:9:1: this is not TOML"),
        ("[app]", "[app", "this is not TOML"),
    ];
    for (line, instead, want) in cases {
        let found = errors(&with(line, instead));
        assert!(found.iter().any(|e| e.contains(want)), "{instead:?}: {found:#?}");
    }
}

#[test]
fn everything_wrong_is_told_at_once_in_the_order_of_the_file() {
    let found =
        errors("[app]\nnam = 1\n[kernel]\nmajor = \"one\"\nminor = 0\n[capabilities]\nhttp = 1\n");
    let places: Vec<_> = found.iter().map(|e| e.split(": ").next().unwrap_or_default()).collect();
    let at = |line, column| format!("manifest.toml:{line}:{column}");
    assert_eq!(places, [at(1, 1), at(1, 2), at(1, 2), at(2, 1), at(4, 9), at(7, 1)], "{found:#?}");
}

#[test]
fn what_is_not_utf8_or_too_large_is_not_parsed() {
    let mut bytes = COUNTER.replace("Counts.", "Z\u{e4}hlt \u{1}").into_bytes();
    let at = bytes.iter().position(|b| *b == 1).unwrap();
    bytes[at] = 0xff;
    let errors = Source::parse(&bytes, PROFILES).unwrap_err().0;
    assert_eq!((errors[0].line, errors[0].column), (5, 22), "columns are characters, not bytes");
    assert_eq!(errors[0].problem, Problem::Utf8);
    let large = vec![b'#'; limits::MANIFEST_BYTES + 1];
    let errors = Source::parse(&large, PROFILES).unwrap_err().0;
    assert_eq!(errors[0].problem, Problem::Size { bytes: large.len() });
}

/// Decides, by bytes from proptest, one of the many ways to write a manifest.
struct Pen<'c>(std::iter::Cycle<std::slice::Iter<'c, u8>>);

impl Pen<'_> {
    fn choose(&mut self, of: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % of
    }

    fn shuffled<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        let mut out = Vec::new();
        while !items.is_empty() {
            out.push(items.swap_remove(self.choose(items.len())));
        }
        out
    }

    fn text(&mut self, text: &str) -> String {
        match self.choose(3) {
            0 => format!("{text:?}"),
            1 => format!("'{text}'"),
            _ => format!("\"\"\"{text}\"\"\""),
        }
    }

    fn number(&mut self, n: u32) -> String {
        match self.choose(4) {
            0 => format!("0x{n:x}"),
            1 => format!("0b{n:b}"),
            2 => format!("+{n}"),
            _ => n.to_string(),
        }
    }

    fn table(&mut self, name: &str, lines: Vec<(&str, String)>) -> String {
        let mut out = format!("{}[ {name} ] # {name}\n", ["", " ", "\t\t"][self.choose(3)]);
        for (key, value) in self.shuffled(lines) {
            let key = if self.choose(2) == 0 { key.to_owned() } else { format!("\"{key}\"") };
            let (indent, gap) =
                (["", "  ", "\r\n"][self.choose(3)], ["", " ", " \t"][self.choose(3)]);
            out += &format!("{indent}{key}{gap}={gap}{value}{gap}# {value:?}\n");
        }
        out
    }

    fn manifest(&mut self, manifest: &Manifest) -> String {
        let (v, k) = (manifest.version, manifest.kernel);
        let app = vec![
            ("id", self.text(&manifest.id)),
            ("name", self.text(&manifest.name)),
            ("version", self.text(&v.to_string())),
            ("description", self.text(&manifest.description)),
        ];
        let kernel = vec![("major", self.number(k.major)), ("minor", self.number(k.minor))];
        let components: Vec<_> =
            manifest.profiles.iter().map(|p| (p.as_str(), self.text("any.wasm"))).collect();
        let mut capabilities = Vec::new();
        for (name, scopes) in &manifest.capabilities.0 {
            let scopes = self.shuffled(scopes.iter().collect());
            let scopes: Vec<_> = scopes.into_iter().map(|scope| self.text(scope)).collect();
            let list = format!("[{}]", scopes.join(", "));
            capabilities
                .push((name.as_str(), if scopes.is_empty() { "true".into() } else { list }));
        }
        let mut authors = Vec::new();
        for (profile, variants) in &manifest.authors {
            let variants = self.shuffled(variants.iter().copied().collect());
            let variants: Vec<_> = variants.into_iter().map(|n| self.number(n)).collect();
            authors.push((profile.as_str(), format!("[ {} ,]", variants.join(" , "))));
        }
        let drift = vec![("interval", self.number(manifest.drift_interval))];
        let tables = vec![
            self.table("app", app),
            self.table("kernel", kernel),
            self.table("components", components),
            self.table("capabilities", capabilities),
            self.table("authors", authors),
            self.table("drift", drift),
        ];
        self.shuffled(tables).concat()
    }
}

fn manifests() -> impl Strategy<Value = Manifest> {
    let text = "[a-z\u{e4}\u{1f344}.]{1,12}";
    let authors = proptest::option::of(proptest::collection::btree_set(any::<u32>(), 1..6));
    let version = (any::<u32>(), any::<u32>(), any::<u32>());
    let kinds = proptest::collection::btree_set("\\.[a-z0-9]{1,6}", 1..4);
    let origins = proptest::collection::btree_set("https://[a-z0-9]{1,6}\\.example", 1..4);
    let asked = (any::<bool>(), proptest::option::of(kinds), proptest::option::of(origins));
    let numbers = (any::<bool>(), 1..u32::MAX);
    (text, text, "[a-z ]{0,40}", version, authors, asked, numbers).prop_map(
        |(
            id,
            name,
            description,
            (major, minor, patch),
            authors,
            asked,
            (shows, drift_interval),
        )| {
            let (copies, kinds, origins) = asked;
            let mut capabilities = Capabilities::default();
            let mut declare = |name: &str, scopes| capabilities.0.insert(name.into(), scopes);
            if copies {
                declare("clipboard-write", BTreeSet::new());
            }
            if shows {
                declare("canvas", BTreeSet::new());
            }
            if let Some(kinds) = kinds {
                declare("file-picker", kinds);
            }
            if let Some(origins) = origins {
                declare("navigate", origins);
            }
            let mut profiles = BTreeSet::from(["state-apply".into(), "state-propose".into()]);
            if shows {
                profiles.insert("interaction".into());
            }
            let authors = authors.into_iter().map(|set| ("state-propose".into(), set)).collect();
            let version = Version { major, minor, patch };
            Manifest {
                id,
                name,
                version,
                description,
                profiles,
                capabilities,
                authors,
                drift_interval,
                ..counter()
            }
        },
    )
}

proptest! {
    /// [BUNDLE-1] [BUNDLE-2]
    #[test]
    fn however_a_manifest_is_written_it_has_one_canonical_form(
        manifest in manifests(),
        choices in proptest::collection::vec(any::<u8>(), 64),
    ) {
        let toml = Pen(choices.iter().cycle()).manifest(&manifest);
        let parsed = Source::parse(toml.as_bytes(), PROFILES);
        let parsed = parsed.map_err(|e| TestCaseError::fail(format!("{e}\n{toml}")))?.manifest;
        prop_assert_eq!(&parsed, &manifest);
        let bytes = Authored { manifest: parsed, author: None }.to_bytes();
        prop_assert_eq!(Authored::from_bytes(&bytes), Ok(Authored { manifest, author: None }));
    }

    #[test]
    fn no_bytes_make_the_parser_fail_otherwise_than_by_an_error(
        at in 0..COUNTER.len(), junk in proptest::collection::vec(any::<u8>(), 0..8), cut in 0..9_usize,
    ) {
        let mut bytes = COUNTER.as_bytes().to_vec();
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, junk);
        let _ = Source::parse(&bytes, PROFILES);
    }
}
