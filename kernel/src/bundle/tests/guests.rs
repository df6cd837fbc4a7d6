//! Profiles and the least components they admit.

use std::collections::BTreeMap;

use myrhiza_kernel_api::{Determinism, InstanceLife, Permit, Profile, ProfileLimits, limits};

use crate::bundle::{Bundle, Components, Policy, Source, pack};
use crate::identity::SecretKey;

const APPLY: &Profile = &Profile {
    name: "state-apply",
    world: "myrhiza:kernel/state-apply@1.0.0",
    exports: &["apply"],
    permits: &[Permit::always("log"), Permit::always("state")],
    determinism: Determinism::Strict,
    limits: ProfileLimits::with_fuel(limits::FUEL_STATE_APPLY),
    life: InstanceLife::FreshMemory,
};
const INTERACTION: &Profile = &Profile {
    name: "interaction",
    world: "myrhiza:kernel/interaction@1.0.0",
    exports: &["render"],
    permits: &[
        Permit::always("clock"),
        Permit::always("log"),
        Permit::each("canvas"),
        Permit::each("navigate"),
    ],
    determinism: Determinism::Free,
    ..*APPLY
};

/// Two profiles, as a host would have them.
pub(super) const POLICIES: &[Policy] = &[INTERACTION, APPLY];

/// A `state-apply` component that accepts everything, with these imports and this in its module.
pub(crate) fn apply(imports: &str, module: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            {imports}
            (type $record (record (field "code" u32) (field "reason" (list u8))))
            (import "verdict" (type $verdict (eq $record)))
            (core module $m
                (memory (export "memory") 1)
                (func (export "apply") (result i32) i32.const 8)
                {module})
            (core instance $i (instantiate $m))
            (alias core export $i "memory" (core memory $memory))
            (alias core export $i "apply" (core func $apply))
            (type $call (func (result $verdict)))
            (func $lifted (type $call) (canon lift (core func $apply) (memory $memory)))
            (export "apply" (func $lifted)))"#
    );
    wat::parse_str(text).unwrap()
}

/// A `migrate` component that has nothing to do, with so many functions nobody calls.
pub(crate) fn migrate(functions: u32) -> Vec<u8> {
    let functions = "(func)".repeat(functions as usize);
    let text = format!(
        r#"(component
            (type $record (record (field "major" u32) (field "minor" u32) (field "patch" u32)))
            (import "version" (type $version (eq $record)))
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 16)
                (func (export "migrate") (param i32 i32 i32 i32 i32) (result i32) i32.const 8)
                {functions})
            (core instance $i (instantiate $m))
            (alias core export $i "memory" (core memory $memory))
            (alias core export $i "realloc" (core func $realloc))
            (alias core export $i "migrate" (core func $migrate))
            (type $call
                (func (param "from" $version) (param "cursor" (list u8)) (result (option (list u8)))))
            (func $lifted (type $call)
                (canon lift (core func $migrate) (memory $memory) (realloc $realloc)))
            (export "migrate" (func $lifted)))"#
    );
    wat::parse_str(text).unwrap()
}

/// An `interaction` component that shows nothing, with these imports.
pub(super) fn render(imports: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            {imports}
            (core module $m (memory (export "memory") 1) (func (export "render")))
            (core instance $i (instantiate $m))
            (alias core export $i "render" (core func $render))
            (type $call (func))
            (func $lifted (type $call) (canon lift (core func $render)))
            (export "render" (func $lifted)))"#
    );
    wat::parse_str(text).unwrap()
}

/// An import of that interface, without asking anything of it.
pub(crate) fn import(interface: &str) -> String {
    format!("(import \"{interface}\" (instance))")
}

pub(super) fn manifest(name: &str, version: &str, profiles: &[&str]) -> String {
    let components: Vec<_> = profiles.iter().map(|p| format!("{p} = \"{p}.wasm\"\n")).collect();
    format!(
        "[app]\nname = \"{name}\"\nid = \"app\"\nversion = \"{version}\"\n\
         [kernel]\nmajor = 1\nminor = 0\n[components]\n{}",
        components.concat()
    )
}

/// A signed bundle of these components.
pub(super) fn bundle(name: &str, version: &str, parts: &[(&str, Vec<u8>)], seed: u8) -> Bundle {
    bundle_that_asks("", name, version, parts, seed)
}

/// One whose manifest goes on with that.
pub(super) fn bundle_that_asks(
    more: &str,
    name: &str,
    version: &str,
    parts: &[(&str, Vec<u8>)],
    seed: u8,
) -> Bundle {
    let profiles: Vec<_> = parts.iter().map(|(profile, _)| *profile).collect();
    let toml = manifest(name, version, &profiles) + more;
    let manifest = Source::parse(toml.as_bytes(), &profiles).unwrap().manifest;
    let parts: Components =
        parts.iter().map(|(p, bytes)| ((*p).to_owned(), bytes.clone())).collect::<BTreeMap<_, _>>();
    pack(manifest, parts).unwrap().sign(&SecretKey::from_seed(&[seed; 32]))
}

/// An `interaction` component that takes what its user does, with these imports. Its functions do
/// nothing.
pub(crate) fn acting(imports: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            {imports}
            (type $fields (record (field "name" string) (field "bytes" (list u8))))
            (import "file" (type $file (eq $fields)))
            (type $cases (variant
                (case "declined") (case "unavailable" string) (case "done") (case "chosen" u32)
                (case "text" string) (case "file" $file) (case "subscribed" string)))
            (import "outcome" (type $outcome (eq $cases)))
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 16)
                (func (export "render"))
                (func (export "press") (param i32 i32))
                (func (export "complete") (param i64 i32 i32 i32 i32 i32)))
            (core instance $i (instantiate $m))
            (alias core export $i "memory" (core memory $memory))
            (alias core export $i "realloc" (core func $realloc))
            (alias core export $i "render" (core func $render))
            (alias core export $i "press" (core func $press))
            (alias core export $i "complete" (core func $complete))
            (type $renders (func))
            (func $lifted-render (type $renders) (canon lift (core func $render)))
            (type $presses (func (param "words" (list string))))
            (func $lifted-press (type $presses)
                (canon lift (core func $press) (memory $memory) (realloc $realloc)))
            (type $completes (func (param "token" u64) (param "outcome" $outcome)))
            (func $lifted-complete (type $completes)
                (canon lift (core func $complete) (memory $memory) (realloc $realloc)))
            (export "render" (func $lifted-render))
            (export "press" (func $lifted-press))
            (export "complete" (func $lifted-complete)))"#
    );
    wat::parse_str(text).unwrap()
}
