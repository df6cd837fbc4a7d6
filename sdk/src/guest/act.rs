//! `kv`, `intent` and the operations, of `interaction`.

use super::kernel;
use super::kernel::{clipboard_write, file_picker, kv, navigate, prompt, push};
use super::propose::Tip;
use crate::device::{ActContext, Answer, Keep, NotAsked, NotKept, Token};
use crate::view::Offer;

impl Keep for Tip {
    fn kept(&self, key: &[u8]) -> Option<Vec<u8>> {
        kv::get(key)
    }
    fn keep(&self, key: &[u8], value: &[u8]) -> Result<(), NotKept> {
        kv::set(key, value).map_err(|refusal| match refusal {
            kv::Refusal::Key => NotKept::Key,
            kv::Refusal::Value => NotKept::Value,
            kv::Refusal::Full => NotKept::Full,
        })
    }
    fn forget(&self, key: &[u8]) {
        kv::delete(key);
    }
    fn scan_kept(&self, from: &[u8], to: &[u8], limit: u32) -> Vec<u8> {
        kv::scan(from, to, limit)
    }
}

/// Each interface has a `refusal` of its own, and all are one.
macro_rules! submitted {
    ($interface:ident, $submitted:expr) => {
        $submitted.map(Token).map_err(|refusal| match refusal {
            $interface::Refusal::WouldBlock => NotAsked::WouldBlock,
            $interface::Refusal::Unprompted => NotAsked::Unprompted,
            $interface::Refusal::Undeclared => NotAsked::Undeclared,
            $interface::Refusal::Argument => NotAsked::Argument,
        })
    };
}

impl ActContext for Tip {
    fn propose(&self, intent: impl Into<Offer>) {
        kernel::intent::propose(&intent.into().0);
    }
    fn choose(&self, question: &str, choices: &[&str]) -> Result<Token, NotAsked> {
        let choices: Vec<_> = choices.iter().map(|choice| String::from(*choice)).collect();
        submitted!(prompt, prompt::choose_submit(question, &choices))
    }
    fn ask(&self, question: &str, value: &str) -> Result<Token, NotAsked> {
        submitted!(prompt, prompt::ask_submit(question, value))
    }
    fn copy(&self, text: &str) -> Result<Token, NotAsked> {
        submitted!(clipboard_write, clipboard_write::write_submit(text))
    }
    fn pick(&self, kind: &str) -> Result<Token, NotAsked> {
        submitted!(file_picker, file_picker::pick_submit(kind))
    }
    fn open(&self, address: &str) -> Result<Token, NotAsked> {
        submitted!(navigate, navigate::open_submit(address))
    }
    fn subscribe(&self, server_key: &[u8]) -> Result<Token, NotAsked> {
        submitted!(push, push::subscribe_submit(server_key))
    }
}

/// Takes what the user pressed.
pub fn press(words: &[String], rules: impl FnOnce(&Tip, &[String])) {
    rules(&Tip(()), words);
}

/// Takes what became of an operation.
pub fn complete(token: u64, answer: Answer, rules: impl FnOnce(&Tip, Token, Answer)) {
    rules(&Tip(()), Token(token), answer);
}
