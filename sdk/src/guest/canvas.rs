//! `canvas`.

use std::any::Any;
use std::cell::RefCell;

use super::kernel::canvas as wit;
use super::propose::Tip;
use crate::canvas::{
    Align, Area, Canvas, Command, Input, Key, Paint, Phase, Point, Pointer, Room, Step, Tint,
    Transform,
};

thread_local! {
    /// What the app remembers from call to call: an instance has one thread.
    static MEMORY: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// Draws, with what is remembered from the last call.
pub fn draw<M: Default + 'static>(rules: impl FnOnce(&Tip, &mut M, &mut Canvas)) {
    let mut canvas =
        Canvas::over(|| wit::input().into_iter().map(input).collect(), |w| wit::act(w));
    MEMORY.with_borrow_mut(|memory| {
        let memory = memory.get_or_insert_with(|| Box::new(M::default()));
        if let Some(memory) = memory.downcast_mut() {
            rules(&Tip(()), memory, &mut canvas);
        }
    });
    let (subject, commands) = canvas.into_parts();
    if let Some(subject) = subject {
        let size = wit::Size { width: subject.width, height: subject.height };
        wit::show(&subject.name, &subject.text, size);
        wit::draw(&commands.into_iter().map(command).collect::<Vec<_>>());
    }
}

fn command(command: Command) -> wit::Command {
    match command {
        Command::Clear(of) => wit::Command::Clear(paint(of)),
        Command::FillArea(over, of) => {
            wit::Command::FillArea(wit::FillArea { area: area(over), paint: paint(of) })
        }
        Command::StrokeArea(over, of, width) => {
            wit::Command::StrokeArea(wit::StrokeArea { area: area(over), paint: paint(of), width })
        }
        Command::FillPath(along, of) => {
            wit::Command::FillPath(wit::FillPath { paint: paint(of), steps: steps(along) })
        }
        Command::StrokePath(along, of, width) => {
            let (paint, steps) = (paint(of), steps(along));
            wit::Command::StrokePath(wit::StrokePath { paint, width, steps })
        }
        Command::Text { at, size, align, paint: of, text } => {
            let align = match align {
                Align::Start => wit::Align::Start,
                Align::Centre => wit::Align::Centre,
                Align::End => wit::Align::End,
            };
            wit::Command::Text(wit::Text { at: point(at), size, align, paint: paint(of), text })
        }
        Command::Image { area: over, columns, pixels } => {
            wit::Command::Image(wit::Image { area: area(over), columns, pixels })
        }
        Command::Transform(Transform { xx, xy, yx, yy, dx, dy }) => {
            wit::Command::Transform(wit::Transform { xx, xy, yx, yy, dx, dy })
        }
    }
}

fn steps(steps: Vec<Step>) -> Vec<wit::Step> {
    let step = |step| match step {
        Step::Move(to) => wit::Step::Move(point(to)),
        Step::Line(to) => wit::Step::Line(point(to)),
        Step::Curve { first, second, to } => {
            let (first, second, to) = (point(first), point(second), point(to));
            wit::Step::Curve(wit::Curve { first, second, to })
        }
        Step::Close => wit::Step::Close,
    };
    steps.into_iter().map(step).collect()
}

fn point(Point { x, y }: Point) -> wit::Point {
    wit::Point { x, y }
}

fn area(Area { x, y, width, height }: Area) -> wit::Area {
    wit::Area { at: wit::Point { x, y }, size: wit::Size { width, height } }
}

fn paint(paint: Paint) -> wit::Paint {
    let tint = match paint {
        Paint::Rgba(rgba) => return wit::Paint::Rgba(rgba),
        Paint::Tint(tint) => tint,
    };
    wit::Paint::Tint(match tint {
        Tint::Ground => wit::Tint::Ground,
        Tint::Text => wit::Tint::Text,
        Tint::Muted => wit::Tint::Muted,
        Tint::Accent => wit::Tint::Accent,
        Tint::Good => wit::Tint::Good,
        Tint::Warning => wit::Tint::Warning,
        Tint::Bad => wit::Tint::Bad,
    })
}

fn input(input: wit::Gesture) -> Input {
    match input {
        wit::Gesture::Pointer(wit::Pointer { phase, at, buttons, modifiers }) => {
            let phase = match phase {
                wit::Phase::Down => Phase::Down,
                wit::Phase::Move => Phase::Move,
                wit::Phase::Up => Phase::Up,
                wit::Phase::Cancel => Phase::Cancel,
            };
            let at = Point { x: at.x, y: at.y };
            Input::Pointer(Pointer { phase, at, buttons, modifiers })
        }
        wit::Gesture::Key(wit::Key { down, name, modifiers }) => {
            Input::Key(Key { down, name, modifiers })
        }
        wit::Gesture::Room(wit::Room { size, dark }) => {
            Input::Room(Room { width: size.width, height: size.height, dark })
        }
    }
}
