//! What a hand does, and what is drawn of it.

use myrhiza_sdk::canvas::{Command, Key, Pointer};
use myrhiza_sdk::testing::{Asked, Outcome, Topic};

use super::*;

fn topic() -> Topic<Change, Change> {
    Topic::new(["ann", "bob"], apply, propose, view)
}

fn pointer(phase: Phase, x: i32, y: i32) -> Input {
    let at = Point { x, y };
    Input::Pointer(Pointer { phase, at, buttons: 1, modifiers: 0 })
}

fn key(name: &str) -> Input {
    Input::Key(Key { down: true, name: name.into(), modifiers: 0 })
}

/// What is drawn for someone who does that; what they propose is done.
fn does<I>(topic: &mut Topic<Change, Change>, who: &str, hand: &mut Hand, input: I) -> Vec<Command>
where
    I: IntoIterator<Item = Input>,
{
    let mut canvas = Canvas::given(input);
    draw(&topic.host(who), hand, &mut canvas);
    for intent in canvas.intents() {
        assert_eq!(topic.ask(who, intent.iter().cloned()), Outcome::Accepted, "{intent:?}");
    }
    assert!(canvas.subject().is_some());
    canvas.commands().to_vec()
}

fn lines(commands: &[Command]) -> usize {
    commands.iter().filter(|command| matches!(command, Command::StrokePath(..))).count()
}

#[test]
fn a_drag_is_a_stroke_and_everyone_sees_it() {
    let (mut topic, mut hand) = (topic(), Hand::default());
    let down = [pointer(Phase::Down, 400, 300), pointer(Phase::Move, 500, 350)];
    assert_eq!(lines(&does(&mut topic, "ann", &mut hand, down)), 1, "it is seen while it is made");
    let up = [pointer(Phase::Move, 501, 351), pointer(Phase::Up, 9000, -4)];
    does(&mut topic, "ann", &mut hand, up);
    let stroke = SHEET.get(&topic.host("ann"), &0).map(|stroke| (stroke.colour, stroke.path));
    assert_eq!(stroke, Some((0, vec![400, 300, 500, 350, 1200, 0])), "near places are left out");
    assert_eq!(lines(&does(&mut topic, "ann", &mut hand, [])), 1, "once");
    topic.sync();
    assert_eq!(lines(&does(&mut topic, "bob", &mut Hand::default(), [])), 1);
    assert_eq!(topic.texts("bob")[0], "1 stroke, 0 of them yours");
}

#[test]
fn what_the_system_takes_away_or_began_elsewhere_is_no_stroke() {
    let (mut topic, mut hand) = (topic(), Hand::default());
    let taken = [pointer(Phase::Down, 400, 300), pointer(Phase::Cancel, 0, 0)];
    let elsewhere = [pointer(Phase::Move, 600, 300), pointer(Phase::Up, 700, 300)];
    does(&mut topic, "ann", &mut hand, taken.into_iter().chain(elsewhere));
    assert_eq!(COUNT.get(&topic.host("ann")), None);
}

#[test]
fn colours_are_chosen_on_the_sheet_or_by_digits_and_keys_draw() {
    let (mut topic, mut hand) = (topic(), Hand::default());
    let chosen = [pointer(Phase::Down, 320, 60), pointer(Phase::Up, 320, 60)];
    does(&mut topic, "ann", &mut hand, chosen);
    assert_eq!((hand.colour, COUNT.get(&topic.host("ann"))), (3, None));
    let keys = [" ", "ArrowRight", "ArrowDown", "9", "5", " "].map(key);
    does(&mut topic, "ann", &mut hand, keys);
    let stroke = SHEET.get(&topic.host("ann"), &0).map(|stroke| (stroke.colour, stroke.path));
    assert_eq!(stroke, Some((4, vec![600, 375, 625, 375, 625, 400])));
}

/// As WCAG has it.
fn contrast(one: u32, other: u32) -> f64 {
    let light = |rgb: u32| {
        let part = |shift: u32| {
            let part = f64::from((rgb >> shift) & 0xff) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0) + 0.05
    };
    let (one, other) = (light(one), light(other));
    one.max(other) / one.min(other)
}

#[test]
fn colours_are_told_apart_on_a_light_and_on_a_dark_ground() {
    let inks: Vec<u32> = (1..COLOURS).filter_map(super::draw::ink).collect();
    assert_eq!((inks.len() + 1, super::draw::ink(0)), (usize::from(COLOURS), None));
    for (number, ink) in inks.iter().enumerate() {
        for ground in [0xf7f8f6, 0x121614, 0xffffff] {
            assert!(contrast(*ink, ground) >= 3.0, "{ink:06x} on {ground:06x}");
        }
        for other in &inks[..number] {
            let part = |shift: u32| ((ink >> shift) & 0xff).abs_diff((other >> shift) & 0xff);
            assert!(part(16) + part(8) + part(0) > 100, "{ink:06x} and {other:06x}");
        }
    }
}

#[test]
fn a_long_drag_keeps_both_ends_and_no_more_places_than_a_stroke_has() {
    let (mut topic, mut hand) = (topic(), Hand::default());
    let moves = (0..2000).map(|n| pointer(Phase::Move, n % 1200, 200 + (n * 7) % 500));
    let drag = [pointer(Phase::Down, 1, 700)].into_iter().chain(moves);
    does(&mut topic, "ann", &mut hand, drag.chain([pointer(Phase::Up, 1100, 740)]));
    let path = SHEET.get(&topic.host("ann"), &0).map(|stroke| stroke.path).unwrap_or_default();
    assert!((2..=2 * PLACES).contains(&path.len()), "{}", path.len());
    assert_eq!((&path[..2], &path[path.len() - 2..]), (&[1, 700][..], &[1100, 740][..]));
}

#[test]
fn a_full_sheet_of_full_strokes_is_one_drawing() {
    let mut topic = topic();
    let path: Vec<u16> = (0..PLACES as u16).flat_map(|n| [n * 18, n * 11]).collect();
    let mut host = topic.host("ann");
    let (person, colour) = (host.viewer(), 1);
    // Without folding the history anew for each.
    for number in 0..STROKES {
        SHEET.set(&mut host, &number, &Stroke { person, colour, path: path.clone() });
    }
    let mut canvas = Canvas::given([]);
    draw(&host, &mut Hand::default(), &mut canvas);
    let bytes: usize = canvas
        .commands()
        .iter()
        .map(|command| match command {
            Command::StrokePath(steps, ..) | Command::FillPath(steps, _) => 36 + 28 * steps.len(),
            _ => 36,
        })
        .sum();
    assert!(bytes <= 1 << 20 && lines(canvas.commands()) as u64 == STROKES, "{bytes} bytes");
    let words = ["stroke".into(), "1".into()].into_iter().chain(path.iter().map(u16::to_string));
    assert_eq!(topic.ask("ann", words.collect::<Vec<String>>()), Outcome::Accepted);
}

#[test]
fn the_sheet_is_copied_as_svg_and_all_else_that_is_pressed_is_proposed() {
    let mut topic = topic();
    for words in ["stroke 0 10 10 20 20 30 10", "stroke 4 600 375"] {
        topic.ask("ann", words.split(' ').map(String::from).collect::<Vec<_>>());
    }
    let host = topic.host("ann");
    press(&host, &["copy".into()]);
    let asked = host.asked();
    let [(token, Asked::Copy(svg))] = &asked[..] else { panic!("{asked:?}") };
    assert!(svg.contains("<path stroke=\"#1f2328\" d=\"M10 10L20 20L30 10\"/>"), "{svg}");
    assert!(svg.contains("<path stroke=\"#c42b2b\" d=\"M600 375h0\"/>"), "{svg}");
    assert_eq!(super::draw::ink(4), Some(0xc42b2b), "as it is on the sheet");
    complete(&host, *token, Answer::Done);
    let mut view = View::default();
    super::view(&host, &mut view);
    let shown = format!("{:?}", view.into_nodes());
    assert!(shown.contains("on the clipboard"), "{shown}");
    press(&host, &["undo".into()]);
    assert_eq!(host.proposed(), Some(vec!["undo".into()]));
}
