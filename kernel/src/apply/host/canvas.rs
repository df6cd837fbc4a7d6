use myrhiza_kernel_api::canvas::{Drawing, Input, Subject, Surface};
use myrhiza_kernel_api::host::{CanvasHost, HostResult, HostStop, HostTrap};
use myrhiza_kernel_api::limits;
use myrhiza_kernel_api::ui::STRING_BYTES;

use super::meter::Meter;
use super::screen::ScreenHost;

/// What each input counts as read, besides the name of a key.
const INPUT_BYTES: usize = 24;

/// What happens on the surface in one call.
#[derive(Default)]
pub(super) struct Canvas {
    input: Vec<Input>,
    /// Intents that what was pressed is still good for.
    presses: usize,
    listens: bool,
    subject: Option<Subject>,
    drawing: Drawing,
    intents: Vec<Vec<String>>,
}

impl Canvas {
    /// At most [`limits::CANVAS_INPUTS`] are handed over, the first.
    pub(super) fn hearing(mut input: Vec<Input>) -> Self {
        input.truncate(limits::CANVAS_INPUTS);
        Self { input, ..Self::default() }
    }

    /// The surface, if one was shown, and what is to be proposed.
    pub(super) fn end(self) -> (Option<Surface>, Vec<Vec<String>>) {
        let Self { subject, drawing, listens, intents, .. } = self;
        let surface = subject.map(|subject| Surface { subject, drawing, listens });
        (surface, intents)
    }

    fn surface(&mut self, meter: &mut Meter, subject: Subject) -> HostResult<()> {
        meter.call(subject.name.len() + subject.text.len())?;
        if !subject.fits() {
            return Err(HostStop::Trap(HostTrap::Argument));
        }
        self.subject = Some(subject);
        Ok(())
    }

    fn draw(&mut self, meter: &mut Meter, drawing: Drawing) -> HostResult<()> {
        let size = drawing.size();
        meter.call(usize::try_from(size).unwrap_or(usize::MAX))?;
        if size > limits::CANVAS_BYTES || drawing.commands.len() > limits::CANVAS_COMMANDS {
            return Err(HostStop::Trap(HostTrap::Drawing));
        }
        if !drawing.is_whole() {
            return Err(HostStop::Trap(HostTrap::Argument));
        }
        self.drawing = drawing;
        Ok(())
    }

    fn input(&mut self, meter: &mut Meter) -> HostResult<Vec<Input>> {
        meter.call(0)?;
        let bytes = |input: &Input| match input {
            Input::Key(key) => INPUT_BYTES + key.name.len(),
            _ => INPUT_BYTES,
        };
        meter.gives(self.input.iter().map(bytes).sum())?;
        self.listens = true;
        let input = std::mem::take(&mut self.input);
        self.presses += input.iter().filter(|input| input.is_press()).count();
        Ok(input)
    }

    fn act(&mut self, meter: &mut Meter, intent: Vec<String>) -> HostResult<bool> {
        meter.call(intent.iter().map(|word| word.len() + STRING_BYTES as usize).sum())?;
        // Nobody signs what they did not ask for: an app acts only on what was pressed.
        if self.presses == 0 {
            return Ok(false);
        }
        self.presses -= 1;
        self.intents.push(intent);
        Ok(true)
    }
}

impl CanvasHost for ScreenHost {
    fn surface(&mut self, subject: Subject) -> HostResult<()> {
        let (canvas, meter) = self.canvas();
        canvas.surface(meter, subject)
    }

    fn draw(&mut self, drawing: Drawing) -> HostResult<()> {
        let (canvas, meter) = self.canvas();
        canvas.draw(meter, drawing)
    }

    fn input(&mut self) -> HostResult<Vec<Input>> {
        let (canvas, meter) = self.canvas();
        canvas.input(meter)
    }

    fn act(&mut self, intent: Vec<String>) -> HostResult<bool> {
        let (canvas, meter) = self.canvas();
        canvas.act(meter, intent)
    }
}

#[cfg(test)]
mod tests {
    use myrhiza_kernel_api::canvas::{
        Area, Command, Image, Key, Paint, Phase, Point, Pointer, Size,
    };
    use myrhiza_kernel_api::canvas::{COMMAND_BYTES, STEP_BYTES, Step};

    use super::*;

    fn trap<T>(result: HostResult<T>) -> Option<HostTrap> {
        match result {
            Err(HostStop::Trap(trap)) => Some(trap),
            _ => None,
        }
    }

    fn drawn(commands: Vec<Command>) -> Option<HostTrap> {
        trap(Canvas::default().draw(&mut Meter::default(), Drawing { commands }))
    }

    fn pointer(phase: Phase) -> Input {
        Input::Pointer(Pointer { phase, at: Point::default(), buttons: 1, modifiers: 0 })
    }

    fn key(down: bool) -> Input {
        Input::Key(Key { down, name: "a".into(), modifiers: 0 })
    }

    /// [COMPONENTS-7]
    #[test]
    fn a_drawing_is_bounded_to_its_last_command_and_byte() {
        let clear = Command::Clear(Paint::Rgba(0));
        assert_eq!(drawn(vec![clear.clone(); limits::CANVAS_COMMANDS]), None);
        let more = vec![clear; limits::CANVAS_COMMANDS + 1];
        assert_eq!(drawn(more), Some(HostTrap::Drawing));
        let path =
            |steps| Command::FillPath { paint: Paint::Rgba(0), steps: vec![Step::Close; steps] };
        let steps = ((limits::CANVAS_BYTES - COMMAND_BYTES) / STEP_BYTES) as usize;
        assert_eq!(drawn(vec![path(steps)]), None);
        assert_eq!(drawn(vec![path(steps + 1)]), Some(HostTrap::Drawing));
        let image = |bytes| {
            let area = Area { at: Point::default(), size: Size { width: 1, height: 1 } };
            Command::Image(Image { area, columns: 1, pixels: vec![0; bytes] })
        };
        let pixels = (limits::CANVAS_BYTES - COMMAND_BYTES) as usize;
        assert_eq!(drawn(vec![image(pixels)]), None);
        assert_eq!(drawn(vec![image(pixels + 4)]), Some(HostTrap::Drawing));
        assert_eq!(drawn(vec![image(3)]), Some(HostTrap::Argument));
    }

    #[test]
    fn a_surface_that_does_not_fit_traps_and_without_one_nothing_is_shown() {
        let mut canvas = Canvas::default();
        let (meter, size) = (&mut Meter::default(), Size { width: 1, height: 0 });
        let subject = Subject { size, ..Subject::default() };
        assert_eq!(trap(canvas.surface(meter, subject)), Some(HostTrap::Argument));
        assert!(canvas.draw(meter, Drawing::default()).is_ok());
        assert_eq!(canvas.end(), (None, Vec::new()));
    }

    /// [COMPONENTS-7]
    #[test]
    fn each_press_that_was_heard_is_good_for_one_intent() {
        let heard = [
            pointer(Phase::Move),
            pointer(Phase::Down),
            pointer(Phase::Up),
            pointer(Phase::Cancel),
            key(true),
            key(false),
        ];
        let mut canvas = Canvas::hearing(heard.to_vec());
        let meter = &mut Meter::default();
        let mut act = |canvas: &mut Canvas| canvas.act(meter, vec!["go".into()]).unwrap();
        assert!(!act(&mut canvas), "nothing was heard yet");
        assert_eq!(canvas.input(&mut Meter::default()).unwrap(), heard);
        assert_eq!([(); 4].map(|()| act(&mut canvas)), [true, true, true, false]);
        assert!(canvas.input(&mut Meter::default()).unwrap().is_empty());
        assert!(!act(&mut canvas), "what was heard is not heard twice");
        assert_eq!(canvas.end().1.len(), 3);
    }

    #[test]
    fn no_more_is_heard_than_the_limit() {
        let mut canvas = Canvas::hearing(vec![key(true); limits::CANVAS_INPUTS + 1]);
        let heard = canvas.input(&mut Meter::default()).unwrap();
        assert_eq!(heard.len(), limits::CANVAS_INPUTS);
        assert!(!Canvas::default().listens);
        assert!(canvas.listens);
    }
}
