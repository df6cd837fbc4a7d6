//! The cases of `tests/cases`, played on the model of the kernel.

use myrhiza_sdk::testing::{Case, CaseError, Topic};
use wrecker_rules::{apply, propose, view};

#[test]
fn cases_hold_whoever_wins_a_tie() -> Result<(), CaseError> {
    for case in Case::all(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"))? {
        for seed in 0..16 {
            case.play(&mut Topic::new(case.people(), apply, propose, view).with_ties(seed))?;
        }
    }
    Ok(())
}
