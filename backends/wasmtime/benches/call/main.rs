//! What a call costs, and what it costs to get there.
//!
//! `apply/…` is one call with a state get and a state set through a host in memory: the whole of
//! what the kernel pays for an event but its own bookkeeping. `live` is the reference: the same
//! call into the component as its author compiled it.
#![allow(clippy::unwrap_used, reason = "a bench")]

use std::fs;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use myrhiza_backend_kit::guest::{self, Profile};
use myrhiza_backend_kit::memory::InMemory;
use myrhiza_backend_wasmtime::Wasmtime;
use myrhiza_kernel_api::host::ApplyHost;
use myrhiza_kernel_api::{Backend, Component, StateApply, Verdict};

const EMPTY: &str = r#"(module (func (export "apply") (result i32) (i32.const 1024)))"#;

const GET_AND_SET: &str = include_str!("get-and-set.wat");

fn compiled<'a>(backend: &Wasmtime, bytes: &'a [u8]) -> (Component<'a>, Box<dyn StateApply>) {
    let component = Component { id: guest::id(bytes), bytes, fuel: Profile::StateApply.fuel() };
    (component, backend.state_apply(component).unwrap())
}

fn calls(c: &mut Criterion) {
    let backend = Wasmtime::new().unwrap();
    let mut group = c.benchmark_group("apply");
    for (name, bytes) in [
        ("nothing, live", guest::unmetered(Profile::StateApply, EMPTY).unwrap()),
        ("get and set, live", guest::unmetered(Profile::StateApply, GET_AND_SET).unwrap()),
        ("nothing, metered and reset", guest::component(Profile::StateApply, EMPTY).unwrap()),
        (
            "get and set, metered and reset",
            guest::component(Profile::StateApply, GET_AND_SET).unwrap(),
        ),
    ] {
        let (_, mut apply) = compiled(&backend, &bytes);
        let mut host: Option<Box<dyn ApplyHost>> = Some(Box::new(InMemory::default()));
        group.bench_function(name, |b| {
            b.iter(|| {
                let returned = apply.apply(host.take().unwrap());
                host = Some(returned.host);
                assert!(returned.outcome.unwrap().result.is_ok());
            });
        });
    }
    group.finish();
}

/// An app's own call, with its codec: an event that counts up. Needs the app to be built.
fn counter(c: &mut Criterion) {
    let Some(apps) = std::env::var_os("MYRHIZA_APPS") else { return };
    let component = Path::new(&apps).join("counter-state-apply.wasm");
    let bytes = guest::admitted(Profile::StateApply, &fs::read(component).unwrap()).unwrap();
    let (_, mut apply) = compiled(&Wasmtime::new().unwrap(), &bytes);
    let payload = vec![0x81, 1];
    let mut host: Option<Box<dyn ApplyHost>> = Some(Box::new(InMemory::with_payload(payload)));
    c.bench_function("apply/counter", |b| {
        b.iter(|| {
            let returned = apply.apply(host.take().unwrap());
            host = Some(returned.host);
            assert_eq!(returned.outcome.unwrap().result, Ok(Verdict::Accept));
        });
    });
}

fn instances(c: &mut Criterion) {
    let backend = Wasmtime::new().unwrap();
    let mut group = c.benchmark_group("get and set in a new instance");
    for (name, bytes) in [
        ("live", guest::unmetered(Profile::StateApply, GET_AND_SET).unwrap()),
        ("metered and reset", guest::component(Profile::StateApply, GET_AND_SET).unwrap()),
    ] {
        let (component, _keep) = compiled(&backend, &bytes);
        let mut host: Option<Box<dyn ApplyHost>> = Some(Box::new(InMemory::default()));
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut apply = backend.state_apply(component).unwrap();
                host = Some(apply.apply(host.take().unwrap()).host);
            });
        });
    }
    group.finish();
}

fn start(c: &mut Criterion) {
    c.bench_function("create", |b| b.iter(|| Wasmtime::new().unwrap()));
    let backend = Wasmtime::new().unwrap();
    let mut group = c.benchmark_group("compile");
    group.sample_size(20);
    for (name, bytes) in [
        ("live", guest::unmetered(Profile::StateApply, GET_AND_SET).unwrap()),
        ("metered and reset", guest::component(Profile::StateApply, GET_AND_SET).unwrap()),
    ] {
        group.bench_function(name, |b| b.iter(|| compiled(&backend, &bytes).1));
    }
    group.finish();
}

criterion_group!(benches, calls, counter, instances, start);
criterion_main!(benches);
