//! `intent`, `prompt`, `clipboard-write`, `file-picker`, `navigate`, `push`.

use myrhiza_kernel_api::operation::Operation;

use super::super::frame::{Frame, Import, word};
use super::super::guest::SUBMITTED;
use super::super::stop::Ends;
use super::ui::{Host, Lifting};
use crate::world::Function;

pub(super) fn import(function: Function) -> Option<Import<Host>> {
    Some(match function {
        Function::IntentPropose => word::<Host>(|frame, [at, len, ..]| {
            let words = Lifting::new(frame.guest).strings_at(at, len)?;
            frame.host(|h| h.propose(words))?;
            Ok(0)
        }),
        Function::PromptChoose => word::<Host>(|frame, [at, len, list, list_len, area, _]| {
            let mut lifting = Lifting::new(frame.guest);
            let question = lifting.string_at(at, len)?;
            let choices = lifting.strings_at(list, list_len)?;
            submit(frame, area, Operation::Choose { question, choices })
        }),
        Function::PromptAsk => word::<Host>(|frame, [at, len, first, first_len, area, _]| {
            let mut lifting = Lifting::new(frame.guest);
            let question = lifting.string_at(at, len)?;
            let value = lifting.string_at(first, first_len)?;
            submit(frame, area, Operation::Ask { question, value })
        }),
        Function::ClipboardWrite => of_text(|text| Operation::Copy { text }),
        Function::FilePick => of_text(|kind| Operation::Pick { kind }),
        Function::NavigateOpen => of_text(|address| Operation::Open { address }),
        Function::PushSubscribe => word::<Host>(|frame, [at, len, area, ..]| {
            let server_key = frame.bytes(at, len)?;
            submit(frame, area, Operation::Subscribe { server_key })
        }),
        _ => return None,
    })
}

/// A function that submits what a text makes.
fn of_text(operation: fn(String) -> Operation) -> Import<Host> {
    word::<Host>(move |frame, [at, len, area, ..]| {
        let text = Lifting::new(frame.guest).string_at(at, len)?;
        submit(frame, area, operation(text))
    })
}

fn submit(frame: &Frame<'_, Host>, area: u32, operation: Operation) -> Ends<u32> {
    let submitted = frame.host(|h| h.submit(operation))?;
    frame.guest.area(area, SUBMITTED)?;
    match submitted {
        Ok(token) => {
            frame.guest.store(area, &[0])?;
            frame.guest.store(area + 8, &token.to_le_bytes())?;
        }
        Err(refusal) => {
            frame.guest.store(area, &[1])?;
            frame.guest.store(area + 8, &[refusal as u8])?;
        }
    }
    Ok(0)
}
