//! The sheet as a picture for elsewhere: as SVG, on the user's clipboard.

use myrhiza_sdk::prelude::*;

use crate::draw::ink;
use crate::{COUNT, HEIGHT, SHEET, Stroke, WIDTH};

/// How wide a stroke is.
pub(crate) const WIDTH_OF_STROKE: u16 = 8;
/// What the first colour is where there is no shell to choose by its user's liking.
const INK_OF_PAPER: u32 = 0x1f2328;

/// The words of the button.
pub(crate) const COPY: &str = "copy";
/// What became of the last copy, on this device.
const CAME: Kept<String> = Kept::new("came");

/// Offers it, and says what became of it.
pub(crate) fn offer(cx: &impl ViewContext, view: &mut View) {
    view.button_if(COUNT.get_or_default(cx) > 0, "Copy as SVG", [COPY]);
    if let Some(came) = CAME.get(cx) {
        view.message(Tone::Muted, came);
    }
}

/// Takes what the user pressed.
pub fn press(cx: &impl ActContext, words: &[String]) {
    if words != [COPY] {
        return cx.propose(words);
    }
    match cx.copy(&picture(cx)) {
        Ok(_) => CAME.remove(cx),
        Err(NotAsked::Argument) => say(cx, "The sheet is too full for the clipboard."),
        Err(_) => say(cx, "Answer what is asked already."),
    }
}

/// Takes what became of it.
pub fn complete(cx: &impl ActContext, _: Token, answer: Answer) {
    match answer {
        Answer::Done => say(cx, "The picture is on the clipboard."),
        Answer::Unavailable(why) => say(cx, &why),
        _ => {}
    }
}

/// That nothing more can be kept is no reason to fail.
fn say(cx: &impl ActContext, words: &str) {
    CAME.set(cx, &words.to_owned()).ok();
}

fn picture(cx: &impl ViewContext) -> String {
    let mut svg = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ");
    svg += &[&WIDTH.to_string(), " ", &HEIGHT.to_string()].concat();
    svg += "\" fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\" stroke-width=\"";
    svg += &WIDTH_OF_STROKE.to_string();
    svg += "\">\n";
    for (_, stroke) in SHEET.iter(cx) {
        line(&mut svg, &stroke);
    }
    svg + "</svg>\n"
}

/// A line without a length shows as a dot, its ends being round.
fn line(svg: &mut String, Stroke { colour, path, .. }: &Stroke) {
    *svg += "<path stroke=\"#";
    let rgb = ink(*colour).unwrap_or(INK_OF_PAPER);
    svg.extend(
        (0..6_u32).rev().filter_map(|digit| char::from_digit((rgb >> (4 * digit)) & 0xf, 16)),
    );
    *svg += "\" d=\"M";
    let (places, _) = path.as_chunks::<2>();
    for (number, [x, y]) in places.iter().enumerate() {
        *svg += if number == 0 { "" } else { "L" };
        *svg += &[&x.to_string(), " ", &y.to_string()].concat();
    }
    *svg += if places.len() == 1 { "h0\"/>\n" } else { "\"/>\n" };
}
