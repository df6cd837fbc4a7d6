//! The interface `canvas`, which has more types than all others.

use super::world::{Shape, texts};

texts! {
    point = ["record { x: s32, y: s32 }"];
    size = ["record { width: u32, height: u32 }"];
    area = ["record { at: ", point!(), ", size: ", size!(), " }"];
    tint = ["enum { ground, text, muted, accent, good, warning, bad }"];
    paint = ["variant { tint(", tint!(), "), rgba(u32) }"];
    curve = ["record { first: ", point!(), ", second: ", point!(), ", to: ", point!(), " }"];
    step = ["variant { move(", point!(), "), line(", point!(), "), curve(", curve!(), "), close }"];
    fill_area = ["record { area: ", area!(), ", paint: ", paint!(), " }"];
    stroke_area = ["record { area: ", area!(), ", paint: ", paint!(), ", width: u32 }"];
    fill_path = ["record { paint: ", paint!(), ", steps: list<", step!(), "> }"];
    stroke_path = ["record { paint: ", paint!(), ", width: u32, steps: list<", step!(), "> }"];
    align = ["enum { start, centre, end }"];
    text = [
        "record { at: ", point!(), ", size: u32, align: ", align!(), ", paint: ", paint!(),
        ", text: string }"
    ];
    image = ["record { area: ", area!(), ", columns: u32, pixels: list<u8> }"];
    transform = ["record { xx: s32, xy: s32, yx: s32, yy: s32, dx: s32, dy: s32 }"];
    command = [
        "variant { clear(", paint!(), "), fill-area(", fill_area!(), "), stroke-area(",
        stroke_area!(), "), fill-path(", fill_path!(), "), stroke-path(", stroke_path!(),
        "), text(", text!(), "), image(", image!(), "), transform(", transform!(), ") }"
    ];
    phase = ["enum { down, move, up, cancel }"];
    pointer = ["record { phase: ", phase!(), ", at: ", point!(), ", buttons: u32, modifiers: u32 }"];
    key = ["record { down: bool, name: string, modifiers: u32 }"];
    room = ["record { size: ", size!(), ", dark: bool }"];
    gesture = ["variant { pointer(", pointer!(), "), key(", key!(), "), room(", room!(), ") }"];
}

pub(super) const CANVAS: Shape = Shape {
    name: "canvas",
    functions: &[
        ("show", concat!("func(name: string, text: string, size: ", size!(), ")")),
        ("draw", concat!("func(commands: list<", command!(), ">)")),
        ("input", concat!("func() -> list<", gesture!(), ">")),
        ("act", "func(intent: list<string>) -> bool"),
    ],
    types: &[
        ("point", point!()),
        ("size", size!()),
        ("area", area!()),
        ("tint", tint!()),
        ("paint", paint!()),
        ("curve", curve!()),
        ("step", step!()),
        ("fill-area", fill_area!()),
        ("stroke-area", stroke_area!()),
        ("fill-path", fill_path!()),
        ("stroke-path", stroke_path!()),
        ("align", align!()),
        ("text", text!()),
        ("image", image!()),
        ("transform", transform!()),
        ("command", command!()),
        ("phase", phase!()),
        ("pointer", pointer!()),
        ("key", key!()),
        ("room", room!()),
        ("gesture", gesture!()),
    ],
};
