//! `log`, `hash`, `signature`, `fork-proof`, `topic-info`.

use myrhiza_kernel_api::host::{CommonHost, Level};

use super::super::frame::{Import, word};
use crate::world::Function;

pub(super) fn import<H: CommonHost + ?Sized>(function: Function) -> Option<Import<H>> {
    Some(match function {
        Function::LogWrite => word::<H>(|frame, [level, at, len, ..]| {
            let message = frame.bytes(at, len)?;
            frame.host(|h| h.log(Level::from(level), &message))?;
            Ok(0)
        }),
        Function::HashBlake3 => word::<H>(|frame, [at, len, area, ..]| {
            let data = frame.bytes(at, len)?;
            let hash = frame.host(|h| h.hash(&data))?;
            frame.give(area, &hash.0)
        }),
        Function::SignatureVerify => {
            word::<H>(|frame, [key, key_len, at, len, signature, bytes]| {
                let key = frame.bytes(key, key_len)?;
                let message = frame.bytes(at, len)?;
                let signature = frame.bytes(signature, bytes)?;
                Ok(frame.host(|h| h.verify(&key, &message, &signature))?.into())
            })
        }
        Function::ForkProofVerify => word::<H>(|frame, [at, len, area, ..]| {
            let proof = frame.bytes(at, len)?;
            let key = frame.host(|h| h.fork_proof(&proof))?;
            frame.give_option(area, key.as_ref().map(AsRef::as_ref))
        }),
        Function::TopicInfoTopic => word::<H>(|frame, [area, ..]| {
            let topic = frame.host(|h| h.topic())?;
            frame.give(area, &topic.0)
        }),
        Function::TopicInfoFounder => word::<H>(|frame, [area, ..]| {
            let founder = frame.host(|h| h.founder())?;
            frame.give(area, &founder.0)
        }),
        Function::TopicInfoGeneration => word::<H>(|frame, _| frame.host(|h| h.generation())),
        Function::TopicInfoMember => word::<H>(|frame, [at, len, area, ..]| {
            let person = frame.bytes(at, len)?;
            let inviter = frame.host(|h| h.member(&person))?;
            frame.give_option(area, inviter.as_ref().map(AsRef::as_ref))
        }),
        Function::TopicInfoMembers => word::<H>(|frame, [at, len, limit, area, ..]| {
            let after = frame.bytes(at, len)?;
            let members = frame.host(|h| h.members(&after, limit))?;
            frame.give(area, &members)
        }),
        _ => return None,
    })
}
