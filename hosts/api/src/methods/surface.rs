//! An app's surface: what is drawn on it, and what was done there.

use myrhiza_kernel_api::canvas::{
    self, Align, Area, Command, Paint, Phase, Point, Size, Step, Tint,
};
use myrhiza_kernel_api::{TopicId, limits};
use serde::{Deserialize, Serialize};

use super::view::{failed, version};
use crate::words::hex;
use crate::{Answer, Desk, Error};

/// Something that was done on a surface.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the kernel's inputs")]
pub enum Input {
    /// Something was pointed at: `down`, `move`, `up` or `cancel`.
    Pointer { phase: PointerPhase, x: i32, y: i32, buttons: u32, modifiers: u32 },
    /// A key.
    Key { down: bool, name: String, modifiers: u32 },
    /// The room there is.
    Room { width: u32, height: u32, dark: bool },
}

/// What a pointer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PointerPhase {
    Down,
    Move,
    Up,
    Cancel,
}

/// A surface, or that there is none, or that it is as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    topic: String,
    /// Equal as long as the surface is.
    version: String,
    /// Null where there is none, and where it is the version that was known.
    surface: Option<Surface>,
    /// What is to be done by `press`, in this order: what the app made of the input.
    intents: Vec<Vec<String>>,
}

/// A surface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Surface {
    name: String,
    text: String,
    width: u32,
    height: u32,
    /// Whether the app wants to hear of what is done there.
    listens: bool,
    commands: Vec<Drawn>,
}

/// A colour: the name of one of the page's, or `#` and red, green, blue and opacity in hex.
type Colour = String;

/// A command. Areas are `[x, y, width, height]`. A path is flat: each step is 0 (move) or 1 (line) and
/// a place, 2 (curve) and three places, or 3 (close).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Drawn {
    Clear {
        paint: Colour,
    },
    FillArea {
        area: [i64; 4],
        paint: Colour,
    },
    StrokeArea {
        area: [i64; 4],
        paint: Colour,
        width: u32,
    },
    FillPath {
        path: Vec<i32>,
        paint: Colour,
    },
    StrokePath {
        path: Vec<i32>,
        paint: Colour,
        width: u32,
    },
    Text {
        x: i32,
        y: i32,
        size: u32,
        align: &'static str,
        paint: Colour,
        text: String,
    },
    Image {
        area: [i64; 4],
        columns: u32,
        pixels: String,
    },
    Transform {
        matrix: [i32; 6],
    },
    /// Of a later version of this program.
    Other {},
}

pub(crate) fn answer(
    desk: &mut Desk<'_, '_>,
    topic: TopicId,
    known: Option<&str>,
    input: Vec<Input>,
) -> Result<Answer, Error> {
    let input = heard(input)?;
    let viewer = desk.person();
    let rendered = desk.seat.runtime.render(topic, viewer, input, desk.ambient).map_err(failed)?;
    let surface = rendered.surface.map(shown);
    let version = version(&surface);
    let surface = surface.filter(|_| known != Some(&*version));
    let (topic, intents) = (topic.to_string(), rendered.intents);
    Ok(Answer::Surface(Shown { topic, version, surface, intents }))
}

fn heard(input: Vec<Input>) -> Result<Vec<canvas::Input>, Error> {
    let long = |input: &Input| match input {
        Input::Key { name, .. } => name.len() > limits::CANVAS_NAME_BYTES,
        _ => false,
    };
    if input.len() > limits::CANVAS_INPUTS || input.iter().any(long) {
        let cause = format!(
            "more than {} inputs, or a key's name of more than {} bytes",
            limits::CANVAS_INPUTS,
            limits::CANVAS_NAME_BYTES
        );
        let next = "hand over less at once";
        return Err(Error::new("bad-request", "nothing was done on the surface", cause, next));
    }
    Ok(input.into_iter().map(Input::into_kernels).collect())
}

impl Input {
    fn into_kernels(self) -> canvas::Input {
        match self {
            Self::Pointer { phase, x, y, buttons, modifiers } => {
                let phase = match phase {
                    PointerPhase::Down => Phase::Down,
                    PointerPhase::Move => Phase::Move,
                    PointerPhase::Up => Phase::Up,
                    PointerPhase::Cancel => Phase::Cancel,
                };
                let at = Point { x, y };
                canvas::Input::Pointer(canvas::Pointer { phase, at, buttons, modifiers })
            }
            Self::Key { down, name, modifiers } => {
                canvas::Input::Key(canvas::Key { down, name, modifiers })
            }
            Self::Room { width, height, dark } => {
                canvas::Input::Room(canvas::Room { size: Size { width, height }, dark })
            }
        }
    }
}

fn shown(surface: canvas::Surface) -> Surface {
    let canvas::Surface { subject, drawing, listens } = surface;
    let canvas::Subject { name, text, size: Size { width, height } } = subject;
    let commands = drawing.commands.into_iter().map(drawn).collect();
    Surface { name, text, width, height, listens, commands }
}

fn drawn(command: Command) -> Drawn {
    match command {
        Command::Clear(paint) => Drawn::Clear { paint: colour(paint) },
        Command::FillArea { area, paint } => {
            Drawn::FillArea { area: sides(area), paint: colour(paint) }
        }
        Command::StrokeArea { area, paint, width } => {
            Drawn::StrokeArea { area: sides(area), paint: colour(paint), width }
        }
        Command::FillPath { paint, steps } => {
            Drawn::FillPath { path: path(&steps), paint: colour(paint) }
        }
        Command::StrokePath { paint, width, steps } => {
            Drawn::StrokePath { path: path(&steps), paint: colour(paint), width }
        }
        Command::Text(canvas::Text { at: Point { x, y }, size, align, paint, text }) => {
            let align = match align {
                Align::Start => "start",
                Align::Centre => "center",
                Align::End => "end",
            };
            Drawn::Text { x, y, size, align, paint: colour(paint), text }
        }
        Command::Image(canvas::Image { area, columns, pixels }) => {
            Drawn::Image { area: sides(area), columns, pixels: hex(&pixels) }
        }
        Command::Transform(canvas::Transform { xx, xy, yx, yy, dx, dy }) => {
            Drawn::Transform { matrix: [xx, xy, yx, yy, dx, dy] }
        }
        _ => Drawn::Other {},
    }
}

fn colour(paint: Paint) -> Colour {
    let tint = match paint {
        Paint::Rgba(rgba) => return format!("#{rgba:08x}"),
        Paint::Tint(tint) => tint,
    };
    match tint {
        Tint::Ground => "ground",
        Tint::Text => "text",
        Tint::Muted => "muted",
        Tint::Accent => "accent",
        Tint::Good => "good",
        Tint::Warning => "warning",
        Tint::Bad => "bad",
    }
    .into()
}

fn sides(Area { at, size }: Area) -> [i64; 4] {
    [at.x.into(), at.y.into(), size.width.into(), size.height.into()]
}

fn path(steps: &[Step]) -> Vec<i32> {
    let mut path = Vec::with_capacity(steps.len() * 3);
    for step in steps {
        let (number, places): (i32, &[Point]) = match step {
            Step::Move(to) => (0, std::slice::from_ref(to)),
            Step::Line(to) => (1, std::slice::from_ref(to)),
            Step::Curve(places) => (2, places),
            Step::Close => (3, &[]),
        };
        path.push(number);
        path.extend(places.iter().flat_map(|place| [place.x, place.y]));
    }
    path
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_surface_is_plain_json() {
        let at = Point { x: -1, y: 2 };
        let area = Area { at, size: Size { width: 3, height: u32::MAX } };
        let (ink, red) = (Paint::Tint(Tint::Text), Paint::Rgba(0xff00_0080));
        let steps =
            vec![Step::Move(at), Step::Line(Point::default()), Step::Curve([at; 3]), Step::Close];
        let text =
            canvas::Text { at, size: 9, align: Align::Centre, paint: ink, text: "é".into() };
        let image = canvas::Image { area, columns: 1, pixels: vec![1, 2, 3, 255] };
        let commands = vec![
            Command::Clear(ink),
            Command::FillArea { area, paint: red },
            Command::StrokePath { paint: red, width: 4, steps },
            Command::Text(text),
            Command::Image(image),
            Command::Transform(canvas::Transform { xx: 1, xy: 2, yx: 3, yy: 4, dx: 5, dy: 6 }),
        ];
        let size = Size { width: 10, height: 20 };
        let subject = canvas::Subject { name: "S".into(), text: "t".into(), size };
        let drawing = canvas::Drawing { commands };
        let shown = shown(canvas::Surface { subject, drawing, listens: true });
        let area = json!([-1, 2, 3, u32::MAX]);
        let expected = json!({
            "name": "S", "text": "t", "width": 10, "height": 20, "listens": true, "commands": [
                {"kind": "clear", "paint": "text"},
                {"kind": "fill-area", "area": area, "paint": "#ff000080"},
                {"kind": "stroke-path", "path": [0, -1, 2, 1, 0, 0, 2, -1, 2, -1, 2, -1, 2, 3],
                 "paint": "#ff000080", "width": 4},
                {"kind": "text", "x": -1, "y": 2, "size": 9, "align": "center", "paint": "text",
                 "text": "é"},
                {"kind": "image", "area": area, "columns": 1, "pixels": "010203ff"},
                {"kind": "transform", "matrix": [1, 2, 3, 4, 5, 6]},
            ],
        });
        assert_eq!(serde_json::to_value(shown).unwrap(), expected);
    }

    #[test]
    fn input_is_read_as_the_page_writes_it_and_no_more_than_is_heard() {
        let read = |value| serde_json::from_value::<Vec<Input>>(value);
        let input = json!([
            {"kind": "pointer", "phase": "down", "x": -3, "y": 4, "buttons": 1, "modifiers": 8},
            {"kind": "key", "down": true, "name": "a", "modifiers": 0},
            {"kind": "room", "width": 320, "height": 200, "dark": true},
        ]);
        let heard = heard(read(input).unwrap()).unwrap();
        assert_eq!(heard.iter().filter(|input| input.is_press()).count(), 2);
        let odd = json!([{"kind": "pointer", "phase": "hover", "x": 0, "y": 0, "buttons": 0, "modifiers": 0}]);
        assert!(read(odd).is_err());
        let key = |name: usize| Input::Key { down: true, name: "k".repeat(name), modifiers: 0 };
        assert!(super::heard(vec![key(limits::CANVAS_NAME_BYTES); limits::CANVAS_INPUTS]).is_ok());
        assert!(super::heard(vec![key(limits::CANVAS_NAME_BYTES + 1)]).is_err());
        assert!(super::heard(vec![key(1); limits::CANVAS_INPUTS + 1]).is_err());
    }
}
