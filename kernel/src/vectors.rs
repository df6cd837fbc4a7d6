//! The published test vectors: `docs/spec/vectors/`, one file a page of the specification.

use std::path::Path;

use serde_json::Value;

/// Holds a page's file against what this code does, and returns what is published. `BLESS=1`
/// writes the file anew, which is a change of the protocol.
pub(crate) fn published(page: &str, now: &Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/vectors");
    let file = folder.join(page).with_extension("json");
    let now = serde_json::to_string_pretty(now).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(&file, &now).unwrap();
    }
    let published = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(published, now, "run with BLESS=1 if the protocol is meant to change");
    serde_json::from_str(&published).unwrap()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

/// The bytes of a hex string in a vector.
pub(crate) fn unhex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap().as_bytes();
    text.chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
