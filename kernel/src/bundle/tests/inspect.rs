use super::guests::{POLICIES, apply, bundle, bundle_that_asks, import, render};
use crate::bundle::{FileKind, Inspection, InstallPlan, inspect};
use crate::component::{Finding, Rule};

const STATE: &str = "myrhiza:kernel/state@1.0.0";
const CLOCK: &str = "myrhiza:kernel/clock@1.0.0";
const WASI: &str = "wasi:cli/environment@0.2.0";

fn rules(inspection: &Inspection) -> Vec<(Rule, &str)> {
    inspection.findings.iter().map(|f| (f.rule, f.profile.as_str())).collect()
}

#[test]
fn a_sound_bundle_has_its_imports_and_no_findings() {
    let parts =
        [("interaction", render(&import(CLOCK))), ("state-apply", apply(&import(STATE), ""))];
    let bundle = bundle("app", "1.0.0", &parts, 1);
    let found = inspect(&bundle.to_bytes(), None, POLICIES);
    assert!(found.ok(), "{:#?}", found.findings);
    assert_eq!(found.kind, FileKind::Bundle);
    assert_eq!((found.bundle, found.author), (Some(bundle.id()), Some(bundle.author())));
    assert_eq!(found.manifest.as_ref(), Some(bundle.manifest()));
    assert_eq!(found.imports.iter().collect::<Vec<_>>(), [CLOCK, STATE]);
}

#[test]
fn everything_wrong_with_every_component_is_listed() {
    let floats = "(func (result f32) f32.const 0)";
    let parts =
        [("interaction", render(&import(STATE))), ("state-apply", apply(&import(WASI), floats))];
    let bytes = bundle("app", "1.0.0", &parts, 1).to_bytes();
    let found = inspect(&bytes, None, POLICIES);
    let rules_found = rules(&found);
    for wanted in [
        (Rule::Imports, "interaction"),
        (Rule::Imports, "state-apply"),
        (Rule::Float, "state-apply"),
    ] {
        assert!(rules_found.contains(&wanted), "{wanted:?}: {:#?}", found.findings);
    }
    assert_eq!(found.imports.iter().collect::<Vec<_>>(), [STATE, WASI]);
    let one = inspect(&bytes, Some(POLICIES[0]), POLICIES);
    assert!(rules(&one).iter().all(|(_, profile)| *profile == "interaction"), "{one:#?}");
}

/// [BUNDLE-6] [COMPONENTS-3]
#[test]
fn a_capability_is_had_by_whoever_asks_for_it() {
    let parts = [
        ("interaction", render(&import("myrhiza:kernel/canvas@1.0.0"))),
        ("state-apply", apply(&import(STATE), "")),
    ];
    let silent = bundle("app", "1.0.0", &parts, 1);
    let found = inspect(&silent.to_bytes(), None, POLICIES);
    assert_eq!(rules(&found), [(Rule::Imports, "interaction")], "{:#?}", found.findings);
    assert_eq!(
        found.findings[0].to_string(),
        "imports: import `myrhiza:kernel/canvas@1.0.0`: the manifest does not declare it; write \
         `canvas = true` under [capabilities] in manifest.toml, with nothing else"
    );
    assert_eq!(InstallPlan::new(&silent, &[], POLICIES).unwrap_err().findings, found.findings);

    let asks = bundle_that_asks("[capabilities]\ncanvas = true\n", "app", "1.0.0", &parts, 1);
    assert!(inspect(&asks.to_bytes(), None, POLICIES).ok());
    let plan = InstallPlan::new(&asks, &[], POLICIES).unwrap();
    let words: Vec<_> = plan.added.iter().map(|ability| ability.words()).collect();
    assert!(words.iter().any(|words| words.starts_with("draw on a surface")), "{words:?}");
    assert_ne!(asks.id(), silent.id(), "what is asked for is signed");

    // Whatever the manifest says, the strict profiles have none.
    let parts = [("state-apply", apply(&import("myrhiza:kernel/canvas@1.0.0"), ""))];
    let asks = bundle_that_asks("[capabilities]\ncanvas = true\n", "app", "1.0.0", &parts, 1);
    let found = inspect(&asks.to_bytes(), None, POLICIES);
    assert_eq!(rules(&found), [(Rule::Imports, "state-apply")], "{:#?}", found.findings);
}

#[test]
fn an_unsigned_bundle_is_inspected_and_is_not_ok() {
    let toml = super::guests::manifest("app", "1.0.0", &["state-apply"]);
    let manifest =
        crate::bundle::Source::parse(toml.as_bytes(), &["state-apply"]).unwrap().manifest;
    let parts = [("state-apply".to_owned(), apply("", ""))].into();
    let bytes = crate::bundle::pack(manifest, parts).unwrap().to_bytes();
    let found = inspect(&bytes, None, POLICIES);
    assert_eq!(rules(&found), [(Rule::Signature, "")]);
    assert_eq!((found.bundle, found.author), (None, None));
    assert!(found.manifest.is_some());
}

#[test]
fn damage_is_a_finding_of_its_part_and_the_rest_is_judged_all_the_same() {
    let parts = [("interaction", render("")), ("state-apply", apply(&import(WASI), ""))];
    let mut bytes = bundle("app", "1.0.0", &parts, 1).to_bytes();
    let at = bytes.windows(6).position(|w| w == b"render").unwrap();
    bytes[at] ^= 0x20;
    let found = inspect(&bytes, None, POLICIES);
    let rules_found = rules(&found);
    assert_eq!(rules_found[0], (Rule::Signature, "interaction"), "{:#?}", found.findings);
    assert!(rules_found.contains(&(Rule::Imports, "state-apply")));
    bytes.truncate(100);
    assert_eq!(rules(&inspect(&bytes, None, POLICIES)), [(Rule::Structure, "")]);
}

#[test]
fn a_manifest_for_another_kernel_is_a_finding() {
    let parts = [("behavior", render("")), ("state-apply", apply("", ""))];
    let found = inspect(&bundle("app", "1.0.0", &parts, 1).to_bytes(), None, POLICIES);
    assert_eq!(rules(&found), [(Rule::Manifest, "behavior")]);
    assert!(found.findings[0].message.contains("`interaction`, `state-apply`"), "{found:#?}");
}

#[test]
fn a_component_is_judged_under_the_profile_it_exports_or_the_one_that_is_named() {
    let component = render(&import(STATE));
    let guessed = inspect(&component, None, POLICIES);
    assert_eq!((guessed.kind, guessed.bundle), (FileKind::Component, None));
    assert_eq!(rules(&guessed), [(Rule::Imports, "interaction")], "{:#?}", guessed.findings);
    let named = inspect(&component, Some(POLICIES[1]), POLICIES);
    assert!(rules(&named).contains(&(Rule::Exports, "state-apply")), "{:#?}", named.findings);
    assert!(inspect(&apply("", ""), None, POLICIES).ok());
}

#[test]
fn what_is_no_component_is_judged_by_the_strictest() {
    for bytes in [b"\0asm".as_slice(), b"\0asm\x01\0\0\0"] {
        let found = inspect(bytes, None, POLICIES);
        assert_eq!(found.kind, FileKind::Component);
        assert_eq!(rules(&found)[..1], [(Rule::Structure, "state-apply")], "{:#?}", found.findings);
    }
}

#[test]
fn any_other_file_is_called_neither_and_an_exported_topic_by_its_name() {
    for (bytes, says) in [
        (b"".as_slice(), "neither a bundle nor a component"),
        (b"root:x:0:0", "make a bundle with `myrhiza pack`"),
        (b"MYRTOPIC\0\0", "an exported topic; take it in with `myrhiza topic import`"),
    ] {
        for profile in [None, Some(POLICIES[0])] {
            let found = inspect(bytes, profile, POLICIES);
            assert_eq!((found.kind, found.findings.len()), (FileKind::Other, 1), "{bytes:?}");
            assert!(found.findings[0].message.contains(says), "{}", found.findings[0]);
        }
    }
}

#[test]
fn a_finding_names_the_part_once() {
    let mut bytes = bundle("app", "1.0.0", &[("state-apply", apply("", ""))], 1).to_bytes();
    let at = bytes.windows(4).position(|four| four == b"\0asm").unwrap();
    bytes[at + 4] ^= 1;
    let found = inspect(&bytes, None, POLICIES);
    assert_eq!(found.findings[0].profile, "state-apply");
    let told = "signature: the component: it is damaged; fetch the bundle again";
    assert_eq!(found.findings[0].to_string(), told);
    let unsigned = Finding {
        rule: Rule::Signature,
        profile: String::new(),
        place: "the signature".into(),
        message: "nobody signed".into(),
    };
    assert_eq!(unsigned.to_string(), "signature: nobody signed");
}
