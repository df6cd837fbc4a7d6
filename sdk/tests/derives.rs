//! What the derives promise of bytes and words.
#![allow(clippy::unwrap_used)]

use myrhiza_sdk::codec::Malformed;
use myrhiza_sdk::event::{MALFORMED, UNKNOWN};
use myrhiza_sdk::prelude::*;
use myrhiza_sdk::view::Offer;

#[derive(Clone, Debug, PartialEq, Codec)]
struct Card {
    title: String,
    size: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Codec)]
enum Place {
    #[n(3)]
    Nowhere,
    #[n(1)]
    Column { name: String, row: u32 },
}

#[derive(Clone, Debug, PartialEq, Event)]
enum Happens {
    #[n(7)]
    Add(Card),
    #[n(2)]
    Move { card: u64, to: Place },
    #[n(0)]
    Clear,
}

#[derive(Clone, Debug, PartialEq, Intent)]
enum Wish {
    AddCard { title: String, labels: Vec<String> },
    Shift(u64, i16),
    Clear,
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(String::from).collect()
}

fn refusal(text: &str) -> String {
    Wish::parse(&words(text)).unwrap_err().0
}

#[test]
fn structs_and_enums_are_arrays_of_fixed_positions() {
    let card = Card { title: "a".into(), size: Some(5) };
    assert_eq!(card.to_bytes(), [0x82, 0x61, b'a', 0x81, 5]);
    assert_eq!(Card::from_bytes(&card.to_bytes()), Ok(card));
    assert_eq!(Place::Nowhere.to_bytes(), [0x81, 3]);
    let column = Place::Column { name: "b".into(), row: 9 };
    assert_eq!(column.to_bytes(), [0x83, 1, 0x61, b'b', 9]);
    assert_eq!(Place::from_bytes(&column.to_bytes()), Ok(column));
}

#[test]
fn an_unknown_number_or_a_wrong_length_is_malformed() {
    for bytes in [&[0x81, 0][..], &[0x82, 3, 0], &[0x81, 1], &[0x80], &[0x81, 3, 0]] {
        assert_eq!(Place::from_bytes(bytes), Err(Malformed), "{bytes:?}");
    }
}

#[test]
fn an_event_is_its_number_and_its_fields() {
    let events = [
        (Happens::Clear, 0, vec![0x80]),
        (Happens::Move { card: 1, to: Place::Nowhere }, 2, vec![0x82, 1, 0x81, 3]),
        (Happens::Add(Card { title: String::new(), size: None }), 7, vec![0x81, 0x82, 0x60, 0x80]),
    ];
    for (event, variant, payload) in events {
        assert_eq!(event.to_event(), (variant, payload.clone()));
        assert_eq!(Happens::from_event(variant, &payload), Ok(event));
    }
}

#[test]
fn an_event_nobody_can_have_meant_is_rejected() {
    assert_eq!(Happens::from_event(1, &[0x80]), Err(UNKNOWN));
    assert_eq!(Happens::from_event(0, &[0x80, 0]), Err(MALFORMED));
    assert_eq!(Happens::from_event(0, &[]), Err(MALFORMED));
    assert_eq!(Happens::from_event(2, &[0x80]), Err(MALFORMED));
}

#[test]
fn words_are_read_and_written_alike() {
    for text in ["add-card milk", "add-card milk dairy cold", "shift 3 -4", "clear"] {
        let wish = Wish::parse(&words(text)).unwrap();
        assert_eq!(wish.to_words(), words(text));
        assert_eq!(Offer::from(wish).0, words(text));
    }
}

#[test]
fn a_refusal_says_what_to_write() {
    assert_eq!(refusal("shift 3"), "N is missing; write: shift N N");
    assert_eq!(refusal("add-card"), "TITLE is missing; write: add-card TITLE LABELS..");
    assert_eq!(
        refusal("shift 3 70000"),
        "N is a whole number from -32768 to 32767, not `70000`; write: shift N N"
    );
    assert_eq!(refusal("clear all"), "`all` is too much; write: clear");
    let choices = "what can be asked for: add-card TITLE LABELS.., shift N N, clear; and what the view \
                   shows";
    assert_eq!(refusal("drop"), format!("there is no `drop`; {choices}"));
    assert_eq!(refusal(""), format!("nothing is asked for; {choices}"));
}
