//! What no single transcript can say.

use std::any::Any;

use anyhow::{Context, Result, bail, ensure};
use myrhiza_kernel_api::{Backend, BackendError, Component};

use crate::Outcome;
use crate::case::Case;
use crate::guest::{self, Profile};
use crate::host::Recorder;

/// A rule over a backend.
pub type Rule = fn(&dyn Backend) -> Outcome;

/// Every rule, by name.
pub const RULES: &[(&str, Rule)] = &[
    ("bytes_that_are_no_component_are_refused", bytes_that_are_no_component_are_refused),
    ("a_component_without_the_export_is_refused", a_component_without_the_export_is_refused),
    ("an_unlisted_import_is_refused", an_unlisted_import_is_refused),
    ("an_import_of_another_type_is_refused", an_import_of_another_type_is_refused),
    ("the_very_host_comes_back", the_very_host_comes_back),
    ("instances_share_no_memory", instances_share_no_memory),
    ("two_hundred_topics_fit", two_hundred_topics_fit),
];

/// A component called twice gives what two instances give, fuel included.
///
/// # Errors
/// Both transcripts.
pub fn reuse_equals_new(case: &Case, backend: &dyn Backend) -> Outcome {
    let (reused, new) = (case.run(backend, false)?, case.run(backend, true)?);
    ensure!(reused == new, "reused:\n{reused}\nnew:\n{new}");
    Ok(())
}

/// A module whose call accepts, of the `state-apply` world.
const ACCEPTS: &str = r#"(module (func (export "apply") (result i32) (i32.const 1024)))"#;

fn bytes_that_are_no_component_are_refused(backend: &dyn Backend) -> Outcome {
    let whole = guest::component(Profile::StateApply, ACCEPTS)?;
    let truncated = &whole[..whole.len() - 1];
    for bytes in [b"".as_slice(), b"\0asm\x01\0\0\0", truncated] {
        refused(backend.state_apply(component(Profile::StateApply, bytes)))?;
    }
    Ok(())
}

fn a_component_without_the_export_is_refused(backend: &dyn Backend) -> Outcome {
    let bytes = guest::component(Profile::StateApply, ACCEPTS)?;
    refused(backend.state_propose(component(Profile::StatePropose, &bytes)))?;
    refused(backend.interaction(component(Profile::Interaction, &bytes)))
}

fn an_unlisted_import_is_refused(backend: &dyn Backend) -> Outcome {
    let imports = [
        // of another profile, and of none
        ("import clock;", "", "clock@1.0.0", "now", "(result i64)"),
        ("import ui;", "", "ui@1.0.0", "viewer", "(param i32)"),
        ("import files;", "interface files { read: func(); }", "files@1.0.0", "read", ""),
    ];
    for (import, interface, name, function, signature) in imports {
        let wat = format!(
            r#"(module
                (import "myrhiza:kernel/{name}" "{function}" (func {signature}))
                (func (export "apply") (result i32) (i32.const 1024)))"#
        );
        let wit = guest::WIT
            .replace("world state-apply {", &format!("{interface} world state-apply {{ {import}"));
        let bytes = guest::unmetered_of(Profile::StateApply, &wit, &wat)?;
        refused(backend.state_apply(component(Profile::StateApply, &bytes)))
            .with_context(|| name.to_owned())?;
    }
    Ok(())
}

fn an_import_of_another_type_is_refused(backend: &dyn Backend) -> Outcome {
    let wat = r#"(module
        (import "myrhiza:kernel/state@1.0.0" "delete" (func (param i32)))
        (func (export "apply") (result i32) (i32.const 1024)))"#;
    let wit = guest::WIT.replace("delete: func(key: list<u8>);", "delete: func(key: u32);");
    let bytes = guest::unmetered_of(Profile::StateApply, &wit, wat)?;
    refused(backend.state_apply(component(Profile::StateApply, &bytes)))
}

fn the_very_host_comes_back(backend: &dyn Backend) -> Outcome {
    let bytes = guest::component(Profile::StateApply, ACCEPTS)?;
    let mut apply = backend.state_apply(component(Profile::StateApply, &bytes))?;
    let host = Box::new(Recorder::new(0));
    let address = std::ptr::from_ref(host.as_ref()).cast::<()>();
    let returned = apply.apply(host);
    let same = std::ptr::from_ref(returned.host.as_ref()).cast::<()>() == address;
    ensure!(same, "another host came back, or the host was moved");
    returned.outcome?;
    Ok(())
}

fn instances_share_no_memory(backend: &dyn Backend) -> Outcome {
    // It logs how many calls its instance has seen.
    let case = Case::named("view").context("no case `view`")?;
    let bytes = guest::component(Profile::Interaction, case.wat)?;
    let mut first = backend.interaction(component(Profile::Interaction, &bytes))?;
    let mut second = backend.interaction(component(Profile::Interaction, &bytes))?;
    for call in 1..=3 {
        for instance in [&mut first, &mut second] {
            let returned = instance.render(Box::new(Recorder::new(1)));
            let trace = trace(returned.host)?;
            let want = format!("log.write info {call:02x}000000");
            ensure!(trace.first() == Some(&want), "want {want:?}, got {trace:?}");
        }
    }
    Ok(())
}

fn two_hundred_topics_fit(backend: &dyn Backend) -> Outcome {
    let case = Case::named("state-imports").context("no case `state-imports`")?;
    let bytes = guest::component(Profile::StateApply, case.wat)?;
    let component = component(Profile::StateApply, &bytes);
    let mut topics =
        (0..200).map(|_| backend.state_apply(component)).collect::<Result<Vec<_>, _>>()?;
    let mut traces = Vec::new();
    for _ in 0..2 {
        for topic in &mut topics {
            let returned = topic.apply(Box::new(Recorder::new(0)));
            ensure!(matches!(&returned.outcome, Ok(called) if called.result.is_ok()));
            traces.push(trace(returned.host)?);
        }
    }
    ensure!(traces.windows(2).all(|two| two[0] == two[1]), "not all did the same");
    Ok(())
}

fn component(profile: Profile, bytes: &[u8]) -> Component<'_> {
    Component { id: guest::id(bytes), bytes, fuel: profile.fuel() }
}

fn refused<T>(compiled: Result<T, BackendError>) -> Outcome {
    match compiled {
        Err(BackendError::Compile { cause, .. }) => {
            ensure!(!cause.is_empty(), "the refusal does not say why");
            Ok(())
        }
        Err(other) => bail!("refused as {other:?}, not as `Compile`"),
        Ok(_) => bail!("it was taken"),
    }
}

fn trace(host: Box<dyn Any>) -> Result<Vec<String>> {
    Ok(host.downcast::<Recorder>().ok().context("another host came back")?.trace)
}
