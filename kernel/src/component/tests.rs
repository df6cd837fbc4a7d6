//! Every rule refuses what it must, and names the place and the remedy.

use myrhiza_kernel_api::{Determinism, InstanceLife, Permit, Profile, ProfileLimits, limits};

use super::{Finding, Rule, admit, inspect};

mod shape;

pub(crate) const STRICT: Profile = Profile {
    name: "state-apply",
    world: "myrhiza:kernel/state-apply@1.0.0",
    permits: &[Permit::always("state"), Permit::always("event")],
    exports: &["apply"],
    determinism: Determinism::Strict,
    limits: ProfileLimits::with_fuel(limits::FUEL_STATE_APPLY),
    life: InstanceLife::FreshMemory,
};
const FREE: Profile = Profile { determinism: Determinism::Free, ..STRICT };
const MEMORY: &str = r#"(memory (export "memory") 1)"#;
const APPLY: &str = r#"(func $apply (export "apply") (result i32) (i32.const 0))"#;
/// What has something of everything: a table, globals, data, calls, a loop, memory.
pub(crate) const BUSY: &str = r#"
 (memory (export "memory") 1) (table 2 funcref) (global $g (mut i32) (i32.const 1))
 (elem (i32.const 0) $f) (data (i32.const 8) "abc")
 (func $f (param i32) (result i32) (i32.load (local.get 0)))
 (func $apply (export "apply") (result i32) (local i32)
  (loop $l (i32.store (local.get 0) (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
   (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (global.get $g))) (i32.const 64))))
  (global.set $g (memory.size)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 9)) (i32.const 0))"#;
const VERDICT: &str = r#"
 (type $list (list u8)) (type $record (record (field "code" u32) (field "reason" $list)))
 (import "verdict" (type $verdict (eq $record)))"#;
const LIFT: &str = r#"
 (core instance $i (instantiate $m))
 (alias core export $i "memory" (core memory $memory))
 (alias core export $i "apply" (core func $apply))
 (type $ty (func (result $verdict)))
 (func $lifted (type $ty) (canon lift (core func $apply) (memory $memory)))
 (export "apply" (func $lifted))"#;

/// A component whose one core module has this in it, with `before` in front of it all.
pub(crate) fn component(before: &str, core: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {before} {VERDICT} (core module $m {core}) {LIFT})"))
        .unwrap()
}

/// A component whose core module has this beside a memory and `apply`.
fn core(body: &str) -> Vec<u8> {
    component("", &format!("{body} {MEMORY} {APPLY}"))
}

fn findings(bytes: &[u8]) -> Vec<Finding> {
    let findings = admit(bytes, &STRICT).unwrap_err().0;
    assert_eq!(inspect(bytes, Some(&STRICT)).findings, findings);
    findings
}

/// There is a finding of this rule whose place and message have these words.
#[track_caller]
fn refused(bytes: &[u8], rule: Rule, place: &str, message: &str) {
    let findings = findings(bytes);
    let is = |f: &Finding| f.rule == rule && f.place.contains(place) && f.message.contains(message);
    assert!(findings.iter().any(is), "no {rule} at `{place}` with `{message}` in {findings:#?}");
    assert!(findings.iter().all(|f| f.profile == "state-apply" && !f.message.is_empty()));
}

#[test]
fn what_keeps_every_rule_is_admitted() {
    let admitted = admit(&core(""), &STRICT).unwrap();
    assert_eq!(admitted.imports, Vec::<String>::new());
    assert_ne!(admitted.original, admitted.id);
    assert_eq!(inspect(&core(""), None).findings, []);
    assert_eq!(inspect(&core(""), Some(&STRICT)).findings, []);
}

#[test]
fn structure() {
    for bytes in [&b""[..], b"garbage", b"\0asm\x0d\0\x01\0", &core("")[..50]] {
        assert_eq!(findings(bytes)[0].rule, Rule::Structure, "{bytes:?}");
    }
    refused(&wat::parse_str("(module)").unwrap(), Rule::Structure, "component", "core module");
    // A function whose stack does not add up.
    let mut bytes = core("(func (drop (i32.const 77)))");
    let at = bytes.windows(3).position(|w| w == [0x41, 0xcd, 0x00]).unwrap();
    bytes[at] = 0x01;
    bytes[at + 1] = 0x01;
    bytes[at + 2] = 0x01;
    refused(&bytes, Rule::Structure, "byte 0x", "build the component again");
}

#[test]
fn size() {
    let large = vec![0; limits::COMPONENT_BYTES + 1];
    refused(&large, Rule::Size, "the component", "8388608");
    refused(
        &core(&format!("(func (local {}))", "i64 ".repeat(9000))),
        Rule::Size,
        "core module 0",
        "locals",
    );
    refused(
        &core(&format!("(type (func (param {})))", "i32 ".repeat(200))),
        Rule::Size,
        "core module 0",
        "parameters",
    );
    refused(&core(&"(table 1 funcref)".repeat(9)), Rule::Size, "core module 0", "tables");
    refused(
        &core(&"(global i32 (i32.const 0))".repeat(2000)),
        Rule::Size,
        "core module 0",
        "globals",
    );
    let body = "(drop (i32.const 1))".repeat(200_000);
    refused(&core(&format!("(func {body})")), Rule::Size, "core module 0", "bytes in a function");
    let many = |what: &str, count: usize| format!("(func $maze {})", what.repeat(count));
    for what in ["(block)", "(loop)", "(if (i32.const 0) (then))", "(br_if 0 (i32.const 0))"] {
        let within = core(&many(what, limits::FUNCTION_BRANCHES));
        assert_eq!(inspect(&within, Some(&STRICT)).findings, [], "{what}");
        let beyond = core(&many(what, limits::FUNCTION_BRANCHES + 1));
        refused(&beyond, Rule::Size, "core module 0, function 0 `maze`", "4097 branches");
    }
    let targets = "0 ".repeat(limits::FUNCTION_BRANCHES + 1);
    let table = core(&format!("(func $maze (br_table {targets} (i32.const 0)))"));
    refused(&table, Rule::Size, "function 0 `maze`", "4097 branches");
    let maze = many("(loop)", limits::FUNCTION_BRANCHES).replace("$maze", "");
    let functions = limits::COMPONENT_BRANCHES / limits::FUNCTION_BRANCHES;
    refused(&core(&maze.repeat(functions + 1)), Rule::Size, "the component", "branches");
    let types = component(&"(type (list u8))".repeat(5000), &format!("{MEMORY} {APPLY}"));
    refused(&types, Rule::Size, "the component", "items");
    let deep = format!("{}{}", "(component ".repeat(8), ")".repeat(8));
    refused(&wat::parse_str(deep).unwrap(), Rule::Size, "the component", "nesting");
}

/// [COMPONENTS-3]
#[test]
fn imports() {
    let with = |import: &str| component(import, &format!("{MEMORY} {APPLY}"));
    let wasi = with(r#"(import "wasi:cli/environment@0.2.0" (instance))"#);
    refused(&wasi, Rule::Imports, "wasi:cli/environment@0.2.0", "WASI is never linked");
    assert_eq!(inspect(&wasi, None).imports, ["wasi:cli/environment@0.2.0"]);
    let clock = with(r#"(import "myrhiza:kernel/clock@1.0.0" (instance))"#);
    refused(&clock, Rule::Imports, "clock", "may import `myrhiza:kernel/state@1.0.0`");
    let other = with(r#"(import "myrhiza:kernel/state@1.1.0" (instance))"#);
    refused(&other, Rule::Imports, "state@1.1.0", "another version");
    let unknown = with(r#"(import "myrhiza:kernel/http@1.0.0" (instance))"#);
    refused(&unknown, Rule::Imports, "http", "no such interface");
    refused(&with(r#"(import "f" (func))"#), Rule::Imports, "import `f`", "remove it");
    refused(&with(r#"(import "m" (core module))"#), Rule::Imports, "import `m`", "remove it");
    let wrong = with(
        r#"(import "myrhiza:kernel/event@1.0.0"
            (instance (export "seq" (func (param "x" u32) (result u64)))))"#,
    );
    refused(
        &wrong,
        Rule::Imports,
        "`seq`",
        "the kernel's is `func() -> u64`, this expects `func(x: u32) -> u64`",
    );
    let absent = with(r#"(import "myrhiza:kernel/event@1.0.0" (instance (export "now" (func))))"#);
    refused(&absent, Rule::Imports, "`now`", "nothing of that name");
    let resource = with(
        r#"(import "myrhiza:kernel/event@1.0.0" (instance (export "seq" (type (sub resource)))))"#,
    );
    refused(&resource, Rule::Imports, "`seq`", "nothing of that name");
}

/// [COMPONENTS-3]
#[test]
fn exports() {
    let none = wat::parse_str(format!(
        "(component (core module $m {MEMORY}) (core instance (instantiate $m)))"
    ));
    refused(&none.unwrap(), Rule::Exports, "export `apply`", "func() -> record { code: u32");
    let lifted = format!(
        "(core module $m {MEMORY} {APPLY}) (core instance $i (instantiate $m))
         (func $f (result u32) (canon lift (core func $i \"apply\")))"
    );
    let wrong =
        wat::parse_str(format!("(component {lifted} (export \"apply\" (func $f)))")).unwrap();
    refused(&wrong, Rule::Exports, "export `apply`", "and is `func() -> u32`");
    let extra = format!("(component {lifted} (export \"other\" (func $f)))");
    refused(&wat::parse_str(extra).unwrap(), Rule::Exports, "export `other`", "remove it");
}

/// [COMPONENTS-2]
#[test]
fn floats() {
    let dead = core("(func $mean unreachable (drop (f32.add (f32.const 1) (f32.const 2))))");
    refused(
        &dead,
        Rule::Float,
        "function 0 `mean`",
        "use integers, also in code that is never run",
    );
    refused(&core("(func $f (local f64))"), Rule::Float, "function 0 `f`", "a local is f64");
    refused(&core("(func (param f32))"), Rule::Float, "core module 0", "a function type has f32");
    refused(&core("(global f64 (f64.const 0))"), Rule::Float, "core module 0", "a global has f64");
    refused(
        &core("(func (drop (i32.trunc_sat_f32_s (f32.const 1))))"),
        Rule::Float,
        "function 0",
        "F32",
    );
    refused(
        &core("(func (drop (i64.reinterpret_f64 (f64.const 1))))"),
        Rule::Float,
        "function 0",
        "F64",
    );
    let ty = component("(type (list f64))", &format!("{MEMORY} {APPLY}"));
    refused(&ty, Rule::Float, "component type", "use integers");
    admit(&core("(func (drop (f32.const 1)))"), &FREE).unwrap();
}

/// [COMPONENTS-2]
#[test]
fn features() {
    for (body, what) in [
        ("(func $f (drop (v128.const i32x4 0 0 0 0)))", "proposal `simd`"),
        ("(func $f (param v128))", "v128"),
        ("(func $f (return_call $f))", "proposal `tail_call`"),
        ("(tag $t) (func $f (throw $t))", "an exception tag"),
        ("(func $f (block (try_table)))", "proposal `exceptions`"),
        ("(type (struct))", "garbage collection"),
        ("(func $f (param externref))", "externref"),
        (
            "(func $f (drop (i64.add128 (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1))) (drop))",
            "wide_arithmetic",
        ),
        ("(global i32 (i32.add (i32.const 1) (i32.const 1)))", "constant expression"),
        ("(memory 1)", "a second memory"),
        ("(table i64 1 funcref)", "64-bit"),
        ("(func $f (drop (ref.i31 (i32.const 1))))", "proposal `gc`"),
    ] {
        refused(&core(body), Rule::Feature, "", what);
        refused(&core(body), Rule::Feature, "", "compile without it");
    }
    for (memory, what) in [
        ("i64 1", "a 64-bit memory"),
        ("1 2 shared", "a shared memory of proposal `threads`"),
        ("1 (pagesize 1)", "pages of its own size"),
    ] {
        // Such a memory cannot be lifted with, so it stands in a module of its own.
        let core = format!("(component (core module (memory {memory})))");
        refused(&wat::parse_str(core).unwrap(), Rule::Feature, "core module 0", what);
    }
    let atomics = core("(func $f (drop (i32.atomic.load (i32.const 0))))");
    refused(&atomics, Rule::Feature, "function 0 `f`", "proposal `threads`");
}

/// [COMPONENTS-4]
#[test]
fn memories() {
    let none = wat::parse_str(
        "(component (core module $m (func (export \"f\"))) (core instance $i (instantiate $m)))",
    );
    refused(&none.unwrap(), Rule::Memory, "core module 0", "define one");
    let large = component("", &format!("(memory (export \"memory\") 1025) {APPLY}"));
    refused(&large, Rule::Memory, "core module 0", "at most 67108864 are admitted");
    refused(&core("(table 10001 funcref)"), Rule::Memory, "core module 0", "at most 10000");
    refused(
        &core("(data (i32.const 65535) \"ab\")"),
        Rule::Memory,
        "core module 0",
        "start with more memory",
    );
    refused(
        &core("(data (i32.const -1) \"ab\")"),
        Rule::Memory,
        "core module 0",
        "not inside the memory",
    );
    let elements = core("(table 1 funcref) (elem (i32.const 1) $apply)");
    refused(&elements, Rule::Memory, "core module 0", "start with a larger table");
}

/// [COMPONENTS-4]
#[test]
fn unsupported() {
    let rule = Rule::Unsupported;
    refused(&core("(func $s) (start $s)"), rule, "core module 0", "start function");
    for (what, body) in [
        ("changes a table", "(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))"),
        (
            "changes a table",
            "(table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 1))))",
        ),
        ("drops a data segment", "(data \"x\") (func (data.drop 0))"),
        ("drops an element", "(elem func) (func (elem.drop 0))"),
        (
            "used up",
            "(data (i32.const 0) \"x\") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)))",
        ),
    ] {
        refused(&core(body), rule, "function 0", what);
    }
    let two = component(
        "(core module $n (memory 1) (func)) (core instance (instantiate $n))",
        &format!("{MEMORY} {APPLY}"),
    );
    refused(&two, rule, "core module 1", "second core module");
    let nested = component("(component)", &format!("{MEMORY} {APPLY}"));
    refused(&nested, rule, "byte 0x", "a nested component");
    let core_type = component("(core type (func))", &format!("{MEMORY} {APPLY}"));
    refused(&core_type, rule, "byte 0x", "a section of kind");
    let resource = component("(type (resource (rep i32)))", &format!("{MEMORY} {APPLY}"));
    refused(&resource, rule, "byte 0x", "a resource type");
    let twice = component("", &format!("{MEMORY} {APPLY}"));
    let twice = wasmprinter::print_bytes(twice).unwrap().replacen(
        "(core instance",
        "(core instance (instantiate $m)) (core instance",
        1,
    );
    refused(&wat::parse_str(twice).unwrap(), rule, "core module 0", "more than one instance");
    let name = format!(
        "(component {VERDICT} (core module $m {MEMORY} (func (export \"a'b\") (result i32) (i32.const 0))) {})",
        LIFT.replace("\"apply\" (core func", "\"a'b\" (core func")
    );
    refused(&wat::parse_str(name).unwrap(), rule, "core export `a", "letters, digits");
    let imported = "(component (core module $m (import \"x\" \"g\" (global i32)) (memory 1) (func))
         (core module $n (global (export \"g\") i32 (i32.const 0)))
         (core instance $n (instantiate $n)) (core instance (instantiate $m (with \"x\" (instance $n)))))";
    refused(&wat::parse_str(imported).unwrap(), rule, "core module", "second core module");
}

/// [COMPONENTS-1]
#[test]
fn all_that_applies_is_listed_up_to_a_bound() {
    let bytes = component(
        "(import \"wasi:io/poll@0.2.0\" (instance)) (type (option f32))",
        &format!(
            "(func $a (drop (f32.const 0))) (func $b (drop (f64.const 0))) (func $c (return_call $c)) {MEMORY} {APPLY}"
        ),
    );
    let rules: Vec<_> = findings(&bytes).iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::Float, Rule::Float, Rule::Float, Rule::Feature, Rule::Imports]);
    let many = findings(&core(&"(func (drop (f32.const 0)))".repeat(500)));
    assert_eq!(many.len(), 65);
    assert!(many[64].message.contains("436 more"));
}

#[test]
fn findings_serialise_under_their_stable_names() {
    let finding = findings(&core("(func $f (local f64))")).remove(0);
    let json = serde_json::to_value(&finding).unwrap();
    let mut keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["message", "profile", "rule", "where"]);
    assert_eq!(json["rule"], "float");
}
