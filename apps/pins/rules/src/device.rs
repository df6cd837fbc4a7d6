//! What the user sees and does, and what the app has of their device for it.

use myrhiza_sdk::prelude::*;

use crate::{Change, PINS};

/// The one site whose links are opened; the manifest declares it.
const SITE: &str = "https://example.org";
/// The public key of the server that tells of new pins, as an uncompressed point: the generator of
/// P-256, which is a point that everybody knows.
const SERVER: [u8; 65] = [
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40,
    0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2,
    0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e,
    0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51,
    0xf5,
];

/// What the user is called, on this device.
const NAME: Kept<String> = Kept::new("name");
/// What became of what was asked last.
const LAST: Kept<String> = Kept::new("last");
/// How much of the board is shown.
const SHORT: Kept<bool> = Kept::new("short");
/// Pins that are shown where little is.
const FEW: usize = 3;

/// Shows the board.
pub fn view(cx: &impl ViewContext, view: &mut View) {
    view.panel("Pins", |panel| {
        let pins: Vec<_> = PINS.iter(cx).map(|(_, pin)| pin).collect();
        let short = SHORT.get(cx) == Some(true);
        let from = if short { pins.len().saturating_sub(FEW) } else { 0 };
        for (by, text) in pins.into_iter().skip(from) {
            panel.panel(by, |pin| {
                pin.text(text.clone());
                pin.button("Copy", ["copy", text.as_str()]);
                pin.button_if(text.starts_with(SITE), "Open", ["open", text.as_str()]);
            });
        }
        panel.form("Pin", ["write"], |form| form.input("Text", ""));
        panel.button("Pin a file", ["file"]);
        panel.button_if(cx.viewer() == cx.founder(), "Clear", Change::Clear);
    });
    view.menu("This device", |menu| {
        menu.text(match NAME.get(cx) {
            Some(name) => ["You pin as ", name.as_str()].concat(),
            None => "You pin as somebody".into(),
        });
        menu.button("Change", ["name"]);
        menu.button("How much is shown", ["much"]);
        menu.button("Wake me", ["wake"]);
    });
    if let Some(last) = LAST.get(cx) {
        view.message(Tone::Muted, last);
    }
}

/// Takes what the user pressed.
pub fn press(cx: &impl ActContext, words: &[String]) {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let asked = match words[..] {
        ["write", text] => return pin(cx, text.into()),
        ["copy", text] => cx.copy(text),
        ["open", address] => cx.open(address),
        ["file"] => cx.pick("text/plain"),
        ["name"] => cx.ask("What are you called?", &NAME.get(cx).unwrap_or_default()),
        ["much"] => cx.choose("How much of the board is shown?", &["All of it", "The last few"]),
        ["wake"] => cx.subscribe(&SERVER),
        // What is not the component's own is proposed as it is.
        _ => return cx.propose(words.into_iter().map(String::from).collect::<Vec<_>>()),
    };
    if let Err(why) = asked {
        note(
            cx,
            match why {
                NotAsked::WouldBlock => "Answer what is asked already.",
                NotAsked::Unprompted => "Press something first.",
                NotAsked::Undeclared => "The board may not open that.",
                NotAsked::Argument => "That is too long.",
            },
        );
    }
}

/// Takes what became of what was asked.
pub fn complete(cx: &impl ActContext, _: Token, answer: Answer) {
    match answer {
        Answer::Declined => note(cx, "As you like."),
        Answer::Unavailable(why) => note(cx, &why),
        Answer::Done => note(cx, "Done."),
        Answer::Chosen(index) => kept(SHORT.set(cx, &(index == 1))),
        Answer::Text(name) => kept(NAME.set(cx, &name)),
        Answer::File { bytes, .. } => match String::from_utf8(bytes) {
            Ok(text) => pin(cx, text),
            Err(_) => note(cx, "That file holds no text."),
        },
        Answer::Subscribed(_) => note(cx, "You will be woken."),
    }
}

fn pin(cx: &impl ActContext, text: String) {
    let by = NAME.get(cx).filter(|name| !name.is_empty()).unwrap_or("somebody".into());
    cx.propose(Change::Pin { by, text });
}

/// Says something at the next view.
fn note(cx: &impl ActContext, words: &str) {
    kept(LAST.set(cx, &words.to_owned()));
}

/// That nothing more can be kept is no reason to fail: the board goes on with what was.
fn kept(_: Result<(), NotKept>) {}
