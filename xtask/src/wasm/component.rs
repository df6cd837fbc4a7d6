//! From a core module, as the compiler leaves it, to a component.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use wit_component::ComponentEncoder;

/// Wraps a core module that carries its WIT types (as `wit-bindgen` writes them) in a component.
///
/// # Errors
/// When the module is no WebAssembly, carries no types, or holds one of the `private` paths.
pub(crate) fn encode(module: &[u8], private: &[PathBuf]) -> Result<Vec<u8>> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .context("the module's types do not fit its imports and exports")?
        .encode()
        .context("making a component of the module")?;
    if let Some(path) = private.iter().find(|path| holds(&component, path)) {
        bail!(
            "the component holds the path {}, so another machine would build other bytes; \
             look for `file!()`, `env!()` or `include` of an absolute path in the app",
            path.display()
        );
    }
    Ok(component)
}

/// Whether a path is among the bytes.
pub(crate) fn holds(bytes: &[u8], path: &Path) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    // "/" alone, as a home or root directory, is in every file.
    path.len() > 1 && bytes.windows(path.len()).any(|window| window == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest core module.
    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(encode(b"no module", &[]).is_err());
    }

    #[test]
    fn a_path_of_this_machine_is_found() {
        let mut module = EMPTY.to_vec();
        // A custom section "where" with a path in it.
        module.extend(b"\0\x13\x05where/some/machine");
        let component = encode(&module, &["/another/machine".into()]).unwrap();
        assert!(holds(&component, Path::new("/some/machine")));
        let error = encode(&module, &["/some/machine".into()]).unwrap_err();
        assert!(error.to_string().contains("/some/machine"));
    }
}
