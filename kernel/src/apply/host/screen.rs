use myrhiza_kernel_api::canvas::{Input, Surface};
use myrhiza_kernel_api::host::{ActHost, FreeHost, HostResult, KvHost, KvRefusal, Level, UiHost};
use myrhiza_kernel_api::operation::{Operation, Refusal};
use myrhiza_kernel_api::ui::View;
use myrhiza_kernel_api::{Hash, PublicKey, Snapshot, TopicId};

use super::canvas::Canvas;
use super::common::{Common, forward_common};
use super::meter::Meter;
use super::{Free, Kv, Open, Tokens};
use crate::bundle::Capabilities;
use crate::state::Overlay;

/// The host of `interaction`: the state at the tip, to read, a screen, and what the app keeps on this
/// device and asks of it.
pub(crate) struct ScreenHost {
    common: Common,
    free: Free,
    topic: TopicId,
    caller: Caller,
    shown: Option<View>,
    canvas: Canvas,
    intent: Option<Vec<String>>,
}

/// The app whose component is called, and why it is.
pub(crate) struct Caller {
    pub(crate) kv: Kv,
    /// By its manifest.
    pub(crate) declared: Capabilities,
    /// What the instance has open.
    pub(crate) tokens: Tokens,
    /// The call follows something the user did: else nothing is submitted or proposed.
    pub(crate) is_prompted: bool,
}

/// What a call came to that did not trap.
pub(crate) struct Does {
    pub(crate) shown: Shown,
    /// What is to be proposed.
    pub(crate) intent: Option<Vec<String>>,
    /// What the instance has open.
    pub(crate) tokens: Tokens,
    /// What the app keeps otherwise than before.
    pub(crate) kept: Overlay,
}

/// What a call left on the screen.
#[derive(Default)]
pub(crate) struct Shown {
    /// The last view shown, if any was.
    pub(crate) view: Option<View>,
    /// The surface beside it, if there is one.
    pub(crate) surface: Option<Surface>,
    /// What is to be done, of what was pressed on the surface.
    pub(crate) intents: Vec<Vec<String>>,
}

impl ScreenHost {
    pub(crate) fn new(
        reader: Box<dyn Snapshot>,
        topic: TopicId,
        founder: PublicKey,
        free: Free,
        caller: Caller,
    ) -> Self {
        let common = Common::new(Overlay::new(reader), topic, founder);
        let canvas = Canvas::default();
        Self { common, free, topic, caller, shown: None, canvas, intent: None }
    }

    /// The same, where that was done on the app's surface since its last call.
    #[must_use]
    pub(crate) fn hearing(self, input: Vec<Input>) -> Self {
        Self { canvas: Canvas::hearing(input), ..self }
    }

    pub(super) fn canvas(&mut self) -> (&mut Canvas, &mut Meter) {
        (&mut self.canvas, &mut self.common.meter)
    }

    pub(crate) fn into_does(self) -> Does {
        let Self { common, caller, shown, canvas, intent, .. } = self;
        let (surface, intents) = canvas.end();
        let shown = Shown { view: shown, surface, intents };
        Does { shown, intent, tokens: caller.tokens, kept: common.overlay }
    }
}

forward_common!(ScreenHost);

impl FreeHost for ScreenHost {
    fn now(&mut self) -> HostResult<u64> {
        self.free.clock(&mut self.common.meter)
    }

    fn random(&mut self, len: u32) -> HostResult<Vec<u8>> {
        self.free.draw(&mut self.common.meter, len)
    }
}

impl UiHost for ScreenHost {
    fn viewer(&mut self) -> HostResult<PublicKey> {
        self.common.meter.call(0)?;
        self.common.meter.gives(PublicKey::LEN)?;
        Ok(self.free.viewer)
    }

    fn show(&mut self, view: View) -> HostResult<()> {
        self.common.meter.call(usize::try_from(view.size()).unwrap_or(usize::MAX))?;
        self.shown = Some(view);
        Ok(())
    }
}

impl KvHost for ScreenHost {
    fn kv_get(&mut self, key: &[u8]) -> HostResult<Option<Vec<u8>>> {
        self.common.meter.call(key.len())?;
        let found = self.caller.kv.get(&self.common.overlay, key)?;
        self.common.meter.gives(found.as_ref().map_or(0, Vec::len))?;
        Ok(found)
    }

    fn kv_set(&mut self, key: &[u8], value: &[u8]) -> HostResult<Result<(), KvRefusal>> {
        self.common.meter.call(key.len() + value.len())?;
        Ok(self.caller.kv.set(&mut self.common.overlay, key, value)?)
    }

    fn kv_delete(&mut self, key: &[u8]) -> HostResult<()> {
        self.common.meter.call(key.len())?;
        Ok(self.caller.kv.delete(&mut self.common.overlay, key)?)
    }

    fn kv_scan(&mut self, from: &[u8], to: &[u8], limit: u32) -> HostResult<Vec<u8>> {
        self.common.meter.call(from.len() + to.len())?;
        let flat = self.caller.kv.scan(&self.common.overlay, (from, to), limit)?;
        self.common.meter.gives(flat.len())?;
        Ok(flat)
    }
}

impl ActHost for ScreenHost {
    fn propose(&mut self, words: Vec<String>) -> HostResult<()> {
        self.common.meter.call(words.iter().map(String::len).sum())?;
        if self.caller.is_prompted {
            self.intent = Some(words);
        }
        Ok(())
    }

    fn submit(&mut self, operation: Operation) -> HostResult<Result<u64, Refusal>> {
        self.common.meter.call(size(&operation))?;
        let Caller { declared, tokens, is_prompted, .. } = &mut self.caller;
        if !operation.fits() {
            return Ok(Err(Refusal::Argument));
        }
        if !declared.permit(&operation) {
            return Ok(Err(Refusal::Undeclared));
        }
        if !*is_prompted {
            return Ok(Err(Refusal::Unprompted));
        }
        let open = Open { topic: self.topic, operation };
        Ok(tokens.issue(open, &mut *self.free.random).ok_or(Refusal::WouldBlock))
    }
}

/// The bytes an operation takes from the component.
fn size(operation: &Operation) -> usize {
    match operation {
        Operation::Choose { question, choices } => {
            question.len() + choices.iter().map(String::len).sum::<usize>()
        }
        Operation::Ask { question, value } => question.len() + value.len(),
        Operation::Copy { text: only } | Operation::Pick { kind: only } => only.len(),
        Operation::Open { address } => address.len(),
        Operation::Subscribe { server_key } => server_key.len(),
        _ => 0,
    }
}
