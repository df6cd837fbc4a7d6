//! How many instances live at once.
//!
//! A browser reserves far more addresses for a memory than it has bytes: Chromium 148 refuses the
//! 124th. So of the instances that may end between any two calls, because every call finds the
//! memory of a new one, only those used last are kept.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

/// Where an instance waits for its next call.
pub(crate) trait Idle {
    /// Ends it, if there is one: the next call makes another.
    fn end(&self);
}

impl<T> Idle for RefCell<Option<T>> {
    fn end(&self) {
        // What ending it runs finds the place free.
        let ended = self.take();
        drop(ended);
    }
}

/// The places of instances that may end, the one used last at the back.
pub(crate) struct Pool {
    most: usize,
    places: RefCell<VecDeque<Weak<dyn Idle>>>,
}

impl Pool {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, places: RefCell::default() }
    }

    /// Says that the instance in a place was used, and ends those that are too many.
    pub(crate) fn used(&self, place: Rc<dyn Idle>) {
        let is_it = |other: &Weak<dyn Idle>| std::ptr::addr_eq(other.as_ptr(), Rc::as_ptr(&place));
        let ended = {
            let mut places = self.places.borrow_mut();
            if places.back().is_some_and(is_it) {
                return;
            }
            places.retain(|other| other.strong_count() > 0 && !is_it(other));
            places.push_back(Rc::downgrade(&place));
            if places.len() > self.most { places.pop_front() } else { None }
        };
        if let Some(ended) = ended.and_then(|place| place.upgrade()) {
            ended.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: u32) -> Rc<RefCell<Option<u32>>> {
        Rc::new(RefCell::new(Some(number)))
    }

    #[test]
    fn only_those_used_last_are_kept() {
        let pool = Pool::new(2);
        let places = [place(0), place(1), place(2)];
        let live = || places.each_ref().map(|place| place.borrow().is_some());
        let used = |at: usize| {
            places[at].replace(Some(7));
            pool.used(places[at].clone());
        };
        used(0);
        used(1);
        used(0);
        assert_eq!(live(), [true, true, true]);
        used(2);
        assert_eq!(live(), [true, false, true]);
        used(1);
        assert_eq!(live(), [false, true, true]);
    }

    #[test]
    fn what_is_gone_takes_no_place() {
        let pool = Pool::new(2);
        let kept = place(0);
        pool.used(kept.clone());
        for number in 1..9 {
            pool.used(place(number));
        }
        assert!(kept.borrow().is_some());
        assert_eq!(pool.places.borrow().len(), 2);
    }
}
