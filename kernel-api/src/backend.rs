//! Compiles instrumented components and calls them.

use crate::host::{ApplyHost, HostTrap, InteractionHost, MigrateHost, ProposeHost};
use crate::limits::REASON_BYTES;
use crate::operation::Outcome;
use crate::{ComponentId, MaybeSend, MaybeSync};

/// An instrumented component, as the kernel's admission made it.
///
/// Its world is the profile's with one export added by the instrumentation, `meter-left`; see
/// `docs/spec/components.md`. What the original exported under other names is not called.
#[derive(Clone, Copy, Debug)]
pub struct Component<'a> {
    /// Identity of `bytes`; compiled code may be cached under it.
    pub id: ComponentId,
    /// The bytes.
    pub bytes: &'a [u8],
    /// The fuel of one call.
    pub fuel: u64,
}

/// An engine for components.
///
/// # What an implementor must hold
///
/// The same bytes and inputs give the same outputs, traps, fuel and sequence of host calls as on
/// every other backend. The engine's own limits (native stack, compilation) end a call as
/// [`BackendError`], never as a [`Trap`].
pub trait Backend: MaybeSend + MaybeSync {
    /// The name it is registered and configured by.
    fn name(&self) -> &'static str;
    /// The engine and its version, for drift reports.
    fn version(&self) -> String;
    /// Compiles a `state-apply` component.
    ///
    /// # Errors
    /// [`BackendError`]
    fn state_apply(&self, component: Component<'_>) -> Result<Box<dyn StateApply>, BackendError>;
    /// Compiles a `migrate` component.
    ///
    /// # Errors
    /// [`BackendError`]
    fn migrate(&self, component: Component<'_>) -> Result<Box<dyn Migrate>, BackendError>;
    /// Compiles a `state-propose` component.
    ///
    /// # Errors
    /// [`BackendError`]
    fn state_propose(
        &self,
        component: Component<'_>,
    ) -> Result<Box<dyn StatePropose>, BackendError>;
    /// Compiles an `interaction` component.
    ///
    /// # Errors
    /// [`BackendError`]
    fn interaction(&self, component: Component<'_>) -> Result<Box<dyn Interaction>, BackendError>;
}

/// A compiled `state-apply` component. Every call starts from the memory of a new instance,
/// whether or not the backend makes one.
pub trait StateApply: MaybeSend {
    /// Calls `apply`. The host goes in and comes back, so that no reference to it is kept.
    fn apply(&mut self, host: Box<dyn ApplyHost>) -> Returned<Box<dyn ApplyHost>, Verdict>;
}

/// A compiled `migrate` component. Every call starts from the memory of a new instance, as with
/// [`StateApply`].
pub trait Migrate: MaybeSend {
    /// Calls `migrate`: one chunk of a migration. `from` is the major, minor and patch version of
    /// the app that left the state, `cursor` what the chunk before returned, empty for the first.
    /// `None` says that nothing is left to do.
    fn migrate(
        &mut self,
        host: Box<dyn MigrateHost>,
        from: [u32; 3],
        cursor: &[u8],
    ) -> Returned<Box<dyn MigrateHost>, Option<Vec<u8>>>;
}

/// A compiled `state-propose` component; each call runs in an instance of its own.
pub trait StatePropose: MaybeSend {
    /// Calls `propose` with an intent. `Ok(Err(text))` is the component's own refusal.
    fn propose(
        &mut self,
        host: Box<dyn ProposeHost>,
        intent: &[String],
    ) -> Returned<Box<dyn ProposeHost>, Result<Candidate, String>>;
}

/// A live `interaction` component. After a trap the next call gets a new instance.
pub trait Interaction: MaybeSend {
    /// Calls `render`, which shows its view through `ui.show`.
    fn render(&mut self, host: Box<dyn InteractionHost>) -> Returned<Box<dyn InteractionHost>, ()>;

    /// Calls `press`, if it is exported; without it this is a call that does nothing.
    fn press(
        &mut self,
        host: Box<dyn InteractionHost>,
        words: &[String],
    ) -> Returned<Box<dyn InteractionHost>, ()>;

    /// Calls `complete`, if it is exported; without it this is a call that does nothing.
    fn complete(
        &mut self,
        host: Box<dyn InteractionHost>,
        token: u64,
        outcome: &Outcome,
    ) -> Returned<Box<dyn InteractionHost>, ()>;
}

/// What comes back from a call: the host, and what happened.
pub struct Returned<H, T> {
    /// The very host that went in.
    pub host: H,
    /// The call's end, or the local failure that says nothing about it.
    pub outcome: Result<Called<T>, BackendError>,
}

impl<H, T> Returned<H, T> {
    /// The same end with another result.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Returned<H, U> {
        let outcome =
            self.outcome.map(|called| Called { result: called.result.map(f), fuel: called.fuel });
        Returned { host: self.host, outcome }
    }
}

impl<H> Returned<H, ()> {
    /// The end of a call of what is not there.
    pub fn nothing(host: H) -> Self {
        Self { host, outcome: Ok(Called { result: Ok(()), fuel: 0 }) }
    }
}

/// A call that ended the same way it ends on every peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called<T> {
    /// What it returned, or why it did not.
    pub result: Result<T, Trap>,
    /// Fuel used; the whole limit after a trap, since where exactly a call stopped cannot be
    /// asked of every engine.
    pub fuel: u64,
}

/// What `state-apply` says of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its writes stand.
    Accept,
    /// Its writes are dropped.
    Reject {
        /// The app's own number for the reason; not 0.
        code: u32,
        /// For people, at most [`crate::limits::REASON_BYTES`].
        reason: String,
    },
}

impl Verdict {
    /// Of what `apply` returned: bytes that are not UTF-8 become U+FFFD as `from_utf8_lossy` has
    /// it, then the reason is cut at a character boundary to at most
    /// [`crate::limits::REASON_BYTES`].
    pub fn new(code: u32, reason: &[u8]) -> Self {
        if code == 0 {
            return Self::Accept;
        }
        // No character or replacement that starts within the limit needs bytes from further on.
        let head = &reason[..reason.len().min(REASON_BYTES + 4)];
        let mut reason = String::from_utf8_lossy(head).into_owned();
        reason.truncate(reason.floor_char_boundary(REASON_BYTES));
        Self::Reject { code, reason }
    }
}

/// The event a `state-propose` component would have authored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The payload's kind.
    pub variant: u32,
    /// The payload.
    pub payload: Vec<u8>,
}

/// A deterministic end of a call without a result. Counts as reject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Trap {
    /// The component trapped by itself: out of fuel, stack or memory, unreachable code, an
    /// out-of-bounds access, a division by zero. Engines cannot tell these apart alike.
    #[error("the component trapped (out of fuel, stack or memory, or a fault in its code)")]
    Guest,
    /// The component broke a rule of a host call.
    #[error("the component trapped: {0}")]
    Host(HostTrap),
}

/// A failure of this host, not of the component: nothing is decided by it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// The engine does not take the bytes. After admission this is a fault of the kernel.
    #[error("backend `{backend}` cannot compile component {component}: {cause}")]
    Compile {
        /// The backend.
        backend: &'static str,
        /// The component.
        component: ComponentId,
        /// The engine's words.
        cause: String,
    },
    /// The engine ran out of something of the host's (memory, native stack, instances).
    #[error("backend `{backend}` could not finish a call: {cause}; nothing was decided")]
    Local {
        /// The backend.
        backend: &'static str,
        /// The engine's words.
        cause: String,
    },
    /// A host call failed locally.
    #[error(transparent)]
    Store(#[from] crate::StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(bytes: &[u8]) -> String {
        match Verdict::new(1, bytes) {
            Verdict::Accept => String::from("accepted"),
            Verdict::Reject { reason, .. } => reason,
        }
    }

    #[test]
    fn a_reason_is_repaired_as_a_whole_and_then_cut() {
        let pieces: [&[u8]; 8] = [
            b"a",
            "é".as_bytes(),
            "€".as_bytes(),
            "𝄞".as_bytes(),
            b"\xff",
            b"\xe2\x82",
            b"\xf0\x9d\x84",
            b"\xc3",
        ];
        for (i, first) in pieces.iter().enumerate() {
            for second in &pieces {
                for pad in REASON_BYTES - 12..REASON_BYTES + 2 {
                    let mut bytes = vec![b'x'; pad];
                    (0..6).for_each(|n| {
                        bytes.extend(if n % (i + 1) == 0 { *first } else { *second })
                    });
                    let mut whole = String::from_utf8_lossy(&bytes).into_owned();
                    whole.truncate(whole.floor_char_boundary(REASON_BYTES));
                    assert_eq!(reason(&bytes), whole);
                }
            }
        }
    }

    #[test]
    fn an_accepting_verdict_has_no_reason() {
        assert_eq!(Verdict::new(0, b"because"), Verdict::Accept);
    }
}
