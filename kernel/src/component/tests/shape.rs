//! What is lifted, lowered and exported is what the instrumentation reaches and every backend takes.

use myrhiza_kernel_api::{Determinism, InstanceLife, Permit, Profile};

use super::super::{Rule, admit, inspect};
use super::{APPLY, LIFT, MEMORY, STRICT, VERDICT, refused};

const ACTING: Profile = Profile {
    name: "interaction",
    world: "myrhiza:kernel/interaction-acting@1.0.0",
    permits: &[Permit::always("intent")],
    exports: &["render"],
    determinism: Determinism::Free,
    life: InstanceLife::Long,
    ..STRICT
};
const REALLOC: &str = r#"
 (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))"#;
const ITS_REALLOC: &str = r#"(alias core export $i "realloc" (core func $realloc))"#;

/// A component with this before the lift of `apply`, and that after its export.
fn around(before: &str, after: &str) -> Vec<u8> {
    let core = format!("{MEMORY} {APPLY} {REALLOC} (func (export \"post\") (param i32))");
    let lift = LIFT.replace("(func $lifted ", &format!("{before} (func $lifted "));
    wat::parse_str(format!("(component {VERDICT} (core module $m {core}) {lift} {after})")).unwrap()
}

/// [COMPONENTS-4] Otherwise the two lifts could be taken for one another, and calls of the exported one
/// be ended by nothing.
#[test]
fn a_core_function_is_lifted_once_and_for_an_export() {
    admit(&around("", ""), &STRICT).unwrap();
    let second = r#"(alias core export $i "post" (core func $post))
        (func $second (type $ty)
         (canon lift (core func $apply) (memory $memory) (post-return $post)))"#;
    let hidden = around(second, "");
    refused(&hidden, Rule::Unsupported, "core function", "lifted and not exported");
    assert_eq!(inspect(&hidden, None).findings.len(), 1);
    let alias = r#"(alias core export $i "apply" (core func $again))"#;
    let aliased = format!("{alias} {}", second.replace("(core func $apply)", "(core func $again)"));
    for second in [second, &aliased] {
        let shown = around(second, r#"(export "other" (func $second))"#);
        refused(&shown, Rule::Unsupported, "core export `apply`", "lifted twice");
    }
}

/// [COMPONENTS-4] What checks a result is as long as its type written out, so the instrumentation is only
/// given types of a world.
#[test]
fn only_types_of_a_world_are_written_out() {
    let record = |name: &str, count: u32, ty: &str| {
        let fields: String = (0..count).map(|n| format!("(field \"f{n}\" {ty})")).collect();
        format!("(type {name} (record {fields}))")
    };
    let hidden = format!(
        r#"{} {} (type $gives (func (result $huge))) (alias core export $i "apply" (core func $again))
         (func (type $gives) (canon lift (core func $again) (memory $memory)))"#,
        record("$lists", 1000, "$list"),
        record("$huge", 400, "$lists"),
    );
    refused(&around(&hidden, ""), Rule::Unsupported, "core function", "lifted and not exported");
    let shown = wat::parse_str(format!(
        r#"(component {VERDICT} {} (import "lists" (type $lists (eq $l)))
         {} (import "huge" (type $huge (eq $h))) (core module $m {MEMORY} {APPLY}) {})"#,
        record("$l", 1000, "$list"),
        record("$h", 100, "$lists"),
        LIFT.replace("(result $verdict)", "(result $huge)")
    ));
    refused(&shown.unwrap(), Rule::Exports, "export `apply`", "and is `func() -> record");
}

/// [COMPONENTS-4] A component's own function, lowered: an engine need not let it be entered from inside.
#[test]
fn only_imported_functions_are_lowered() {
    let own = "(core func (canon lower (func $lifted) (memory $memory) (realloc $realloc)))";
    let unused = around("", &format!("{ITS_REALLOC} {own}"));
    refused(&unused, Rule::Unsupported, "core function", "not imported");
    assert_eq!(inspect(&unused, None).findings.len(), 1);

    let through_a_table = |lowered: &str| {
        let lift = LIFT.replace(
            "(instantiate $m)",
            r#"(instantiate $m (with "host" (instance (export "f" (func $s "0")))))"#,
        );
        let text = format!(
            r#"(component {VERDICT}
             (import "myrhiza:kernel/event@1.0.0" (instance $event
              (export "id" (func (result (list u8))))))
             (alias export $event "id" (func $id))
             (core module $m (import "host" "f" (func (param i32))) {MEMORY} {APPLY} {REALLOC})
             (core module $shim (type $t (func (param i32))) (table (export "$imports") 1 funcref)
              (func (export "0") (param i32) (call_indirect (type $t) (local.get 0) (i32.const 0))))
             (core module $fixup (import "" "0" (func $f (param i32)))
              (import "" "$imports" (table 1 funcref)) (elem (i32.const 0) $f))
             (core instance $s (instantiate $shim))
             {lift}
             {ITS_REALLOC}
             (core func $f (canon lower (func {lowered}) (memory $memory) (realloc $realloc)))
             (core instance (instantiate $fixup (with "" (instance
              (export "0" (func $f)) (export "$imports" (table $s "$imports")))))))"#
        );
        wat::parse_str(text).unwrap()
    };
    admit(&through_a_table("$id"), &STRICT).unwrap();
    refused(&through_a_table("$lifted"), Rule::Unsupported, "core function", "not imported");
}

/// [COMPONENTS-3]
#[test]
fn what_is_imported_is_not_exported() {
    let with = |export: &str| {
        let text = format!(
            r#"(component
             (import "myrhiza:kernel/intent@1.0.0" (instance $intent
              (export "propose" (func (param "words" (list string))))))
             (alias export $intent "propose" (func $propose))
             (core module $m {MEMORY} (func (export "render")))
             (core instance $i (instantiate $m))
             (func $render (canon lift (core func $i "render")))
             (export "render" (func $render)) {export})"#
        );
        wat::parse_str(text).unwrap()
    };
    admit(&with(""), &ACTING).unwrap();
    let findings = admit(&with(r#"(export "press" (func $propose))"#), &ACTING).unwrap_err().0;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!((findings[0].rule, &*findings[0].place), (Rule::Exports, "export `press`"));
    assert!(findings[0].message.contains("export one of the component's own"));
}
