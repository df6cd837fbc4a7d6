//! Names people type for topics, apps and people, and what they mean here.

use myrhiza_kernel::bundle::is_blank;
use myrhiza_kernel_api::limits;

use crate::failure::{Failure, Outcome};
use crate::text;

/// Something that can be named.
pub(crate) struct Choice<T> {
    pub(crate) value: T,
    /// In full, lower-case hex.
    pub(crate) id: String,
    /// What it is called; any of them names it.
    pub(crate) names: Vec<String>,
    /// How it is told apart in a list of choices.
    pub(crate) label: String,
}

/// Fewer characters of an id, or of a person's name, are a slip of the fingers rather than one that is
/// meant.
pub(crate) const PREFIX: usize = 4;

/// The one choice that `asked` names: by a name, by the id in full or its start, in any other form
/// that `names` holds.
///
/// `kind` is "topic" or "app"; `list` the command that shows them.
pub(crate) fn resolve<T>(
    kind: &str,
    asked: &str,
    choices: Vec<Choice<T>>,
    list: &str,
) -> Outcome<T> {
    let prefix = asked.to_ascii_lowercase();
    let is_called = |choice: &Choice<T>| {
        choice.id == prefix || choice.names.iter().any(|name| name.eq_ignore_ascii_case(asked))
    };
    let starts_so = |choice: &Choice<T>| !prefix.is_empty() && choice.id.starts_with(&prefix);
    // A name or id in full is no abbreviation of another.
    let (called, others): (Vec<_>, Vec<_>) = choices.into_iter().partition(is_called);
    let is_too_short = called.is_empty() && prefix.len() < PREFIX;
    let mut meant = match called.is_empty() {
        false => called,
        true => others.into_iter().filter(starts_so).collect(),
    };
    match (meant.pop(), meant.is_empty()) {
        (Some(choice), true) if !is_too_short => Ok(choice.value),
        (None, _) | (Some(_), true) => Err(Failure::not_found(
            "not-found",
            format!("there is no {kind} {asked:?} in this home"),
            match is_too_short {
                true => {
                    format!(
                        "no {kind} has that name, and an id takes its first {PREFIX} characters"
                    )
                }
                false => format!("no {kind} has that name or an id that starts so"),
            },
            format!("`{list}` shows those there are"),
        )),
        (Some(last), false) => {
            let labels: Vec<_> =
                meant.iter().chain([&last]).map(|choice| choice.label.as_str()).collect();
            Err(Failure::usage(
                "ambiguous",
                format!("{asked:?} could be any of {} {kind}s", labels.len()),
                format!("they are {}", labels.join("; ")),
                "name the one you mean by its id, or by more of it",
            ))
        }
    }
}

/// Refuses a name that people could not tell by looking.
pub(crate) fn check(what: &str, name: &str, flag: &str) -> Outcome<()> {
    let fits = (1..=limits::NAME_BYTES).contains(&name.len())
        && name.trim() == name
        && !name.chars().any(text::is_unfit)
        && !is_blank(name);
    if fits {
        return Ok(());
    }
    Err(Failure::usage(
        "bad-name",
        format!("{what} cannot be {:?}", text::start(name)),
        format!(
            "a name is 1 to {} bytes of visible text, without spaces at its ends",
            limits::NAME_BYTES
        ),
        format!("give another with `{flag}`"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    fn choices() -> Vec<Choice<u32>> {
        let choice = |value, id: &str, name: &str| Choice {
            value,
            id: id.into(),
            names: vec![name.into(), format!("myrt{value}")],
            label: format!("{name} ({id})"),
        };
        vec![
            choice(0, "abcd0", "lobby"),
            choice(1, "abcd1e", "Kitchen"),
            choice(2, "ff02ff", "abcd"),
        ]
    }

    fn resolved(asked: &str) -> Result<u32, (Exit, String)> {
        resolve("topic", asked, choices(), "myrhiza topic list").map_err(|e| (e.exit, e.cause))
    }

    #[test]
    fn a_name_an_id_its_start_and_other_forms_all_mean_the_same() {
        for asked in ["kitchen", "Kitchen", "abcd1", "ABCD1E", "myrt1"] {
            assert_eq!(resolved(asked), Ok(1), "{asked}");
        }
    }

    #[test]
    fn what_could_be_several_is_refused_and_listed_and_nothing_is_not_found() {
        let (exit, cause) = resolved("abc").unwrap_err();
        assert_eq!(exit, Exit::Usage);
        assert_eq!(cause, "they are lobby (abcd0); Kitchen (abcd1e)");
        assert_eq!(resolved("abcd"), Ok(2), "a name in full goes before the start of an id");
        assert_eq!(resolved("").unwrap_err().0, Exit::NotFound);
        assert_eq!(resolved("wxyz").unwrap_err().0, Exit::NotFound);
        let (exit, cause) = resolved("ff0").unwrap_err();
        assert_eq!(exit, Exit::NotFound);
        assert!(cause.contains("first 4 characters"), "{cause}");
        assert_eq!(resolved("ff02"), Ok(2));
    }

    #[test]
    fn names_are_visible_text() {
        assert!(check("it", "Grüße", "--name").is_ok());
        for name in ["", " a", "a\n", "a\u{1b}", "\u{202e}a", &"a".repeat(65)] {
            assert!(check("it", name, "--name").is_err(), "{name:?}");
        }
    }
}
