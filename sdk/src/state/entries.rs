//! Reading many entries, a page at a time.

use std::marker::PhantomData;
use std::vec;

use super::KEY_BYTES;
use super::map::after;
use crate::codec::Codec;
use crate::context::ReadState;
use crate::fault::fault;
use crate::key::Key;

/// Entries of one page: enough that a call to the kernel is cheap beside them, few enough that
/// taking the first of many wastes little.
const PAGE: u32 = 64;

/// The entries of a map in the order of their keys, read as they are asked for.
pub struct Entries<'s, S, K, V> {
    state: &'s S,
    /// Length of the name and its zero byte, before each key.
    prefix: usize,
    from: Vec<u8>,
    to: Vec<u8>,
    page: vec::IntoIter<(Vec<u8>, Vec<u8>)>,
    more: bool,
    holds: PhantomData<fn() -> (K, V)>,
}

impl<'s, S: ReadState, K: Key, V: Codec> Entries<'s, S, K, V> {
    /// The entries with `from <= key < to`, whose keys begin after `prefix` bytes.
    pub(super) fn new(state: &'s S, prefix: usize, from: Vec<u8>, to: Vec<u8>) -> Self {
        let page = Vec::new().into_iter();
        Self { state, prefix, from, to, page, more: true, holds: PhantomData }
    }

    fn next_page(&mut self) -> Option<()> {
        if !self.more {
            return None;
        }
        let bytes = self.state.scan(&self.from, &self.to, PAGE);
        let Some(page) = split(&bytes) else { fault("the kernel's scan does not hold together") };
        // A page may also be short because its values are large, so only an empty one is the end.
        self.from = beyond(page.last()?.0.clone());
        self.page = page.into_iter();
        Some(())
    }
}

impl<S: ReadState, K: Key, V: Codec> Iterator for Entries<'_, S, K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        let (key, value) = match self.page.next() {
            Some(entry) => entry,
            None => {
                if self.next_page().is_none() {
                    self.more = false;
                    return None;
                }
                self.page.next()?
            }
        };
        let mut rest = key.get(self.prefix..).unwrap_or_default();
        match K::read(&mut rest) {
            Some(key) if rest.is_empty() => Some((key, super::value(&value))),
            _ => fault("a key in the state is not of the type that reads it"),
        }
    }
}

/// The least bound above a key. Nothing is longer than the longest key, and no bound may be.
fn beyond(mut key: Vec<u8>) -> Vec<u8> {
    if key.len() >= KEY_BYTES {
        return after(key);
    }
    key.push(0);
    key
}

/// Key length, value length (u32, little-endian), key and value of each entry.
fn split(mut bytes: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (key_length, rest) = bytes.split_first_chunk()?;
        let (value_length, rest) = rest.split_first_chunk()?;
        let (key, rest) = rest.split_at_checked(u32::from_le_bytes(*key_length) as usize)?;
        let (value, rest) = rest.split_at_checked(u32::from_le_bytes(*value_length) as usize)?;
        entries.push((key.into(), value.into()));
        bytes = rest;
    }
    Some(entries)
}
