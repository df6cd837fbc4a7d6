//! What clap does not understand, told as every other failure is.

use std::error::Error as _;

use clap::error::{ContextKind, ErrorKind};

use crate::failure::Failure;

/// A command line that could not be read.
pub(crate) fn failure(error: &clap::Error) -> Failure {
    let (what, cause) = told(error);
    Failure::usage("usage", what, cause, next(error))
}

fn told(error: &clap::Error) -> (String, String) {
    let of = |kind| error.get(kind).map(ToString::to_string).filter(|text| !text.is_empty());
    let argument = of(ContextKind::InvalidArg).unwrap_or_else(|| "an argument".into());
    let value = of(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::MissingRequiredArgument => {
            ("the command is not whole".into(), format!("{argument} is missing"))
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ("the command is not whole".into(), "it does not say what to do".into())
        }
        ErrorKind::InvalidSubcommand => {
            let word = of(ContextKind::InvalidSubcommand).unwrap_or_default();
            (format!("there is no command `{word}`"), "the word was not understood".into())
        }
        ErrorKind::UnknownArgument => (
            format!("`{argument}` was not understood"),
            "the command takes no such argument".into(),
        ),
        ErrorKind::ArgumentConflict => {
            let other = of(ContextKind::PriorArg).unwrap_or_else(|| "another argument".into());
            let what = format!("`{argument}` cannot be used with {other}");
            (what, "the one leaves no room for the other".into())
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let what = match value {
                Some(value) => format!("`{value}` was not taken for `{argument}`"),
                None => return (format!("`{argument}` needs a value"), "none is given".into()),
            };
            let cause = match (of(ContextKind::ValidValue), error.source()) {
                (Some(valid), _) => format!("it can be {valid}"),
                (None, Some(source)) => source.to_string(),
                (None, None) => "it is no such value".into(),
            };
            (what, cause)
        }
        kind => {
            let cause = kind.as_str().unwrap_or("it does not have the right form");
            ("the command was not understood".into(), cause.into())
        }
    }
}

/// The word that may be meant, or how the command is written.
fn next(error: &clap::Error) -> String {
    let suggested = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg];
    if let Some(word) = suggested.into_iter().find_map(|kind| error.get(kind)) {
        return format!("perhaps `{word}` is meant; `myrhiza help` lists the commands");
    }
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    match usage.lines().next().and_then(|line| line.trim().strip_prefix("Usage: ")) {
        Some(usage) => format!("write `{}`; with `--help` it explains itself", usage.trim()),
        None => "`myrhiza help` lists the commands, and `--help` after one explains it".into(),
    }
}
