//! `intent`, `prompt`, `clipboard-write`, `file-picker`, `navigate`, `push`.

use myrhiza_kernel_api::operation::{self, Operation};
use wasmtime::component::{ComponentType, Linker, Lower, WasmList, WasmStr};
use wasmtime::{AsContextMut, Result};

use super::interface;
use super::ui::{Host, Lifting};
use crate::slot::{Cx, Slot, host, value};

pub(super) fn define(linker: &mut Linker<Slot<Host>>) -> Result<()> {
    interface(linker, "intent")?.func_wrap(
        "propose",
        |mut cx: Cx<'_, Host>, (words,): (WasmList<WasmStr>,)| {
            let words = Lifting::new(cx.as_context_mut()).strings(&words)?;
            host(cx, |h, _| h.propose(words))
        },
    )?;
    let mut prompt = interface(linker, "prompt")?;
    prompt.func_wrap(
        "choose-submit",
        |mut cx: Cx<'_, Host>, (question, choices): (WasmStr, WasmList<WasmStr>)| {
            let mut lifting = Lifting::new(cx.as_context_mut());
            let (question, choices) = (lifting.string(&question)?, lifting.strings(&choices)?);
            submit(cx, Operation::Choose { question, choices })
        },
    )?;
    prompt.func_wrap(
        "ask-submit",
        |mut cx: Cx<'_, Host>, (question, first): (WasmStr, WasmStr)| {
            let mut lifting = Lifting::new(cx.as_context_mut());
            let (question, value) = (lifting.string(&question)?, lifting.string(&first)?);
            submit(cx, Operation::Ask { question, value })
        },
    )?;
    of_text(linker, "clipboard-write", "write-submit", |text| Operation::Copy { text })?;
    of_text(linker, "file-picker", "pick-submit", |kind| Operation::Pick { kind })?;
    of_text(linker, "navigate", "open-submit", |address| Operation::Open { address })?;
    interface(linker, "push")?.func_wrap(
        "subscribe-submit",
        |cx: Cx<'_, Host>, (key,): (WasmList<u8>,)| {
            value(cx, |h, cx| {
                let server_key = key.as_le_slice(cx).to_vec();
                Ok(h.submit(Operation::Subscribe { server_key })?.map_err(Refusal::from))
            })
        },
    )
}

/// A function that submits what a text makes.
fn of_text(
    linker: &mut Linker<Slot<Host>>,
    of: &str,
    name: &str,
    operation: fn(String) -> Operation,
) -> Result<()> {
    interface(linker, of)?.func_wrap(name, move |mut cx: Cx<'_, Host>, (text,): (WasmStr,)| {
        let text = Lifting::new(cx.as_context_mut()).string(&text)?;
        submit(cx, operation(text))
    })
}

fn submit(cx: Cx<'_, Host>, operation: Operation) -> Result<(std::result::Result<u64, Refusal>,)> {
    value(cx, |h, _| Ok(h.submit(operation)?.map_err(Refusal::from)))
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
enum Refusal {
    #[component(name = "would-block")]
    WouldBlock,
    #[component(name = "unprompted")]
    Unprompted,
    #[component(name = "undeclared")]
    Undeclared,
    #[component(name = "argument")]
    Argument,
}

impl From<operation::Refusal> for Refusal {
    fn from(refusal: operation::Refusal) -> Self {
        match refusal {
            operation::Refusal::WouldBlock => Self::WouldBlock,
            operation::Refusal::Unprompted => Self::Unprompted,
            operation::Refusal::Undeclared => Self::Undeclared,
            _ => Self::Argument,
        }
    }
}
