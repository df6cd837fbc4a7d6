use super::guests::{POLICIES, apply, bundle, import, render};
use crate::bundle::{Bundle, InstallPlan, Installed, KERNEL, Notice, Version};
use crate::component::Rule;

const STATE: &str = "myrhiza:kernel/state@1.0.0";
const LOG: &str = "myrhiza:kernel/log@1.0.0";

fn app(version: &str, imports: &[&str]) -> Bundle {
    let imports: Vec<_> = imports.iter().map(|i| import(i)).collect();
    bundle("app", version, &[("state-apply", apply(&imports.concat(), ""))], 1)
}

fn plan(bundle: &Bundle, installed: &[&Bundle]) -> InstallPlan {
    let installed: Vec<_> = installed.iter().map(|b| Installed::from(*b)).collect();
    InstallPlan::new(bundle, &installed, POLICIES).unwrap()
}

fn words<'p>(abilities: impl IntoIterator<Item = &'p crate::bundle::Ability>) -> Vec<String> {
    abilities.into_iter().map(|a| format!("{}: {}", a.profile, a.words())).collect()
}

/// [BUNDLE-6]
#[test]
fn a_first_install_shows_the_author_as_new_and_every_ability() {
    let bundle = app("1.0.0", &[LOG, STATE]);
    let plan = plan(&bundle, &[]);
    assert_eq!((plan.app.bundle, plan.app.author), (bundle.id(), bundle.author()));
    assert!(!plan.author_is_known);
    assert_eq!((plan.previous, plan.notices.as_slice()), (None, [].as_slice()));
    assert_eq!(
        words(&plan.added),
        [
            "state-apply: write to this node's log",
            "state-apply: read and change the topic's shared state"
        ]
    );
    assert_eq!(plan.components.keys().collect::<Vec<_>>(), ["state-apply"]);
}

#[test]
fn an_update_shows_what_it_may_do_more_and_less() {
    let (old, older) = (app("1.1.0", &[LOG]), app("1.0.0", &[LOG, STATE]));
    let plan = plan(&app("1.2.0", &[STATE]), &[&old, &older]);
    assert!(plan.author_is_known);
    assert_eq!(plan.previous, Some(Version { major: 1, minor: 1, patch: 0 }));
    assert_eq!(words(&plan.added), ["state-apply: read and change the topic's shared state"]);
    assert_eq!(words(&plan.removed), ["state-apply: write to this node's log"]);
    assert!(plan.notices.is_empty());
}

#[test]
fn what_is_unusual_is_shown() {
    let (old, new) = (app("1.0.0", &[]), app("2.0.0", &[]));
    let installed = Version { major: 2, minor: 0, patch: 0 };
    assert_eq!(plan(&old, &[&new]).notices, [Notice::Older { installed }]);
    assert_eq!(plan(&new, &[&new, &old]).notices, [Notice::AlreadyInstalled]);
    let other = app("1.0.0", &[LOG]);
    assert_eq!(plan(&other, &[&old]).notices, [Notice::SameVersion { installed: old.id() }]);
    let parts = [("state-apply", apply("", ""))];
    let renamed = bundle("another", "1.0.1", &parts, 1);
    assert_eq!(plan(&renamed, &[&old]).notices, [Notice::Renamed { from: "app".into() }]);
    let stranger = bundle("App", "9.0.0", &parts, 2);
    let plan = plan(&stranger, &[&old, &new]);
    assert_eq!(plan.notices, [Notice::NameOfAnother { author: old.author() }]);
    assert!(!plan.author_is_known, "a name makes nobody known");
    assert_eq!(plan.previous, None, "another author's app is not an earlier version");
}

#[test]
fn what_is_undeclared_or_unknown_is_refused_with_every_reason() {
    let wasi = import("wasi:io/streams@0.2.0");
    let parts = [
        ("behavior", render("")),
        ("interaction", render(&import(STATE))),
        ("state-apply", apply(&wasi, "(func (result f64) f64.const 0)")),
    ];
    let refused = InstallPlan::new(&bundle("app", "1.0.0", &parts, 1), &[], POLICIES).unwrap_err();
    let rules: Vec<_> = refused.findings.iter().map(|f| (f.rule, f.profile.as_str())).collect();
    for wanted in [
        (Rule::Manifest, "behavior"),
        (Rule::Imports, "interaction"),
        (Rule::Imports, "state-apply"),
        (Rule::Float, "state-apply"),
    ] {
        assert!(rules.contains(&wanted), "{wanted:?}: {refused}");
    }
    assert!(refused.to_string().contains("wasi:io/streams@0.2.0"), "{refused}");
}

#[test]
fn a_bundle_for_a_later_kernel_is_refused() {
    let mut manifest = app("1.0.0", &[]).manifest().clone();
    manifest.kernel.minor = KERNEL.minor + 1;
    let parts = [("state-apply".to_owned(), apply("", ""))].into();
    let bundle = crate::bundle::pack(manifest, parts).unwrap().sign(&super::author());
    let refused = InstallPlan::new(&bundle, &[], POLICIES).unwrap_err();
    assert!(refused.to_string().contains("update Myrhiza"), "{refused}");
}

#[test]
fn what_has_to_be_declared_is_refused_without_and_shown_with_its_scopes() {
    let navigate = import("myrhiza:kernel/navigate@1.0.0");
    let parts = [("interaction", render(&navigate)), ("state-apply", apply("", ""))];
    let undeclared = bundle("app", "1.0.0", &parts, 1);
    let refused = InstallPlan::new(&undeclared, &[], POLICIES).unwrap_err();
    let [finding] = refused.findings.as_slice() else { panic!("{refused}") };
    assert_eq!((finding.rule, finding.profile.as_str()), (Rule::Imports, "interaction"));
    let line = "write `navigate = [\"https://example.org\"]` under [capabilities]";
    assert!(finding.message.contains(line), "{refused}");

    let declaring = |version: &str, origins: &[&str]| {
        let mut manifest = bundle("app", version, &parts, 1).manifest().clone();
        let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        manifest.capabilities.0.insert("navigate".into(), origins);
        let parts = parts.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone()));
        crate::bundle::pack(manifest, parts.collect()).unwrap().sign(&super::author())
    };
    let one = declaring("1.0.0", &["https://a.example"]);
    let first = plan(&one, &[]);
    let what = "interaction: open addresses outside of it, once you agree to each";
    assert_eq!(words(&first.added), [format!("{what}: https://a.example")]);
    // Another origin is something else that it may do.
    let more = plan(&declaring("1.1.0", &["https://a.example", "https://b.example"]), &[&one]);
    let both = format!("{what}: https://a.example, https://b.example");
    assert_eq!(words(&more.added), [both]);
    let wrong = declaring("1.0.0", &["https://a.example/path"]);
    let refused = InstallPlan::new(&wrong, &[], POLICIES).unwrap_err();
    assert!(refused.findings.iter().any(|f| f.rule == Rule::Manifest), "{refused}");
}
