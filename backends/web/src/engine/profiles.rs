//! The call of each profile: its arguments and its result, as the canonical ABI passes them.

use myrhiza_kernel_api::host::{ApplyHost, InteractionHost, MigrateHost, ProposeHost};
use myrhiza_kernel_api::operation::Outcome;
use myrhiza_kernel_api::{
    Candidate, Interaction, Migrate, Returned, StateApply, StatePropose, Verdict,
};

use super::guest::{Guest, LIST, Layout, OPTION, pair, word};
use super::instance::{At, Callee};
use super::js::Core;
use super::link::Linked;
use super::stop::{Ends, Stop};
use crate::world::{COMPLETE, PRESS};

/// The instrumentation gives every call the memory of a new instance, so the instance is kept where
/// there is room.
pub(super) struct Apply(pub(super) Callee<dyn ApplyHost>);

/// As with `state-apply`.
pub(super) struct Chunks(pub(super) Callee<dyn MigrateHost>);

/// Gets a new instance for each call.
pub(super) struct Propose(pub(super) Callee<dyn ProposeHost>);

/// Keeps its instance, memory and all, until a call traps.
pub(super) struct Render(pub(super) Callee<dyn InteractionHost>);

/// A code and a reason.
const VERDICT: Layout = Layout { size: 12, align: 4 };
/// A discriminant, and a variant with a payload or a text.
const PROPOSED: Layout = Layout { size: 16, align: 4 };

impl StateApply for Apply {
    fn apply(&mut self, host: Box<dyn ApplyHost>) -> Returned<Box<dyn ApplyHost>, Verdict> {
        let verdict = self.0.call(host, |live, guest| {
            let area = live.export(Core::word)?;
            guest.area(area, VERDICT)?;
            let verdict = guest.load::<12>(area)?;
            let reason = bytes(guest, &verdict, 4)?;
            Ok(((word(&verdict, 0), reason), Some(area)))
        });
        verdict.map(|(code, reason)| Verdict::new(code, &reason))
    }
}

impl Migrate for Chunks {
    fn migrate(
        &mut self,
        host: Box<dyn MigrateHost>,
        [major, minor, patch]: [u32; 3],
        cursor: &[u8],
    ) -> Returned<Box<dyn MigrateHost>, Option<Vec<u8>>> {
        self.0.call(host, |live, guest| {
            let [at, len] = guest.put(live.realloc(), cursor)?;
            let area = live.export(|f| f.word_with5([major, minor, patch, at, len]))?;
            guest.area(area, OPTION)?;
            let option = guest.load::<12>(area)?;
            let cursor = match option[0] {
                0 => None,
                1 => Some(bytes(guest, &option, 4)?),
                _ => return Err(Stop::Breach),
            };
            Ok((cursor, Some(area)))
        })
    }
}

impl StatePropose for Propose {
    fn propose(
        &mut self,
        host: Box<dyn ProposeHost>,
        intent: &[String],
    ) -> Returned<Box<dyn ProposeHost>, Result<Candidate, String>> {
        let returned = self.0.call(host, |live, guest| {
            let words = strings(&live, guest, intent)?;
            let area = live.export(|f| f.word_with2(words))?;
            guest.area(area, PROPOSED)?;
            let result = guest.load::<16>(area)?;
            let proposed = match result[0] {
                0 => {
                    let payload = bytes(guest, &result, 8)?;
                    Ok(Candidate { variant: word(&result, 4), payload })
                }
                1 => {
                    let text = bytes(guest, &result, 4)?;
                    Err(String::from_utf8(text).map_err(|_| Stop::Breach)?)
                }
                _ => return Err(Stop::Breach),
            };
            Ok((proposed, Some(area)))
        });
        self.0.end();
        returned
    }
}

impl Interaction for Render {
    fn render(&mut self, host: Box<dyn InteractionHost>) -> Returned<Box<dyn InteractionHost>, ()> {
        self.0.call(host, |live, _| Ok((live.export(Core::nothing)?, None)))
    }

    fn press(
        &mut self,
        host: Box<dyn InteractionHost>,
        words: &[String],
    ) -> Returned<Box<dyn InteractionHost>, ()> {
        self.0.call_other(PRESS, host, |live, guest| {
            let words = strings(&live, guest, words)?;
            live.export(|f| f.nothing_with2(words))
        })
    }

    fn complete(
        &mut self,
        host: Box<dyn InteractionHost>,
        token: u64,
        outcome: &Outcome,
    ) -> Returned<Box<dyn InteractionHost>, ()> {
        self.0.call_other(COMPLETE, host, |live, guest| {
            let put = |bytes: &[u8]| guest.put(live.realloc(), bytes);
            let text = |case, text: &String| {
                let [at, len] = put(text.as_bytes())?;
                Ok([case, at, len, 0, 0])
            };
            let words = match outcome {
                Outcome::Unavailable(why) => text(1, why)?,
                Outcome::Done => [2, 0, 0, 0, 0],
                Outcome::Chosen(index) => [3, *index, 0, 0, 0],
                Outcome::Text(said) => text(4, said)?,
                Outcome::File { name, bytes } => {
                    let ([name, name_len], [at, len]) = (put(name.as_bytes())?, put(bytes)?);
                    [5, name, name_len, at, len]
                }
                Outcome::Subscribed(json) => text(6, json)?,
                // Declined, or one of a later version, which nothing here gives.
                _ => [0; 5],
            };
            live.export(|f| f.nothing_with_long(token, words))
        })
    }
}

/// The bytes that a pointer and a length in loaded bytes stand for.
fn bytes(guest: &Guest, loaded: &[u8], at: usize) -> Ends<Vec<u8>> {
    guest.bytes(word(loaded, at), word(loaded, at + 4))
}

/// Passes a list of strings: room for the list, then for each string in order.
fn strings<H: Linked + ?Sized>(
    live: &At<'_, H>,
    guest: &Guest,
    strings: &[String],
) -> Ends<[u32; 2]> {
    let len = u32::try_from(strings.len()).map_err(|_| Stop::Breach)?;
    let size = len.checked_mul(LIST.size).ok_or(Stop::Breach)?;
    let list = guest.realloc(live.realloc(), LIST.align, size)?;
    for (index, string) in (0..).zip(strings) {
        let place = guest.put(live.realloc(), string.as_bytes())?;
        guest.store(list + index * LIST.size, &pair(place))?;
    }
    Ok([list, len])
}
