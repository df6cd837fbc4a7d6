//! Asking the user, where there is one. Questions go to standard error, answers come from the
//! terminal; without one, every answer can be given by a flag or a variable.

use std::env::{self, VarError};
use std::io::{self, Write};

use clap::{Arg, ArgAction};
use zeroize::Zeroizing;

use crate::failure::{Failure, Outcome};
use crate::{console, hidden};

/// Gives the passphrase where there is no terminal to ask on.
pub(crate) const PASSPHRASE: &str = "MYRHIZA_PASSPHRASE";
/// Gives the passphrase that `passwd` changes to.
pub(crate) const NEW_PASSPHRASE: &str = "MYRHIZA_NEW_PASSPHRASE";

/// A passphrase, wiped when dropped.
pub(crate) type Passphrase = Zeroizing<String>;

/// Goes on if the user says so, with `--yes` beforehand. `undone` is what is so if they do not:
/// "NAME was not installed".
pub(crate) fn confirm(what: &str, undone: &str, yes: bool) -> Outcome<()> {
    if yes || console::is_confirmed() {
        return Ok(());
    }
    if !console::is_interactive() {
        return Err(Failure::unconfirmed(
            what,
            "run it again with `--yes` to confirm what is shown",
        ));
    }
    let declined = || {
        Failure::refused(
            "declined",
            undone,
            "you did not confirm it",
            "run it again and answer `y`, or give `--yes`",
        )
    };
    eprint!("{what}: go on? [y/N] ");
    let mut answer = String::new();
    io::stderr()
        .flush()
        .and_then(|()| io::stdin().read_line(&mut answer))
        .map_err(|_| declined())?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(declined()),
    }
}

/// `--yes` of a command that asks nothing: who writes a script need not know which do.
pub(crate) fn unasked_yes() -> Arg {
    Arg::new("yes")
        .long("yes")
        .action(ArgAction::SetTrue)
        .help("Taken as elsewhere; nothing is asked")
}

/// The passphrase the home's keys are sealed with, where the environment has it.
pub(crate) fn given_passphrase() -> Outcome<Option<Passphrase>> {
    variable(PASSPHRASE)
}

/// The same, asked for.
pub(crate) fn ask_passphrase() -> Outcome<Passphrase> {
    prompt("passphrase: ", PASSPHRASE)
}

/// A new passphrase, asked for twice.
pub(crate) fn new_passphrase(variable_name: &'static str) -> Outcome<Passphrase> {
    let given = match variable(variable_name)? {
        Some(given) => given,
        None => {
            let first = prompt("new passphrase: ", variable_name)?;
            if first != prompt("the same again: ", variable_name)? {
                return Err(Failure::refused(
                    "passphrases-differ",
                    "the new passphrase was not taken",
                    "it was not the same both times",
                    "run the command again",
                ));
            }
            first
        }
    };
    if given.is_empty() {
        return Err(Failure::usage(
            "empty-passphrase",
            "the new passphrase was not taken",
            "it is empty",
            "choose another, or leave the keys unsealed with `--no-passphrase`",
        ));
    }
    Ok(given)
}

fn variable(name: &'static str) -> Outcome<Option<Passphrase>> {
    match env::var(name) {
        Ok(value) => Ok(Some(Zeroizing::new(value))),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Failure::usage(
            "passphrase-encoding",
            format!("{name} was not taken"),
            "it is not UTF-8",
            "set it to text in UTF-8",
        )),
    }
}

fn prompt(question: &str, variable: &str) -> Outcome<Passphrase> {
    if !console::is_interactive() {
        return Err(Failure::unconfirmed(
            "the passphrase is needed",
            format!("give it in {variable}"),
        ));
    }
    hidden::ask(question).map(Zeroizing::new).map_err(|error| match hidden::is_broken_off(&error) {
        true => Failure::refused(
            "broken-off",
            "the passphrase was not taken",
            "you broke it off",
            format!("run the command again, or give it in {variable}"),
        ),
        false => Failure::file("read", "the terminal".as_ref(), &error),
    })
}
