use myrhiza_kernel_api::canvas::{Input, Surface};
use myrhiza_kernel_api::host::{FreeHost, HostResult, HostStop, HostTrap, Level, UiHost};
use myrhiza_kernel_api::ui::View;
use myrhiza_kernel_api::{Hash, MaybeSend, PublicKey, Snapshot, TopicId, limits};

use super::canvas::Canvas;
use super::common::{Common, forward_common};
use super::meter::Meter;
use crate::state::Overlay;

/// What the free profiles reach that differs from peer to peer. The kernel has no clock and no
/// randomness of its own.
pub struct Free {
    /// This node's hybrid logical clock.
    pub now: u64,
    /// Fills bytes at random.
    pub random: Box<dyn Randomness>,
    /// The person in front of the screen.
    pub viewer: PublicKey,
}

/// A source of randomness.
pub trait Randomness: MaybeSend + 'static {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl<F: FnMut(&mut [u8]) + MaybeSend + 'static> Randomness for F {
    fn fill(&mut self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// The host of `state-propose` and `interaction`: the state at the tip, to read.
pub struct ViewHost {
    common: Common,
    free: Free,
    shown: Option<View>,
    canvas: Canvas,
}

/// What a call of `interaction` left.
#[derive(Debug, Default)]
pub struct Shown {
    /// The last view shown, if any was.
    pub view: Option<View>,
    /// The surface beside it, if there is one.
    pub surface: Option<Surface>,
    /// What is proposed, of what was pressed on the surface.
    pub intents: Vec<Vec<String>>,
}

impl ViewHost {
    /// A host over what `reader` sees of a topic.
    pub fn new(reader: Box<dyn Snapshot>, topic: TopicId, founder: PublicKey, free: Free) -> Self {
        let common = Common::new(Overlay::new(reader), topic, founder);
        Self { common, free, shown: None, canvas: Canvas::default() }
    }

    /// The same, where that was done on the app's surface since its last call.
    #[must_use]
    pub fn hearing(self, input: Vec<Input>) -> Self {
        Self { canvas: Canvas::hearing(input), ..self }
    }

    /// What the component left.
    pub fn into_shown(self) -> Shown {
        let (surface, intents) = self.canvas.end();
        Shown { view: self.shown, surface, intents }
    }

    pub(super) fn canvas(&mut self) -> (&mut Canvas, &mut Meter) {
        (&mut self.canvas, &mut self.common.meter)
    }
}

forward_common!(ViewHost);

impl FreeHost for ViewHost {
    fn now(&mut self) -> HostResult<u64> {
        self.common.meter.call(0)?;
        Ok(self.free.now)
    }

    fn random(&mut self, len: u32) -> HostResult<Vec<u8>> {
        self.common.meter.call(0)?;
        let len = len as usize;
        if len > limits::RANDOM_BYTES {
            return Err(HostStop::Trap(HostTrap::Argument));
        }
        self.common.meter.gives(len)?;
        let mut bytes = vec![0; len];
        self.free.random.fill(&mut bytes);
        Ok(bytes)
    }
}

impl UiHost for ViewHost {
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

#[cfg(test)]
mod tests {
    use myrhiza_kernel_api::Store;
    use myrhiza_store_memory::MemoryStore;

    use super::*;
    use crate::schema;

    /// [LIMITS-2]
    #[test]
    fn random_bytes_are_given_up_to_the_limit_and_no_more() {
        let store = MemoryStore::new(schema::ALL);
        let random = Box::new(|bytes: &mut [u8]| bytes.fill(7));
        let free = Free { now: 0, random, viewer: PublicKey([2; 32]) };
        let reader = store.snapshot().unwrap();
        let mut host = ViewHost::new(reader, TopicId([1; 32]), PublicKey([2; 32]), free);
        let most = limits::RANDOM_BYTES as u32;
        assert_eq!(host.random(most).unwrap(), vec![7; limits::RANDOM_BYTES]);
        let more = host.random(most + 1);
        assert!(matches!(more, Err(HostStop::Trap(HostTrap::Argument))));
    }
}
