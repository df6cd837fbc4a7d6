//! `canvas`, as the host that remembers answers it.

use myrhiza_kernel_api::canvas::{
    Command, Drawing, Input, Key, Phase, Point, Pointer, Room, Size, Subject,
};
use myrhiza_kernel_api::host::{CanvasHost, HostResult};

use crate::host::Recorder;
use crate::transcript::{show_bytes, show_text};

impl CanvasHost for Recorder {
    fn surface(&mut self, Subject { name, text, size }: Subject) -> HostResult<()> {
        let (width, height) = (size.width.to_le_bytes(), size.height.to_le_bytes());
        self.called("canvas.show", &[name.as_bytes(), text.as_bytes(), &width, &height])
    }

    fn draw(&mut self, drawing: Drawing) -> HostResult<()> {
        self.called("canvas.draw", &[])?;
        self.trace.extend(drawing.commands.iter().map(|command| format!("    {}", show(command))));
        Ok(())
    }

    /// One of each, with every number in its place.
    fn input(&mut self) -> HostResult<Vec<Input>> {
        self.called("canvas.input", &[])?;
        let pointer = |phase| {
            let at = Point { x: -1, y: i32::MAX };
            Input::Pointer(Pointer { phase, at, buttons: 0x0102_0304, modifiers: 0x0506_0708 })
        };
        let key = |down, name: &str| Input::Key(Key { down, name: name.into(), modifiers: 9 });
        let room = |dark| Input::Room(Room { size: Size { width: 10, height: u32::MAX }, dark });
        Ok(vec![
            pointer(Phase::Down),
            pointer(Phase::Move),
            key(true, "é"),
            pointer(Phase::Up),
            room(true),
            key(false, ""),
            pointer(Phase::Cancel),
            room(false),
        ])
    }

    fn act(&mut self, intent: Vec<String>) -> HostResult<bool> {
        let words: Vec<_> = intent.iter().map(|word| word.as_bytes()).collect();
        self.called("canvas.act", &words)?;
        self.answer(bool::to_string, intent.len() > 1)
    }
}

fn show(command: &Command) -> String {
    match command {
        Command::Text(text) => {
            let shown = show_text(&text.text);
            format!("Text {:?} {} {:?} {:?} {shown}", text.at, text.size, text.align, text.paint)
        }
        Command::Image(image) => {
            format!("Image {:?} {} {}", image.area, image.columns, show_bytes(&image.pixels))
        }
        Command::FillPath { steps, .. } | Command::StrokePath { steps, .. } if steps.len() > 8 => {
            format!("a path of {} steps", steps.len())
        }
        other => format!("{other:?}"),
    }
}
