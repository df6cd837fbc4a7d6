//! What Wasmtime makes of the random components is what every engine has to.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use myrhiza_backend_wasmtime::Wasmtime;
use myrhiza_random_components::{TRANSCRIPTS, transcript};

/// As many as it takes for a thousand that are admitted.
const SEEDS: u64 = 1160;

/// [COMPONENTS-5] [METERING-1] `BLESS=1` writes what it is now.
#[test]
fn a_thousand_admitted_random_components_end_as_on_every_engine() {
    let backend = Wasmtime::new().unwrap();
    let made: Vec<_> = (0..SEEDS).map(|seed| transcript(seed, &backend).unwrap()).collect();
    if std::env::var_os("BLESS").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts.txt");
        std::fs::write(file, made.join("\n") + "\n").unwrap();
        return;
    }
    for (seed, (made, expected)) in made.iter().zip(TRANSCRIPTS.lines()).enumerate() {
        assert_eq!(made, expected, "seed {seed}");
    }
    assert_eq!(TRANSCRIPTS.lines().count(), made.len());
    let admitted = made.iter().filter(|made| *made != "refused").count();
    assert!(admitted >= 1000, "{admitted} of them are admitted");
}
