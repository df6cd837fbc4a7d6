//! `canvas`.

use myrhiza_kernel_api::canvas::{
    Align, Area, COMMAND_BYTES, Command, Drawing, Image, Input, Paint, Phase, Point, STEP_BYTES,
    Size, Step, Subject, Text, Tint, Transform,
};
use myrhiza_kernel_api::host::{HostStop, HostTrap, InteractionHost};
use myrhiza_kernel_api::limits::{CANVAS_BYTES, CANVAS_COMMANDS, HOST_WRITE_BYTES};
use myrhiza_kernel_api::ui::STRING_BYTES;

use super::super::frame::{Frame, Import, word};
use super::super::guest::{Guest, LIST, Layout, pair, word as word_at};
use super::super::stop::{Ends, Stop};
use crate::world::Function;

type Host = dyn InteractionHost;

/// A discriminant and the largest command.
const COMMAND: Layout = Layout { size: COMMAND_SIZE as u32, align: 4 };
const COMMAND_SIZE: usize = 36;
/// A discriminant and the largest step.
const STEP: Layout = Layout { size: STEP_SIZE as u32, align: 4 };
const STEP_SIZE: usize = 28;
/// A discriminant and the largest input.
const INPUT: Layout = Layout { size: 24, align: 4 };
/// Where what follows the discriminant lies in each of them.
const INSIDE: usize = 4;
const BYTE: Layout = Layout { size: 1, align: 1 };

pub(super) fn import(function: Function) -> Option<Import<Host>> {
    Some(match function {
        Function::CanvasShow => word::<Host>(|frame, [name, long, text, longer, width, height]| {
            let name = string(frame.guest, name, long)?;
            let text = string(frame.guest, text, longer)?;
            let subject = Subject { name, text, size: Size { width, height } };
            frame.host(|h| h.surface(subject))?;
            Ok(0)
        }),
        Function::CanvasDraw => word::<Host>(|frame, [at, len, ..]| {
            let lifting = Lifting { guest: frame.guest, left: CANVAS_BYTES };
            let drawing = lifting.drawing(at, len)?;
            frame.host(|h| h.draw(drawing))?;
            Ok(0)
        }),
        Function::CanvasInput => word::<Host>(|frame, [area, ..]| {
            let heard = frame.host(|h| h.input())?;
            frame.give_list(area, &heard, INPUT, lower)
        }),
        Function::CanvasAct => word::<Host>(|frame, [at, len, ..]| {
            let intent = intent(frame.guest, at, len)?;
            frame.host(|h| h.act(intent)).map(u32::from)
        }),
        _ => return None,
    })
}

fn string(guest: &Guest, at: u32, len: u32) -> Ends<String> {
    String::from_utf8(guest.bytes(at, len)?).map_err(|_| Stop::Breach)
}

/// Reads words out of the guest's memory. They can overlap there, so they are counted.
fn intent(guest: &Guest, at: u32, len: u32) -> Ends<Vec<String>> {
    guest.list(at, len, LIST)?;
    let mut left = HOST_WRITE_BYTES;
    let mut words = Vec::new();
    for index in 0..len {
        let place = guest.load::<8>(at + index * LIST.size)?;
        let word = string(guest, word_at(&place, 0), word_at(&place, 4))?;
        let stop = Stop::Host(HostStop::Trap(HostTrap::WriteBytes));
        left = left.checked_sub(word.len() as u64 + STRING_BYTES).ok_or(stop)?;
        words.push(word);
    }
    Ok(words)
}

/// Writes what was heard, field by field.
fn lower(frame: &Frame<'_, Host>, at: u32, input: &Input) -> Ends<()> {
    let guest = frame.guest;
    let inside = at + INSIDE as u32;
    let put = |offset: u32, word: u32| guest.store(inside + offset, &word.to_le_bytes());
    match input {
        Input::Pointer(pointer) => {
            guest.store(at, &[0])?;
            let phase = match pointer.phase {
                Phase::Down => 0,
                Phase::Move => 1,
                Phase::Up => 2,
                Phase::Cancel => 3,
            };
            guest.store(inside, &[phase])?;
            put(4, pointer.at.x.cast_unsigned())?;
            put(8, pointer.at.y.cast_unsigned())?;
            put(12, pointer.buttons)?;
            put(16, pointer.modifiers)
        }
        Input::Key(key) => {
            guest.store(at, &[1])?;
            guest.store(inside, &[key.down.into()])?;
            let name = frame.put(key.name.as_bytes())?;
            guest.store(inside + 4, &pair(name))?;
            put(12, key.modifiers)
        }
        Input::Room(room) => {
            guest.store(at, &[2])?;
            put(0, room.size.width)?;
            put(4, room.size.height)?;
            guest.store(inside + 8, &[room.dark.into()])
        }
        // The kernel hears nothing else.
        _ => Err(Stop::Breach),
    }
}

/// Reads a drawing out of the guest's memory.
///
/// Paths, texts and pixels can overlap there, so a drawing can be far larger than the memory it is
/// in: everything is counted before it is kept, in the units of [`Drawing::size`].
struct Lifting<'a> {
    guest: &'a Guest,
    left: u64,
}

impl Lifting<'_> {
    fn drawing(mut self, at: u32, len: u32) -> Ends<Drawing> {
        self.guest.list(at, len, COMMAND)?;
        if len as usize > CANVAS_COMMANDS {
            return Err(TOO_LARGE);
        }
        let mut commands = Vec::with_capacity(len as usize);
        for index in 0..len {
            let command = self.guest.load::<COMMAND_SIZE>(at + index * COMMAND.size)?;
            commands.push(self.command(&command)?);
        }
        Ok(Drawing { commands })
    }

    /// The places of lists and texts are checked before anything is counted.
    fn command(&mut self, bytes: &[u8; COMMAND_SIZE]) -> Ends<Command> {
        let word = |offset: usize| word_at(bytes, INSIDE + offset);
        let guest = self.guest;
        let list = |offset: usize, element: Layout| {
            guest.list(word(offset), word(offset + 4), element)?;
            Ok((word(offset), word(offset + 4)))
        };
        let area =
            || Area { at: point(bytes, INSIDE), size: Size { width: word(8), height: word(12) } };
        Ok(match bytes[0] {
            0 => {
                let paint = paint(bytes, INSIDE)?;
                self.spend(COMMAND_BYTES)?;
                Command::Clear(paint)
            }
            1 => {
                let (area, paint) = (area(), paint(bytes, INSIDE + 16)?);
                self.spend(COMMAND_BYTES)?;
                Command::FillArea { area, paint }
            }
            2 => {
                let (area, paint, width) = (area(), paint(bytes, INSIDE + 16)?, word(24));
                self.spend(COMMAND_BYTES)?;
                Command::StrokeArea { area, paint, width }
            }
            3 => {
                let (paint, steps) = (paint(bytes, INSIDE)?, list(8, STEP)?);
                self.spend(COMMAND_BYTES)?;
                Command::FillPath { paint, steps: self.steps(steps)? }
            }
            4 => {
                let (paint, width) = (paint(bytes, INSIDE)?, word(8));
                let steps = list(12, STEP)?;
                self.spend(COMMAND_BYTES)?;
                Command::StrokePath { paint, width, steps: self.steps(steps)? }
            }
            5 => {
                let (at, size) = (point(bytes, INSIDE), word(8));
                let align = align(bytes[INSIDE + 12])?;
                let paint = paint(bytes, INSIDE + 16)?;
                let (text, len) = list(24, BYTE)?;
                self.spend(COMMAND_BYTES)?;
                let text = string(guest, text, len)?;
                self.spend(len.into())?;
                Command::Text(Text { at, size, align, paint, text })
            }
            6 => {
                let (area, columns) = (area(), word(16));
                let (pixels, len) = list(20, BYTE)?;
                self.spend(COMMAND_BYTES)?;
                self.spend(len.into())?;
                let pixels = guest.bytes(pixels, len)?;
                Command::Image(Image { area, columns, pixels })
            }
            7 => {
                let signed = |offset| word(offset).cast_signed();
                let (xx, xy, yx, yy) = (signed(0), signed(4), signed(8), signed(12));
                let (dx, dy) = (signed(16), signed(20));
                self.spend(COMMAND_BYTES)?;
                Command::Transform(Transform { xx, xy, yx, yy, dx, dy })
            }
            _ => return Err(Stop::Breach),
        })
    }

    fn steps(&mut self, (at, len): (u32, u32)) -> Ends<Vec<Step>> {
        self.spend(u64::from(len) * STEP_BYTES)?;
        let mut steps = Vec::with_capacity(len as usize);
        for index in 0..len {
            let step = self.guest.load::<STEP_SIZE>(at + index * STEP.size)?;
            let point = |number: usize| point(&step, INSIDE + number * 8);
            steps.push(match step[0] {
                0 => Step::Move(point(0)),
                1 => Step::Line(point(0)),
                2 => Step::Curve([point(0), point(1), point(2)]),
                3 => Step::Close,
                _ => return Err(Stop::Breach),
            });
        }
        Ok(steps)
    }

    fn spend(&mut self, bytes: u64) -> Ends<()> {
        self.left = self.left.checked_sub(bytes).ok_or(TOO_LARGE)?;
        Ok(())
    }
}

const TOO_LARGE: Stop = Stop::Host(HostStop::Trap(HostTrap::Drawing));

fn point(bytes: &[u8], at: usize) -> Point {
    Point { x: word_at(bytes, at).cast_signed(), y: word_at(bytes, at + 4).cast_signed() }
}

fn paint(bytes: &[u8], at: usize) -> Ends<Paint> {
    Ok(match bytes.get(at) {
        Some(0) => Paint::Tint(match bytes.get(at + 4) {
            Some(0) => Tint::Ground,
            Some(1) => Tint::Text,
            Some(2) => Tint::Muted,
            Some(3) => Tint::Accent,
            Some(4) => Tint::Good,
            Some(5) => Tint::Warning,
            Some(6) => Tint::Bad,
            _ => return Err(Stop::Breach),
        }),
        Some(1) => Paint::Rgba(word_at(bytes, at + 4)),
        _ => return Err(Stop::Breach),
    })
}

fn align(number: u8) -> Ends<Align> {
    Ok(match number {
        0 => Align::Start,
        1 => Align::Centre,
        2 => Align::End,
        _ => return Err(Stop::Breach),
    })
}
