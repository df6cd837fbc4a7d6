//! The user's device as the rules see it: a store, and a user who is asked and answers in the test.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::host::Host;
use crate::device::{ActContext, Keep, NotAsked, NotKept, Token};
use crate::view::Offer;

const KEY_BYTES: usize = 384;
const VALUE_BYTES: usize = 256 << 10;

/// Something that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the methods of `ActContext` say it")]
pub enum Asked {
    Choose { question: String, choices: Vec<String> },
    Ask { question: String, value: String },
    Copy(String),
    Pick(String),
    Open(String),
    Subscribe(Vec<u8>),
}

/// What a host has of it. It asks whatever it is told to: what a manifest declares, and who asks when,
/// is for the kernel to judge.
#[derive(Clone, Default)]
pub(super) struct Device {
    kept: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    asked: RefCell<Vec<(Token, Asked)>>,
    proposed: RefCell<Option<Vec<String>>>,
    tokens: Cell<u64>,
}

impl Host {
    /// What was asked so far, with the tokens to answer by.
    pub fn asked(&self) -> Vec<(Token, Asked)> {
        self.device.asked.borrow().clone()
    }

    /// The words that were proposed last.
    pub fn proposed(&self) -> Option<Vec<String>> {
        self.device.proposed.borrow().clone()
    }

    fn submit(&self, asked: Asked) -> Result<Token, NotAsked> {
        let token = Token(self.device.tokens.replace(self.device.tokens.get() + 1));
        self.device.asked.borrow_mut().push((token, asked));
        Ok(token)
    }
}

impl Keep for Host {
    fn kept(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.device.kept.borrow().get(key).cloned()
    }
    fn keep(&self, key: &[u8], value: &[u8]) -> Result<(), NotKept> {
        if key.is_empty() || key.len() > KEY_BYTES {
            return Err(NotKept::Key);
        }
        if value.len() > VALUE_BYTES {
            return Err(NotKept::Value);
        }
        self.device.kept.borrow_mut().insert(key.into(), value.into());
        Ok(())
    }
    fn forget(&self, key: &[u8]) {
        self.device.kept.borrow_mut().remove(key);
    }
    fn scan_kept(&self, from: &[u8], to: &[u8], limit: u32) -> Vec<u8> {
        super::host::flat(&self.device.kept.borrow(), from, to, limit)
    }
}

impl ActContext for Host {
    fn propose(&self, intent: impl Into<Offer>) {
        self.device.proposed.replace(Some(intent.into().0));
    }
    fn choose(&self, question: &str, choices: &[&str]) -> Result<Token, NotAsked> {
        let choices = choices.iter().map(|choice| String::from(*choice)).collect();
        self.submit(Asked::Choose { question: question.into(), choices })
    }
    fn ask(&self, question: &str, value: &str) -> Result<Token, NotAsked> {
        self.submit(Asked::Ask { question: question.into(), value: value.into() })
    }
    fn copy(&self, text: &str) -> Result<Token, NotAsked> {
        self.submit(Asked::Copy(text.into()))
    }
    fn pick(&self, kind: &str) -> Result<Token, NotAsked> {
        self.submit(Asked::Pick(kind.into()))
    }
    fn open(&self, address: &str) -> Result<Token, NotAsked> {
        self.submit(Asked::Open(address.into()))
    }
    fn subscribe(&self, server_key: &[u8]) -> Result<Token, NotAsked> {
        self.submit(Asked::Subscribe(server_key.into()))
    }
}
