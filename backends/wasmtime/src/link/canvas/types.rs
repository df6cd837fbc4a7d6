//! The types of `canvas`, as they are passed.

use myrhiza_kernel_api::canvas;
use wasmtime::component::{ComponentType, Lift, Lower, WasmList, WasmStr};

#[derive(Clone, Copy, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct Point {
    pub(super) x: i32,
    pub(super) y: i32,
}

impl From<Point> for canvas::Point {
    fn from(Point { x, y }: Point) -> Self {
        Self { x, y }
    }
}

#[derive(Clone, Copy, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl From<Size> for canvas::Size {
    fn from(Size { width, height }: Size) -> Self {
        Self { width, height }
    }
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(record)]
pub(super) struct Area {
    pub(super) at: Point,
    pub(super) size: Size,
}

impl From<Area> for canvas::Area {
    fn from(Area { at, size }: Area) -> Self {
        Self { at: at.into(), size: size.into() }
    }
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "lifting makes them")]
pub(super) enum Tint {
    #[component(name = "ground")]
    Ground,
    #[component(name = "text")]
    Text,
    #[component(name = "muted")]
    Muted,
    #[component(name = "accent")]
    Accent,
    #[component(name = "good")]
    Good,
    #[component(name = "warning")]
    Warning,
    #[component(name = "bad")]
    Bad,
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(variant)]
pub(super) enum Paint {
    #[component(name = "tint")]
    Tint(Tint),
    #[component(name = "rgba")]
    Rgba(u32),
}

impl From<Paint> for canvas::Paint {
    fn from(paint: Paint) -> Self {
        let tint = match paint {
            Paint::Rgba(rgba) => return Self::Rgba(rgba),
            Paint::Tint(tint) => tint,
        };
        Self::Tint(match tint {
            Tint::Ground => canvas::Tint::Ground,
            Tint::Text => canvas::Tint::Text,
            Tint::Muted => canvas::Tint::Muted,
            Tint::Accent => canvas::Tint::Accent,
            Tint::Good => canvas::Tint::Good,
            Tint::Warning => canvas::Tint::Warning,
            Tint::Bad => canvas::Tint::Bad,
        })
    }
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(record)]
pub(super) struct Curve {
    pub(super) first: Point,
    pub(super) second: Point,
    pub(super) to: Point,
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(variant)]
pub(super) enum Step {
    #[component(name = "move")]
    Move(Point),
    #[component(name = "line")]
    Line(Point),
    #[component(name = "curve")]
    Curve(Curve),
    #[component(name = "close")]
    Close,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct FillArea {
    pub(super) area: Area,
    pub(super) paint: Paint,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct StrokeArea {
    pub(super) area: Area,
    pub(super) paint: Paint,
    pub(super) width: u32,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct FillPath {
    pub(super) paint: Paint,
    pub(super) steps: WasmList<Step>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct StrokePath {
    pub(super) paint: Paint,
    pub(super) width: u32,
    pub(super) steps: WasmList<Step>,
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "lifting makes them")]
pub(super) enum Align {
    #[component(name = "start")]
    Start,
    #[component(name = "centre")]
    Centre,
    #[component(name = "end")]
    End,
}

impl From<Align> for canvas::Align {
    fn from(align: Align) -> Self {
        match align {
            Align::Start => Self::Start,
            Align::Centre => Self::Centre,
            Align::End => Self::End,
        }
    }
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Text {
    pub(super) at: Point,
    pub(super) size: u32,
    pub(super) align: Align,
    pub(super) paint: Paint,
    pub(super) text: WasmStr,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Image {
    pub(super) area: Area,
    pub(super) columns: u32,
    pub(super) pixels: WasmList<u8>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Transform {
    pub(super) xx: i32,
    pub(super) xy: i32,
    pub(super) yx: i32,
    pub(super) yy: i32,
    pub(super) dx: i32,
    pub(super) dy: i32,
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub(super) enum Command {
    #[component(name = "clear")]
    Clear(Paint),
    #[component(name = "fill-area")]
    FillArea(FillArea),
    #[component(name = "stroke-area")]
    StrokeArea(StrokeArea),
    #[component(name = "fill-path")]
    FillPath(FillPath),
    #[component(name = "stroke-path")]
    StrokePath(StrokePath),
    #[component(name = "text")]
    Text(Text),
    #[component(name = "image")]
    Image(Image),
    #[component(name = "transform")]
    Transform(Transform),
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub(super) enum Phase {
    #[component(name = "down")]
    Down,
    #[component(name = "move")]
    Move,
    #[component(name = "up")]
    Up,
    #[component(name = "cancel")]
    Cancel,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(super) struct Pointer {
    pub(super) phase: Phase,
    pub(super) at: Point,
    pub(super) buttons: u32,
    pub(super) modifiers: u32,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(super) struct Key {
    pub(super) down: bool,
    pub(super) name: String,
    pub(super) modifiers: u32,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(super) struct Room {
    pub(super) size: Size,
    pub(super) dark: bool,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
pub(super) enum Input {
    #[component(name = "pointer")]
    Pointer(Pointer),
    #[component(name = "key")]
    Key(Key),
    #[component(name = "room")]
    Room(Room),
}
