//! Components as admission hands them over are understood, and others are refused with the reason.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::fs;
use std::path::Path;

use myrhiza_backend_kit::case::{CASES, Case};
use myrhiza_backend_kit::guest::{self, Profile};
use myrhiza_backend_web::plan::{CoreFunction, CoreInstance, Plan, ReadError};
use myrhiza_backend_web::read;
use myrhiza_backend_web::world::{self, Function, World};

const PROFILES: [Profile; 5] = [
    Profile::StateApply,
    Profile::Migrate,
    Profile::StatePropose,
    Profile::Interaction,
    Profile::Acting,
];

fn world(profile: Profile) -> &'static World {
    match profile {
        Profile::StateApply => &world::STATE_APPLY,
        Profile::Migrate => &world::MIGRATE,
        Profile::StatePropose => &world::STATE_PROPOSE,
        Profile::Interaction | Profile::Acting => &world::INTERACTION,
    }
}

fn profile(case: &Case) -> Profile {
    let of = |profile: &Profile| format!(";; profile: {}\n", profile.world());
    PROFILES.into_iter().find(|profile| case.wat.contains(&of(profile))).unwrap()
}

/// The host functions a plan links: which, how many words each takes, whether it makes room.
fn linked(plan: &Plan) -> Vec<(Function, usize, bool)> {
    let hosts = plan.functions.iter().filter_map(|function| match function {
        CoreFunction::Host { function, words, realloc } => {
            Some((*function, *words, realloc.is_some()))
        }
        CoreFunction::Export(_) => None,
    });
    hosts.collect()
}

/// Everything a plan names exists before it is used.
fn check(plan: &Plan) {
    for (at, instance) in plan.instances.iter().enumerate() {
        if let CoreInstance::Of { module, imports } = instance {
            assert!(*module < plan.modules.len());
            assert!(imports.iter().all(|(_, instance)| *instance < at));
        }
    }
    for lift in [plan.export, plan.meter_left] {
        assert!(lift.function < plan.functions.len());
    }
    assert!(plan.export.post_return.is_some(), "a call would never end");
    assert!(plan.reallocs().iter().all(|index| *index < plan.functions.len()));
}

#[test]
fn every_case_of_the_kit_is_understood() {
    for case in CASES {
        let profile = profile(case);
        let bytes = guest::component(profile, case.wat).unwrap();
        let plan = read(&bytes, world(profile)).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        check(&plan);
    }
}

#[test]
fn host_functions_are_linked_as_they_are_passed() {
    let case = Case::named("state-imports").unwrap();
    let bytes = guest::component(Profile::StateApply, case.wat).unwrap();
    let mut linked = linked(&read(&bytes, &world::STATE_APPLY).unwrap());
    linked.retain(|(function, ..)| format!("{function:?}").starts_with("State"));
    linked.sort_by_key(|(function, ..)| format!("{function:?}"));
    let expected = [
        (Function::StateDelete, 2, false),
        (Function::StateGet, 3, true),
        (Function::StateScan, 6, true),
        (Function::StateSet, 4, false),
    ];
    assert_eq!(linked, expected);
}

#[test]
fn the_apps_components_are_understood() {
    let apps = std::env::var_os("MYRHIZA_APPS").expect("run `cargo xtask test unit`");
    let mut read_ones = 0;
    for file in fs::read_dir(Path::new(&apps)).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let of = |profile: &Profile| name.ends_with(&format!("-{}.wasm", profile.world()));
        let Some(profile) = PROFILES.into_iter().find(of) else { continue };
        let bytes = guest::admitted(profile, &fs::read(&file).unwrap()).unwrap();
        check(&read(&bytes, world(profile)).unwrap_or_else(|e| panic!("{name}: {e}")));
        read_ones += 1;
    }
    assert!(read_ones >= 6, "only {read_ones} components there");
}

/// A module whose call accepts.
const ACCEPTS: &str = r#"(module (func (export "apply") (result i32) (i32.const 1024)))"#;

#[test]
fn what_was_not_admitted_is_refused() {
    let plain = guest::plain(Profile::StateApply, ACCEPTS).unwrap();
    let error = read(&plain, &world::STATE_APPLY).unwrap_err();
    assert!(matches!(error, ReadError::Export("meter-left")), "{error}");
}

#[test]
fn a_component_of_another_profile_is_refused() {
    let bytes = guest::component(Profile::StateApply, ACCEPTS).unwrap();
    let error = read(&bytes, &world::STATE_PROPOSE).unwrap_err();
    assert!(matches!(error, ReadError::Export("propose")), "{error}");
    let case = Case::named("free-imports").unwrap();
    let bytes = guest::component(Profile::StatePropose, case.wat).unwrap();
    let error = read(&bytes, &world::STATE_APPLY).unwrap_err();
    assert!(matches!(error, ReadError::Import { .. }), "{error}");
}

#[test]
fn a_function_of_another_type_is_refused() {
    for (from, to, name) in [
        ("delete: func(key: list<u8>);", "delete: func(key: u32);", "delete"),
        ("record verdict { code: u32, reason", "record verdict { code: u32, why", "apply"),
    ] {
        let wit = guest::WIT.replace(from, to);
        let parameter = if name == "delete" { "(param i32)" } else { "(param i32 i32)" };
        let wat = format!(
            r#"(module
                (import "myrhiza:kernel/state@1.0.0" "delete" (func {parameter}))
                (func (export "apply") (result i32) (i32.const 1024)))"#
        );
        let bytes = guest::unmetered_of(Profile::StateApply, &wit, &wat).unwrap();
        let error = read(&bytes, &world::STATE_APPLY).unwrap_err();
        assert!(matches!(&error, ReadError::Type { name: n, .. } if n.contains(name)), "{error}");
    }
}

#[test]
fn what_is_not_of_the_shape_is_refused() {
    for (wat, what) in [
        ("(component (component))", "nested component"),
        ("(component (core module) (core instance (instantiate 0)))", "does not export `apply`"),
        ("(component (import \"f\" (func)))", "import that is no instance"),
        ("(module)", "component"),
    ] {
        let error = read(&wat::parse_str(wat).unwrap(), &world::STATE_APPLY).unwrap_err();
        assert!(error.to_string().contains(what), "{wat}: {error}");
    }
}
