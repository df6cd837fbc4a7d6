//! What a manifest declares beyond what a profile permits by itself, and the gate that every such call
//! passes.

use std::collections::{BTreeMap, BTreeSet};

use myrhiza_kernel_api::limits;
use myrhiza_kernel_api::operation::Operation;

/// The capabilities a manifest can ask for, ascending, with what scopes each.
const SCOPED: &[(&str, Scope)] = &[
    ("canvas", Scope::Whole),
    ("clipboard-write", Scope::Whole),
    ("file-picker", Scope::Kinds),
    ("navigate", Scope::Origins),
    ("push", Scope::Whole),
];

/// Their names.
pub const CAPABILITIES: &[&str] = &["canvas", "clipboard-write", "file-picker", "navigate", "push"];

/// What scopes a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing: it is there or not.
    Whole,
    /// Kinds of files.
    Kinds,
    /// Origins, exactly.
    Origins,
}

impl Scope {
    /// Of the capability with that name; `None` if there is none.
    pub fn of(name: &str) -> Option<Self> {
        SCOPED.iter().find(|(known, _)| *known == name).map(|(_, scope)| *scope)
    }

    /// What each has to be, for whoever writes it.
    pub const fn wants(self) -> &'static str {
        match self {
            Self::Whole => "true",
            Self::Kinds => {
                "a list of kinds of files, each a media type or an ending in lower case, such as \
                 \"image/*\", \"text/plain\" or \".csv\""
            }
            Self::Origins => "a list of origins in lower case, such as \"https://example.org\"",
        }
    }

    /// A value that would be right.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Whole => "true",
            Self::Kinds => "[\".csv\"]",
            Self::Origins => "[\"https://example.org\"]",
        }
    }

    fn holds(self, scopes: &BTreeSet<String>) -> bool {
        let each = |is: fn(&str) -> bool| {
            (1..=limits::CAPABILITY_SCOPES).contains(&scopes.len())
                && scopes.iter().all(|scope| scope.len() <= limits::SCOPE_BYTES && is(scope))
        };
        match self {
            Self::Whole => scopes.is_empty(),
            Self::Kinds => each(is_kind),
            Self::Origins => each(|scope| origin(scope) == Some(scope)),
        }
    }
}

/// The declared capabilities, each with its scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(pub BTreeMap<String, BTreeSet<String>>);

impl Capabilities {
    /// Whether that one is declared, whatever its scopes.
    pub fn declares(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The scopes of one.
    pub fn scopes(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }

    /// Whether an operation may be submitted. What needs no declaration may.
    pub fn permit(&self, operation: &Operation) -> bool {
        let name = operation.interface();
        let has = |scope: &str| self.scopes(name).any(|declared| declared == scope);
        match operation {
            Operation::Pick { kind } => has(kind),
            Operation::Open { address } => origin(address).is_some_and(has),
            _ => Scope::of(name).is_none() || self.declares(name),
        }
    }

    /// The names there are none of, and those whose scopes are not what they have to be.
    pub(super) fn wrong(&self) -> impl Iterator<Item = (&str, Option<Scope>)> {
        self.0.iter().filter_map(|(name, scopes)| match Scope::of(name) {
            Some(scope) if scope.holds(scopes) => None,
            scope => Some((name.as_str(), scope)),
        })
    }
}

/// A media type, a group of them or an ending, as `accept` in a page's form has it.
fn is_kind(kind: &str) -> bool {
    let word = |text: &str| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
        !text.is_empty() && text.bytes().all(fits)
    };
    match kind.split_once('/') {
        Some((of, "*")) => word(of),
        Some((of, one)) => word(of) && word(one),
        None => kind.strip_prefix('.').is_some_and(word),
    }
}

/// The origin that an address starts with, if it is an `https` address in its plainest form: nothing
/// in it is read otherwise by anybody, as names of users, backslashes and capital letters are.
fn origin(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let (host, port) = authority.split_once(':').map_or((authority, None), |(h, p)| (h, Some(p)));
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(letter);
    // 443 goes without saying, and in another way it would be said.
    let number = |port: &str| {
        let plain = !port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit());
        plain && port.parse::<u16>().is_ok_and(|port| port != 443)
    };
    let fits = host.split('.').all(label) && port.is_none_or(number);
    let plain = address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if fits && plain { address.get(.."https://".len() + end) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(name: &str, scopes: &[&str]) -> Capabilities {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Capabilities([(name.to_owned(), scopes)].into())
    }

    #[test]
    fn the_names_are_those_that_have_a_scope() {
        assert!(SCOPED.iter().map(|(name, _)| name).eq(CAPABILITIES));
    }

    /// [OPERATIONS-4]
    #[test]
    fn an_address_is_opened_only_at_exactly_a_declared_origin() {
        let navigate = declared("navigate", &["https://example.org", "https://a.example:8443"]);
        let open = |address: &str| navigate.permit(&Operation::Open { address: address.into() });
        for address in [
            "https://example.org",
            "https://example.org/a/b?c=d#e",
            "https://example.org?x",
            "https://a.example:8443/",
        ] {
            assert!(open(address), "{address}");
        }
        for address in [
            "http://example.org",
            "https://example.org.evil.example/",
            "https://example.org@evil.example/",
            "https://example.org:443/",
            "https://example.org:8443/",
            "https://a.example/",
            "https://sub.example.org/",
            "https://EXAMPLE.org/",
            "https://example.org\\@evil.example/",
            "https://example.org/\n",
            "https://evil.example/https://example.org",
            "javascript:alert(1)",
            "//example.org",
            "",
        ] {
            assert!(!open(address), "{address}");
        }
        assert!(
            !Capabilities::default().permit(&Operation::Open { address: "https://a.b".into() })
        );
    }

    #[test]
    fn what_is_not_declared_may_not_and_what_needs_no_declaration_may() {
        let none = Capabilities::default();
        let copy = Operation::Copy { text: "x".into() };
        let subscribe = Operation::Subscribe { server_key: vec![4; 65] };
        let pick = |kind: &str| Operation::Pick { kind: kind.into() };
        let ask = Operation::Ask { question: "?".into(), value: String::new() };
        assert!(none.permit(&ask) && !none.permit(&copy) && !none.permit(&subscribe));
        assert!(declared("clipboard-write", &[]).permit(&copy));
        assert!(!declared("push", &[]).permit(&copy) && declared("push", &[]).permit(&subscribe));
        let picks = declared("file-picker", &[".csv", "image/*"]);
        assert!(picks.permit(&pick(".csv")) && picks.permit(&pick("image/*")));
        assert!(!picks.permit(&pick("image/png")) && !picks.permit(&pick("")));
    }

    #[test]
    fn scopes_that_are_not_what_they_have_to_be_are_wrong() {
        let wrong = |name: &str, scopes: &[&str]| declared(name, scopes).wrong().next().is_some();
        assert!(!wrong("navigate", &["https://example.org"]) && !wrong("push", &[]));
        assert!(!wrong("file-picker", &["text/plain", ".tar.gz", "application/ld+json"]));
        assert!(wrong("http", &[]) && wrong("push", &["x"]) && wrong("navigate", &[]));
        for origin in ["https://example.org/", "https://*.example.org", "example.org", "https://"] {
            assert!(wrong("navigate", &[origin]), "{origin}");
        }
        for kind in ["csv", "*/*", "image/", ".", "Text/plain", "a/b/c"] {
            assert!(wrong("file-picker", &[kind]), "{kind}");
        }
        let many: Vec<_> = (0..17).map(|n| format!(".a{n}")).collect();
        assert!(wrong("file-picker", &many.iter().map(String::as_str).collect::<Vec<_>>()));
    }
}
