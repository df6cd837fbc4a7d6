//! `canvas`.

mod types;

use myrhiza_kernel_api::canvas::{self, COMMAND_BYTES, STEP_BYTES};
use myrhiza_kernel_api::host::{HostStop, HostTrap, InteractionHost};
use myrhiza_kernel_api::limits::{CANVAS_BYTES, CANVAS_COMMANDS, HOST_WRITE_BYTES};
use wasmtime::component::{Linker, WasmList, WasmStr};
use wasmtime::{AsContextMut, Result, StoreContextMut};

use self::types::{
    Command, Curve, FillArea, FillPath, Image, Input, Key, Phase, Point, Pointer, Room, Size, Step,
    StrokeArea, StrokePath, Text, Transform,
};
use super::interface;
use crate::slot::{Cx, Slot, host, value};

type Host = dyn InteractionHost;

pub(super) fn define(linker: &mut Linker<Slot<Host>>) -> Result<()> {
    let mut canvas = interface(linker, "canvas")?;
    canvas.func_wrap(
        "show",
        |cx: Cx<'_, Host>, (name, text, size): (WasmStr, WasmStr, Size)| {
            // Guest memory bounds them.
            let (name, text) = (name.to_str(&cx)?.into_owned(), text.to_str(&cx)?.into_owned());
            let subject = canvas::Subject { name, text, size: size.into() };
            host(cx, |h, _| h.surface(subject))
        },
    )?;
    canvas.func_wrap("draw", |mut cx: Cx<'_, Host>, (commands,): (WasmList<Command>,)| {
        let drawing = Lifting { cx: cx.as_context_mut(), left: CANVAS_BYTES }.drawing(&commands)?;
        host(cx, |h, _| h.draw(drawing))
    })?;
    canvas.func_wrap("input", |cx: Cx<'_, Host>, (): ()| {
        value(cx, |h, _| Ok(h.input()?.into_iter().filter_map(input).collect::<Vec<_>>()))
    })?;
    canvas.func_wrap("act", |mut cx: Cx<'_, Host>, (words,): (WasmList<WasmStr>,)| {
        let intent = intent(cx.as_context_mut(), &words)?;
        value(cx, |h, _| h.act(intent))
    })
}

/// Reads words out of the guest's memory. They can overlap there, so they are counted first.
fn intent(
    mut cx: StoreContextMut<'_, Slot<Host>>,
    list: &WasmList<WasmStr>,
) -> Result<Vec<String>> {
    let mut left = HOST_WRITE_BYTES;
    let mut words = Vec::new();
    for index in 0..list.len() {
        if let Some(word) = list.get(&mut cx, index) {
            let word = word?.to_str(&cx)?.into_owned();
            let bytes = word.len() as u64 + myrhiza_kernel_api::ui::STRING_BYTES;
            let long = HostStop::Trap(HostTrap::WriteBytes);
            left = left.checked_sub(bytes).ok_or(long)?;
            words.push(word);
        }
    }
    Ok(words)
}

/// Reads a drawing out of the guest's memory.
///
/// Paths, texts and pixels can overlap there, so a drawing can be far larger than the memory it is
/// in: everything is counted before it is copied, in the units of [`canvas::Drawing::size`].
struct Lifting<'a> {
    cx: StoreContextMut<'a, Slot<Host>>,
    left: u64,
}

impl Lifting<'_> {
    fn drawing(&mut self, list: &WasmList<Command>) -> Result<canvas::Drawing> {
        if list.len() > CANVAS_COMMANDS {
            return Err(TOO_LARGE.into());
        }
        let mut commands = Vec::with_capacity(list.len());
        for index in 0..list.len() {
            if let Some(command) = list.get(&mut self.cx, index) {
                let command = command?;
                self.spend(COMMAND_BYTES)?;
                commands.push(self.command(command)?);
            }
        }
        Ok(canvas::Drawing { commands })
    }

    fn command(&mut self, command: Command) -> Result<canvas::Command> {
        Ok(match command {
            Command::Clear(paint) => canvas::Command::Clear(paint.into()),
            Command::FillArea(FillArea { area, paint }) => {
                canvas::Command::FillArea { area: area.into(), paint: paint.into() }
            }
            Command::StrokeArea(StrokeArea { area, paint, width }) => {
                canvas::Command::StrokeArea { area: area.into(), paint: paint.into(), width }
            }
            Command::FillPath(FillPath { paint, steps }) => {
                canvas::Command::FillPath { paint: paint.into(), steps: self.steps(&steps)? }
            }
            Command::StrokePath(StrokePath { paint, width, steps }) => {
                let steps = self.steps(&steps)?;
                canvas::Command::StrokePath { paint: paint.into(), width, steps }
            }
            Command::Text(Text { at, size, align, paint, text }) => {
                let written = text.to_str(&self.cx)?;
                let bytes = written.len() as u64;
                self.left = self.left.checked_sub(bytes).ok_or(TOO_LARGE)?;
                canvas::Command::Text(canvas::Text {
                    at: at.into(),
                    size,
                    align: align.into(),
                    paint: paint.into(),
                    text: written.into_owned(),
                })
            }
            Command::Image(Image { area, columns, pixels }) => {
                self.spend(pixels.len() as u64)?;
                let pixels = pixels.as_le_slice(&self.cx).to_vec();
                canvas::Command::Image(canvas::Image { area: area.into(), columns, pixels })
            }
            Command::Transform(Transform { xx, xy, yx, yy, dx, dy }) => {
                canvas::Command::Transform(canvas::Transform { xx, xy, yx, yy, dx, dy })
            }
        })
    }

    fn steps(&mut self, list: &WasmList<Step>) -> Result<Vec<canvas::Step>> {
        self.spend((list.len() as u64).saturating_mul(STEP_BYTES))?;
        let mut steps = Vec::with_capacity(list.len());
        for index in 0..list.len() {
            if let Some(step) = list.get(&mut self.cx, index) {
                steps.push(match step? {
                    Step::Move(to) => canvas::Step::Move(to.into()),
                    Step::Line(to) => canvas::Step::Line(to.into()),
                    Step::Curve(Curve { first, second, to }) => {
                        canvas::Step::Curve([first.into(), second.into(), to.into()])
                    }
                    Step::Close => canvas::Step::Close,
                });
            }
        }
        Ok(steps)
    }

    fn spend(&mut self, bytes: u64) -> Result<()> {
        self.left = self.left.checked_sub(bytes).ok_or(TOO_LARGE)?;
        Ok(())
    }
}

const TOO_LARGE: HostStop = HostStop::Trap(HostTrap::Drawing);

/// What is heard, as it is passed; what a later kernel hears has no form here.
fn input(heard: canvas::Input) -> Option<Input> {
    Some(match heard {
        canvas::Input::Pointer(canvas::Pointer { phase, at, buttons, modifiers }) => {
            let phase = match phase {
                canvas::Phase::Down => Phase::Down,
                canvas::Phase::Move => Phase::Move,
                canvas::Phase::Up => Phase::Up,
                canvas::Phase::Cancel => Phase::Cancel,
            };
            let at = Point { x: at.x, y: at.y };
            Input::Pointer(Pointer { phase, at, buttons, modifiers })
        }
        canvas::Input::Key(canvas::Key { down, name, modifiers }) => {
            Input::Key(Key { down, name, modifiers })
        }
        canvas::Input::Room(canvas::Room { size, dark }) => {
            let size = Size { width: size.width, height: size.height };
            Input::Room(Room { size, dark })
        }
        _ => return None,
    })
}
