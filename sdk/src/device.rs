//! What an `interaction` component can have of its user's device: a store of its own, and operations
//! that the user answers or agrees to.
//!
//! ```
//! use myrhiza_sdk::prelude::*;
//!
//! const NAME: Kept<String> = Kept::new("name");
//!
//! fn view(cx: &impl ViewContext, view: &mut View) {
//!     view.text(NAME.get(cx).unwrap_or("You have no name yet.".into()));
//!     view.button("Call yourself", ["name"]);
//! }
//!
//! /// What the user pressed: the words of the button.
//! fn press(cx: &impl ActContext, words: &[String]) {
//!     match words {
//!         [word] if word == "name" => {
//!             cx.ask("What are you called?", "").ok();
//!         }
//!         // What is not the component's own is proposed.
//!         words => cx.propose(words),
//!     }
//! }
//!
//! /// What became of what was asked.
//! fn complete(cx: &impl ActContext, _: Token, answer: Answer) {
//!     if let Answer::Text(name) = answer {
//!         NAME.set(cx, &name).ok();
//!     }
//! }
//! ```

use std::marker::PhantomData;

use crate::codec::Codec;
use crate::context::ViewContext;
use crate::fault::fault;
use crate::view::Offer;

/// Why something was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKept {
    /// The key is empty or longer than 384 bytes.
    Key,
    /// The value is longer than 256 KiB.
    Value,
    /// All that the app keeps would be more than 16 MiB.
    Full,
}

/// This device's own store for the app: in no state, and with no other peer.
pub trait Keep {
    /// The value of a key.
    fn kept(&self, key: &[u8]) -> Option<Vec<u8>>;
    /// Sets the value of a key.
    ///
    /// # Errors
    /// [`NotKept`]
    fn keep(&self, key: &[u8], value: &[u8]) -> Result<(), NotKept>;
    /// Removes a key.
    fn forget(&self, key: &[u8]);
    /// Entries, as [`ReadState::scan`](crate::context::ReadState::scan) gives those of the state.
    fn scan_kept(&self, from: &[u8], to: &[u8], limit: u32) -> Vec<u8>;
}

/// One value that is kept on this device.
pub struct Kept<T> {
    name: &'static str,
    holds: PhantomData<fn() -> T>,
}

impl<T: Codec> Kept<T> {
    /// The one of that name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, holds: PhantomData }
    }

    /// Its value, if it was ever set.
    pub fn get(&self, device: &impl Keep) -> Option<T> {
        let bytes = device.kept(self.name.as_bytes())?;
        match T::from_bytes(&bytes) {
            Ok(value) => Some(value),
            Err(_) => fault("what is kept is not of the type it is read as"),
        }
    }

    /// Sets its value.
    ///
    /// # Errors
    /// [`NotKept`]
    pub fn set(&self, device: &impl Keep, value: &T) -> Result<(), NotKept> {
        device.keep(self.name.as_bytes(), &value.to_bytes())
    }

    /// Makes it as if it was never set.
    pub fn remove(&self, device: &impl Keep) {
        device.forget(self.name.as_bytes());
    }
}

/// Tells one operation from others, until there is an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// Why nothing was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// 256 operations of this component wait for answers.
    WouldBlock,
    /// It follows nothing that the user did: only `press` can ask, and `complete` after a yes.
    Unprompted,
    /// The manifest does not declare it, or not this.
    Undeclared,
    /// Something is empty, too long, or not what it has to be.
    Argument,
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The user said no.
    Declined,
    /// It cannot be done here, and why, for people.
    Unavailable(String),
    /// It is copied, or opened.
    Done,
    /// Which of the choices, from 0.
    Chosen(u32),
    /// The user's text.
    Text(String),
    /// The user's file.
    File {
        /// Its name, without folders.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// A subscription as JSON, as the Push API gives it.
    Subscribed(String),
}

/// What `press` and `complete` can reach. What asks returns a token at once; `complete` is called with
/// it once there is an answer.
pub trait ActContext: ViewContext {
    /// Proposes once this call has ended; the last one counts.
    fn propose(&self, intent: impl Into<Offer>);
    /// Asks for one of 2 to 16 choices.
    ///
    /// # Errors
    /// [`NotAsked`]
    fn choose(&self, question: &str, choices: &[&str]) -> Result<Token, NotAsked>;
    /// Asks for a short text, which is `value` at first.
    ///
    /// # Errors
    /// [`NotAsked`]
    fn ask(&self, question: &str, value: &str) -> Result<Token, NotAsked>;
    /// Puts a text on the user's clipboard. The manifest declares `clipboard-write = true`.
    ///
    /// # Errors
    /// [`NotAsked`]
    fn copy(&self, text: &str) -> Result<Token, NotAsked>;
    /// Has the user give a file of a kind that the manifest declares: `file-picker = [".csv"]`.
    ///
    /// # Errors
    /// [`NotAsked`]
    fn pick(&self, kind: &str) -> Result<Token, NotAsked>;
    /// Opens an address of an origin that the manifest declares:
    /// `navigate = ["https://example.org"]`.
    ///
    /// # Errors
    /// [`NotAsked`]
    fn open(&self, address: &str) -> Result<Token, NotAsked>;
    /// Lets a server with this public key wake the device. The manifest declares `push = true`.
    ///
    /// # Errors
    /// [`NotAsked`]
    fn subscribe(&self, server_key: &[u8]) -> Result<Token, NotAsked>;
}
