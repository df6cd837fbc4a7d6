//! Where a call's host lies while the component runs, and what a host function sees of the component.

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use myrhiza_kernel_api::host::HostResult;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue, throw_val};

use super::guest::{Guest, LIST, Layout, OPTION, pair};
use super::js::Core;
use super::stop::{Ends, Stop};

/// Words a host function can be passed.
pub(super) const WORDS: usize = 6;

/// What an instance and its host functions share. Nothing of it is borrowed while JavaScript or the
/// component runs, since either can come back here.
pub(super) struct Shared<H: ?Sized> {
    /// The host of the call in progress.
    host: RefCell<Option<Box<H>>>,
    /// There once the instance is.
    guest: OnceCell<Guest>,
    /// Why a host function stopped the call. JavaScript carries a mark in its place.
    stopped: RefCell<Option<Stop>>,
    /// Whether a host function is running.
    inside: Cell<bool>,
}

impl<H: ?Sized> Shared<H> {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self {
            host: RefCell::new(None),
            guest: OnceCell::new(),
            stopped: RefCell::new(None),
            inside: Cell::new(false),
        })
    }

    /// The instance is there.
    pub(super) fn made(&self, guest: Guest) -> &Guest {
        self.guest.get_or_init(|| guest)
    }

    pub(super) fn guest(&self) -> Ends<&Guest> {
        self.guest.get().ok_or(Stop::NoHost)
    }

    pub(super) fn put(&self, host: Box<H>) {
        *self.host.borrow_mut() = Some(host);
    }

    pub(super) fn take(&self) -> Option<Box<H>> {
        self.host.borrow_mut().take()
    }

    /// Why the component was left, of what the engine threw.
    pub(super) fn stopped(&self, thrown: JsValue) -> Stop {
        // A host function was left without returning: this program itself has failed, and the
        // call's host is lost with what was on its stack. Nothing here may go on.
        if self.inside.get() {
            throw_val(thrown);
        }
        self.stopped.borrow_mut().take().unwrap_or(Stop::Thrown(thrown))
    }

    /// Runs a host function that the component called.
    fn enter<R>(
        &self,
        realloc: Option<usize>,
        run: impl FnOnce(&Frame<'_, H>) -> Ends<R>,
    ) -> Result<R, JsValue> {
        let before = self.inside.replace(true);
        let ended = match self.guest() {
            Ok(guest) if guest.may_leave() => run(&Frame { shared: self, guest, realloc }),
            Ok(_) => Err(Stop::Breach),
            Err(stop) => Err(stop),
        };
        self.inside.set(before);
        ended.map_err(|stop| match stop {
            Stop::Thrown(thrown) => thrown,
            stop => {
                *self.stopped.borrow_mut() = Some(stop);
                JsValue::NULL
            }
        })
    }
}

/// A host function's view of the component that called it.
pub(super) struct Frame<'a, H: ?Sized> {
    shared: &'a Shared<H>,
    pub(super) guest: &'a Guest,
    realloc: Option<usize>,
}

impl<H: ?Sized> Frame<'_, H> {
    /// Asks the host.
    pub(super) fn host<R>(&self, ask: impl FnOnce(&mut H) -> HostResult<R>) -> Ends<R> {
        let mut host = self.shared.take().ok_or(Stop::NoHost)?;
        let answer = ask(&mut host);
        self.shared.put(host);
        answer.map_err(Stop::Host)
    }

    /// Bytes the component passed.
    pub(super) fn bytes(&self, at: u32, len: u32) -> Ends<Vec<u8>> {
        self.guest.bytes(at, len)
    }

    /// Gives bytes back, through the area the component named.
    pub(super) fn give(&self, area: u32, bytes: &[u8]) -> Ends<u32> {
        self.guest.area(area, LIST)?;
        let list = self.guest.put(self.realloc, bytes)?;
        self.guest.store(area, &pair(list))?;
        Ok(0)
    }

    /// Makes room for a list and gives it back, through the area the component named; what is to be
    /// in it is written by `fill`, to which the start of each element is told.
    pub(super) fn give_list<T>(
        &self,
        area: u32,
        items: &[T],
        element: Layout,
        mut fill: impl FnMut(&Self, u32, &T) -> Ends<()>,
    ) -> Ends<u32> {
        self.guest.area(area, LIST)?;
        let len = u32::try_from(items.len()).map_err(|_| Stop::Breach)?;
        let size = len.checked_mul(element.size).ok_or(Stop::Breach)?;
        let list = self.guest.realloc(self.realloc, element.align, size)?;
        for (index, item) in (0..).zip(items) {
            fill(self, list + index * element.size, item)?;
        }
        self.guest.store(area, &pair([list, len]))?;
        Ok(0)
    }

    /// Puts bytes into the component's memory: a pointer and a length.
    pub(super) fn put(&self, bytes: &[u8]) -> Ends<[u32; 2]> {
        self.guest.put(self.realloc, bytes)
    }

    /// Gives bytes back, or says that there are none.
    pub(super) fn give_option(&self, area: u32, bytes: Option<&[u8]>) -> Ends<u32> {
        self.guest.area(area, OPTION)?;
        self.guest.store(area, &[bytes.is_some().into()])?;
        if let Some(bytes) = bytes {
            let list = self.guest.put(self.realloc, bytes)?;
            self.guest.store(area + 4, &pair(list))?;
        }
        Ok(0)
    }
}

/// A host function that gives at most a word.
type Word<H> = dyn Fn(&Frame<'_, H>, [u32; WORDS]) -> Ends<u32>;
/// One that takes nothing and gives 64 bits.
type Long<H> = dyn Fn(&Frame<'_, H>) -> Ends<u64>;

/// A host function.
pub(super) enum Import<H: ?Sized> {
    Word(Box<Word<H>>),
    Long(Box<Long<H>>),
}

/// A host function with words in, of which those beyond its own are zero.
pub(super) fn word<H: ?Sized>(
    import: impl Fn(&Frame<'_, H>, [u32; WORDS]) -> Ends<u32> + 'static,
) -> Import<H> {
    Import::Word(Box::new(import))
}

/// A host function with nothing in and 64 bits out.
pub(super) fn long<H: ?Sized>(import: impl Fn(&Frame<'_, H>) -> Ends<u64> + 'static) -> Import<H> {
    Import::Long(Box::new(import))
}

/// A host function as JavaScript sees it, and what must live as long as it is called.
pub(super) type Exposed = (Core, Box<dyn Any>);

/// Exposes a host function that is passed so many words. None if there is no such function.
pub(super) fn expose<H: ?Sized + 'static>(
    shared: &Rc<Shared<H>>,
    import: Import<H>,
    words: usize,
    realloc: Option<usize>,
) -> Option<Exposed> {
    let shared = Rc::clone(shared);
    macro_rules! exposed {
        (@word $word:ident) => { u32 };
        ($result:ty; [$($word:ident),*]; $run:expr) => {{
            let entered = move |$($word: exposed!(@word $word)),*| shared.enter(realloc, $run);
            let closure = Closure::<dyn Fn($(exposed!(@word $word)),*) -> Result<$result, JsValue>>
                ::wrap_aborting(Box::new(entered));
            let function = closure.as_ref().clone().unchecked_into();
            (function, Box::new(closure) as Box<dyn Any>)
        }};
    }
    Some(match (import, words) {
        (Import::Long(run), 0) => exposed!(u64; []; |frame| run(frame)),
        (Import::Word(run), 0) => exposed!(u32; []; |frame| run(frame, [0; WORDS])),
        (Import::Word(run), 1) => exposed!(u32; [a]; |frame| run(frame, [a, 0, 0, 0, 0, 0])),
        (Import::Word(run), 2) => exposed!(u32; [a, b]; |frame| run(frame, [a, b, 0, 0, 0, 0])),
        (Import::Word(run), 3) => {
            exposed!(u32; [a, b, c]; |frame| run(frame, [a, b, c, 0, 0, 0]))
        }
        (Import::Word(run), 4) => {
            exposed!(u32; [a, b, c, d]; |frame| run(frame, [a, b, c, d, 0, 0]))
        }
        (Import::Word(run), 5) => {
            exposed!(u32; [a, b, c, d, e]; |frame| run(frame, [a, b, c, d, e, 0]))
        }
        (Import::Word(run), 6) => {
            exposed!(u32; [a, b, c, d, e, f]; |frame| run(frame, [a, b, c, d, e, f]))
        }
        _ => return None,
    })
}
