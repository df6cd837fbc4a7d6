//! How files of this kernel begin: by that they are told from each other.

/// A bundle.
pub const BUNDLE: &[u8; 8] = b"MYRBNDL\0";
/// An exported topic.
pub const TOPIC: &[u8; 8] = b"MYRTOPIC";
