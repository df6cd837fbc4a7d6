//! Polls in a group: one question at a time, one vote each, and the creator ends it.
//!
//! Two polls that are created without knowing of each other cannot both run: the topic's order
//! decides, and the later is rejected. So that a vote for that one does not land in the other,
//! votes name the poll by the event that created it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

use myrhiza_sdk::prelude::*;

mod propose;
#[cfg(test)]
mod tests;
mod view;

pub use propose::{Wish, propose};
pub use view::view;

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Event)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Change {
    #[n(0)]
    Create { question: String, options: Vec<String> },
    #[n(1)]
    Vote { poll: EventId, option: u32 },
    #[n(2)]
    End { poll: EventId },
}

/// A poll; its name is the event that created it.
#[derive(Clone, Debug, PartialEq, Eq, Codec)]
struct Poll {
    creator: Person,
    question: String,
    options: Vec<String>,
    open: bool,
}

const POLLS: Map<EventId, Poll> = Map::new("polls");
/// The open poll, or the one that ended last.
const CURRENT: Cell<EventId> = Cell::new("current");
/// The ended ones, in order.
const ENDED: List<EventId> = List::new("ended");
const VOTES: Map<(EventId, Person), u32> = Map::new("votes");
/// How many votes each option has.
const TALLY: Map<(EventId, u32), u64> = Map::new("tally");

const RUNNING: Reject = Reject::new(1, "another poll is open; it has to end first");
const QUESTION: Reject = Reject::new(2, "a question is 1 to 200 characters");
const OPTIONS: Reject =
    Reject::new(3, "a poll has 2 to 16 options, all different, each of 1 to 100 characters");
const NO_POLL: Reject = Reject::new(4, "there is no such poll");
const CLOSED: Reject = Reject::new(5, "the poll has ended");
const NO_OPTION: Reject = Reject::new(6, "the poll has no such option");
const NOT_CREATOR: Reject = Reject::new(7, "only who created the poll can end it");

/// Folds what happened into the state.
pub fn apply(cx: &mut impl ApplyContext, change: Change) -> Result<(), Reject> {
    match change {
        Change::Create { question, options } => create(cx, question, options),
        Change::Vote { poll, option } => vote(cx, poll, option),
        Change::End { poll } => end(cx, poll),
    }
}

fn create(
    cx: &mut impl ApplyContext,
    question: String,
    options: Vec<String>,
) -> Result<(), Reject> {
    check(&question, &options)?;
    require(current(cx).is_none_or(|(_, poll)| !poll.open), RUNNING)?;
    let poll = Poll { creator: cx.person(), question, options, open: true };
    let id = cx.event_id();
    POLLS.set(cx, &id, &poll);
    CURRENT.set(cx, &id);
    Ok(())
}

fn vote(cx: &mut impl ApplyContext, id: EventId, option: u32) -> Result<(), Reject> {
    let poll = POLLS.get(cx, &id).ok_or(NO_POLL)?;
    require(poll.open, CLOSED)?;
    require((option as usize) < poll.options.len(), NO_OPTION)?;
    let voter = (id, cx.person());
    if let Some(before) = VOTES.get(cx, &voter) {
        let fewer = votes(cx, id, before).saturating_sub(1);
        TALLY.set(cx, &(id, before), &fewer);
    }
    VOTES.set(cx, &voter, &option);
    let more = votes(cx, id, option) + 1;
    TALLY.set(cx, &(id, option), &more);
    Ok(())
}

fn end(cx: &mut impl ApplyContext, id: EventId) -> Result<(), Reject> {
    let mut poll = POLLS.get(cx, &id).ok_or(NO_POLL)?;
    require(poll.open, CLOSED)?;
    require(poll.creator == cx.person(), NOT_CREATOR)?;
    poll.open = false;
    POLLS.set(cx, &id, &poll);
    ENDED.push(cx, &id);
    Ok(())
}

/// What a poll's texts have to hold, in `propose` as in `apply`.
fn check(question: &str, options: &[String]) -> Result<(), Reject> {
    let fits = |text: &str, most| !text.trim().is_empty() && text.chars().count() <= most;
    require(fits(question, 200), QUESTION)?;
    let different = options.iter().enumerate().all(|(i, option)| !options[..i].contains(option));
    let fit = options.iter().all(|option| fits(option, 100));
    require((2..=16).contains(&options.len()) && different && fit, OPTIONS)
}

fn current(cx: &impl ReadState) -> Option<(EventId, Poll)> {
    let id = CURRENT.get(cx)?;
    Some((id, POLLS.get(cx, &id)?))
}

fn votes(cx: &impl ReadState, poll: EventId, option: u32) -> u64 {
    TALLY.get(cx, &(poll, option)).unwrap_or(0)
}
