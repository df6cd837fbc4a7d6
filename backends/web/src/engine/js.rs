//! Core functions as JavaScript sees them, with the numbers they take and give, and copies between
//! memories.

use js_sys::WebAssembly::Memory;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/engine/memory.js")]
extern "C" {
    type Memories;

    #[wasm_bindgen(constructor)]
    fn new(guest: &Memory, own: &JsValue) -> Memories;
    #[wasm_bindgen(method)]
    fn size(this: &Memories) -> u32;
    #[wasm_bindgen(method)]
    fn load(this: &Memories, at: u32, to: *mut u8, length: usize) -> bool;
    #[wasm_bindgen(method)]
    fn store(this: &Memories, at: u32, from: *const u8, length: usize) -> bool;
}

/// The bytes of a component's memory.
pub(super) struct Bytes(Memories);

impl Bytes {
    pub(super) fn of(memory: &Memory) -> Self {
        Self(Memories::new(memory, &wasm_bindgen::memory()))
    }

    /// How many there are now.
    pub(super) fn size(&self) -> u64 {
        self.0.size().into()
    }

    /// Copies out of the component's memory; false, and nothing, where that would leave it.
    pub(super) fn load(&self, at: u32, into: &mut [u8]) -> bool {
        self.0.load(at, into.as_mut_ptr(), into.len())
    }

    /// Copies into the component's memory; false, and nothing, where that would leave it.
    pub(super) fn store(&self, at: u32, bytes: &[u8]) -> bool {
        self.0.store(at, bytes.as_ptr(), bytes.len())
    }
}

#[wasm_bindgen]
extern "C" {
    /// A function of a core instance. All are called by `Function.prototype.call` or `apply`, whose first
    /// argument means nothing to them.
    #[derive(Clone)]
    #[wasm_bindgen(extends = js_sys::Object, js_name = Function, typescript_type = "Function")]
    pub(super) type Core;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_nothing(this: &Core, that: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_nothing_with(this: &Core, that: &JsValue, a: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_nothing_with2(this: &Core, that: &JsValue, a: u32, b: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = apply)]
    fn apply_nothing(this: &Core, that: &JsValue, arguments: &js_sys::Array)
    -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_word(this: &Core, that: &JsValue) -> Result<u32, JsValue>;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_word_with2(this: &Core, that: &JsValue, a: u32, b: u32) -> Result<u32, JsValue>;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_word_with4(
        this: &Core,
        that: &JsValue,
        a: u32,
        b: u32,
        c: u32,
        d: u32,
    ) -> Result<u32, JsValue>;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_word_with5(
        this: &Core,
        that: &JsValue,
        a: u32,
        b: u32,
        c: u32,
        d: u32,
        e: u32,
    ) -> Result<u32, JsValue>;
    #[wasm_bindgen(method, catch, js_name = call)]
    fn call_long(this: &Core, that: &JsValue) -> Result<u64, JsValue>;
}

impl Core {
    pub(super) fn nothing(&self) -> Result<(), JsValue> {
        self.call_nothing(&JsValue::UNDEFINED)
    }

    pub(super) fn nothing_with(&self, word: u32) -> Result<(), JsValue> {
        self.call_nothing_with(&JsValue::UNDEFINED, word)
    }

    pub(super) fn nothing_with2(&self, [a, b]: [u32; 2]) -> Result<(), JsValue> {
        self.call_nothing_with2(&JsValue::UNDEFINED, a, b)
    }

    pub(super) fn nothing_with_long(&self, long: u64, words: [u32; 5]) -> Result<(), JsValue> {
        let arguments = js_sys::Array::of1(&JsValue::from(long));
        for word in words {
            arguments.push(&JsValue::from(word));
        }
        self.apply_nothing(&JsValue::UNDEFINED, &arguments)
    }

    pub(super) fn word(&self) -> Result<u32, JsValue> {
        self.call_word(&JsValue::UNDEFINED)
    }

    pub(super) fn word_with2(&self, [a, b]: [u32; 2]) -> Result<u32, JsValue> {
        self.call_word_with2(&JsValue::UNDEFINED, a, b)
    }

    pub(super) fn word_with4(&self, [a, b, c, d]: [u32; 4]) -> Result<u32, JsValue> {
        self.call_word_with4(&JsValue::UNDEFINED, a, b, c, d)
    }

    pub(super) fn word_with5(&self, [a, b, c, d, e]: [u32; 5]) -> Result<u32, JsValue> {
        self.call_word_with5(&JsValue::UNDEFINED, a, b, c, d, e)
    }

    pub(super) fn long(&self) -> Result<u64, JsValue> {
        self.call_long(&JsValue::UNDEFINED)
    }
}
