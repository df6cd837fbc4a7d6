use myrhiza_kernel_api::ComponentId;

use crate::codec::{CodecError, Reader, Writer};

/// Longest name and longest version, in bytes.
const TEXT_BYTES: usize = 64;

/// What folded events: code and engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engine {
    /// The app's `state-apply`, instrumented.
    pub code: ComponentId,
    /// The backend's name.
    pub name: String,
    /// The engine behind it, with its version.
    pub version: String,
}

impl Engine {
    /// Names longer than the layout allows are cut.
    pub fn new(code: ComponentId, name: &str, version: &str) -> Self {
        let cut = |text: &str| text[..text.floor_char_boundary(TEXT_BYTES)].to_owned();
        Self { code, name: cut(name), version: cut(version) }
    }

    /// Three items of an array.
    pub(super) fn write(&self, w: &mut Writer) {
        w.bytes(self.code).text(&self.name).text(&self.version);
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            code: ComponentId(r.fixed("code")?),
            name: r.text("engine", TEXT_BYTES)?.to_owned(),
            version: r.text("engine version", TEXT_BYTES)?.to_owned(),
        })
    }
}
