//! The one way bytes are made.

use minicbor::Encoder;

/// Appends items in their shortest form.
#[derive(Debug)]
pub struct Writer {
    encoder: Encoder<Vec<u8>>,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

// Every `let _ =` below: an encoder into a vector has no way to fail.
impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::with_capacity(128)
    }

    /// An empty writer with room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { encoder: Encoder::new(Vec::with_capacity(bytes)) }
    }

    /// Starts an array of `len` items.
    pub fn array(&mut self, len: usize) -> &mut Self {
        let _ = self.encoder.array(len as u64);
        self
    }

    /// An unsigned integer.
    pub fn u64(&mut self, n: u64) -> &mut Self {
        let _ = self.encoder.u64(n);
        self
    }

    /// A boolean.
    pub fn bool(&mut self, b: bool) -> &mut Self {
        let _ = self.encoder.bool(b);
        self
    }

    /// A byte string.
    pub fn bytes(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.encoder.bytes(bytes.as_ref());
        self
    }

    /// A text string.
    pub fn text(&mut self, text: &str) -> &mut Self {
        let _ = self.encoder.str(text);
        self
    }

    /// Null for `None`, else what `some` writes; that must not itself be able to write null.
    pub fn option<T>(&mut self, value: Option<T>, some: impl FnOnce(&mut Self, T)) -> &mut Self {
        match value {
            Some(value) => some(self, value),
            None => {
                let _ = self.encoder.null();
            }
        }
        self
    }

    /// An array of what `each` writes for each item.
    pub fn list<T>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.array(items.len());
        items.for_each(|item| each(self, item));
        self
    }

    /// Bytes that are an encoding already.
    pub fn raw(&mut self, encoding: &[u8]) -> &mut Self {
        self.encoder.writer_mut().extend_from_slice(encoding);
        self
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.encoder.into_writer()
    }
}
