//! The cases of `tests/cases`, played on the model of the kernel; and what the app asks of a device.

use myrhiza_sdk::prelude::*;
use myrhiza_sdk::testing::{Asked, Case, CaseError, Host, Topic};
use pins_rules::{Change, apply, complete, press, propose, view};

#[test]
fn cases_hold_whoever_wins_a_tie() -> Result<(), CaseError> {
    for case in Case::all(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"))? {
        for seed in 0..16 {
            case.play(&mut Topic::new(case.people(), apply, propose, view).with_ties(seed))?;
        }
    }
    Ok(())
}

fn pressed(host: &Host, words: &[&str]) {
    press(host, &words.iter().map(|word| String::from(*word)).collect::<Vec<_>>());
}

#[test]
fn a_name_is_kept_on_the_device_and_goes_with_what_is_pinned() {
    let host = Topic::<Change, Change>::new(["ann"], apply, propose, view).host("ann");
    pressed(&host, &["name"]);
    let asked = host.asked();
    let (token, ask) = &asked[0];
    assert!(matches!(ask, Asked::Ask { value, .. } if value.is_empty()), "{ask:?}");
    complete(&host, *token, Answer::Text("Ann".into()));
    pressed(&host, &["write", "Bring bread"]);
    let words = ["pin", "Ann", "Bring bread"].map(String::from);
    assert_eq!(host.proposed().as_deref(), Some(&words[..]));
    pressed(&host, &["file"]);
    complete(
        &host,
        Token(1),
        Answer::File { name: "a.txt".into(), bytes: b"From a file".to_vec() },
    );
    let words = ["pin", "Ann", "From a file"].map(String::from);
    assert_eq!(host.proposed().as_deref(), Some(&words[..]));
    // What is not asked of the device is proposed.
    pressed(&host, &["clear"]);
    assert_eq!(host.proposed(), Some(vec!["clear".into()]));
}
