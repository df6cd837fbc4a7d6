//! Makes the JavaScript around a module for browsers: `myrhiza-bindgen KIND IN.wasm OUT`.
//!
//! KIND is `web` (a module for pages and workers) or `nodejs`. A crate of its own, so that
//! `cargo xtask` stays quick to compile, and pinned to the version of wasm-bindgen that the module
//! was compiled with.

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, module, folder] = arguments.as_slice() else {
        bail!("usage: myrhiza-bindgen web|nodejs IN.wasm OUT");
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .typescript(false)
        .remove_producers_section(true)
        .remove_name_section(true)
        .omit_default_module_path(false);
    match kind.as_str() {
        "web" => bindgen.web(true)?,
        "nodejs" => bindgen.nodejs_module(true)?,
        other => bail!("no JavaScript of kind `{other}`; there are `web` and `nodejs`"),
    };
    bindgen.generate(folder).with_context(|| format!("making the JavaScript around {module}"))
}
