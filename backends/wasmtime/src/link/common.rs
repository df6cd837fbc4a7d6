//! `log`, `hash`, `signature`, `fork-proof`, `topic-info`.

use myrhiza_kernel_api::PublicKey;
use myrhiza_kernel_api::host::{CommonHost, Level};
use wasmtime::Result;
use wasmtime::component::{Linker, WasmList};

use super::interface;
use crate::slot::{Cx, Slot, host, value};

type Bytes = WasmList<u8>;

pub(super) fn define<H: CommonHost + ?Sized>(linker: &mut Linker<Slot<H>>) -> Result<()> {
    interface(linker, "log")?.func_wrap(
        "write",
        |cx: Cx<'_, H>, (level, message): (u32, Bytes)| {
            host(cx, |h, cx| h.log(Level::from(level), message.as_le_slice(cx)))
        },
    )?;
    interface(linker, "hash")?.func_wrap("blake3", |cx: Cx<'_, H>, (data,): (Bytes,)| {
        value(cx, |h, cx| Ok(h.hash(data.as_le_slice(cx))?.0.to_vec()))
    })?;
    interface(linker, "signature")?.func_wrap(
        "verify",
        |cx: Cx<'_, H>, (key, message, signature): (Bytes, Bytes, Bytes)| {
            value(cx, |h, cx| {
                h.verify(key.as_le_slice(cx), message.as_le_slice(cx), signature.as_le_slice(cx))
            })
        },
    )?;
    interface(linker, "fork-proof")?.func_wrap("verify", |cx: Cx<'_, H>, (proof,): (Bytes,)| {
        value(cx, |h, cx| Ok(h.fork_proof(proof.as_le_slice(cx))?.map(bytes)))
    })?;

    let mut topic = interface(linker, "topic-info")?;
    topic
        .func_wrap("topic", |cx: Cx<'_, H>, (): ()| value(cx, |h, _| Ok(h.topic()?.0.to_vec())))?;
    topic
        .func_wrap("founder", |cx: Cx<'_, H>, (): ()| value(cx, |h, _| Ok(bytes(h.founder()?))))?;
    topic.func_wrap("generation", |cx: Cx<'_, H>, (): ()| value(cx, |h, _| h.generation()))?;
    topic.func_wrap("member", |cx: Cx<'_, H>, (person,): (Bytes,)| {
        value(cx, |h, cx| Ok(h.member(person.as_le_slice(cx))?.map(bytes)))
    })?;
    topic.func_wrap("members", |cx: Cx<'_, H>, (after, limit): (Bytes, u32)| {
        value(cx, |h, cx| h.members(after.as_le_slice(cx), limit))
    })
}

fn bytes(key: PublicKey) -> Vec<u8> {
    key.0.to_vec()
}
