//! What the user sees.

use myrhiza_sdk::prelude::*;

use crate::{ENDED, POLLS, Poll, VOTES, Wish, current, votes};

/// How many of the ended polls are shown.
const EARLIER: u64 = 5;

/// Shows the current poll, what can be done, and how earlier ones ended.
pub fn view(cx: &impl ViewContext, view: &mut View) {
    match current(cx) {
        Some((id, poll)) => view.panel(poll.question.clone(), |panel| show(cx, panel, id, &poll)),
        None => view.text("Nobody has asked anything yet."),
    }
    if current(cx).is_none_or(|(_, poll)| !poll.open) {
        view.form("Ask", ["create"], |form| {
            form.input("Question", "");
            form.input("Option", "");
            form.input("Another option", "");
        });
    }
    let earlier = ENDED.len(cx).saturating_sub(EARLIER);
    if !ENDED.is_empty(cx) {
        view.panel("Ended polls", |panel| {
            let polls = ENDED.iter_from(cx, earlier).filter_map(|id| {
                let poll = POLLS.get(cx, &id)?;
                let leading = leading(cx, id, &poll);
                Some([poll.question, leading])
            });
            panel.table(["Question", "Answer"], polls);
        });
    }
}

fn show(cx: &impl ViewContext, panel: &mut View, id: EventId, poll: &Poll) {
    let own = VOTES.get(cx, &(id, cx.viewer()));
    let options = (0..).zip(&poll.options);
    panel.table(
        ["Number", "Option", "Votes"],
        options
            .clone()
            .map(|(i, text)| [i.to_string(), text.clone(), votes(cx, id, i).to_string()]),
    );
    if let Some(text) = own.and_then(|own| poll.options.get(own as usize)) {
        panel.text(["You voted for “", text, "”."].concat());
    }
    if poll.open {
        panel.menu("Vote", |menu| {
            for (index, text) in options {
                menu.button_if(own != Some(index), text, Wish::Vote { index });
            }
        });
        panel.button_if(cx.viewer() == poll.creator, "End the poll", Wish::End);
    } else {
        panel.message(Tone::Muted, "This poll has ended.");
    }
}

/// The options with the most votes.
fn leading(cx: &impl ReadState, id: EventId, poll: &Poll) -> String {
    let count = |i| votes(cx, id, i);
    let options = (0..).zip(&poll.options);
    match options.clone().map(|(i, _)| count(i)).max() {
        None | Some(0) => "nobody voted".into(),
        Some(most) => {
            let first = options.filter(|(i, _)| count(*i) == most).map(|(_, text)| text.as_str());
            first.collect::<Vec<_>>().join(", ")
        }
    }
}
