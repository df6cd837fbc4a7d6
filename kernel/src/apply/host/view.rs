use myrhiza_kernel_api::host::{FreeHost, HostResult, HostStop, HostTrap, Level};
use myrhiza_kernel_api::{Hash, MaybeSend, PublicKey, Snapshot, TopicId, limits};

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

impl Free {
    pub(super) fn clock(&self, meter: &mut Meter) -> HostResult<u64> {
        meter.call(0)?;
        Ok(self.now)
    }

    pub(super) fn draw(&mut self, meter: &mut Meter, len: u32) -> HostResult<Vec<u8>> {
        meter.call(0)?;
        let len = len as usize;
        if len > limits::RANDOM_BYTES {
            return Err(HostStop::Trap(HostTrap::Argument));
        }
        meter.gives(len)?;
        let mut bytes = vec![0; len];
        self.random.fill(&mut bytes);
        Ok(bytes)
    }
}

/// The host of `state-propose`: the state at the tip, to read.
pub struct ViewHost {
    common: Common,
    free: Free,
}

impl ViewHost {
    /// A host over what `reader` sees of a topic.
    pub fn new(reader: Box<dyn Snapshot>, topic: TopicId, founder: PublicKey, free: Free) -> Self {
        Self { common: Common::new(Overlay::new(reader), topic, founder), free }
    }
}

forward_common!(ViewHost);

impl FreeHost for ViewHost {
    fn now(&mut self) -> HostResult<u64> {
        self.free.clock(&mut self.common.meter)
    }

    fn random(&mut self, len: u32) -> HostResult<Vec<u8>> {
        self.free.draw(&mut self.common.meter, len)
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
