//! What the page is answered with: what every host offers (`myrhiza-api`), over this browser's home.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use myrhiza_api::{About, Answered, Custody, Desk, Error, Host, Journal, Lent, Request, Status};
use myrhiza_kernel::identity::Keys;
use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::Stopped;
use myrhiza_kernel_api::BoxFuture;

use crate::fault;
use crate::surroundings::with_ambient;

/// What a home that is up has for the requests of its page.
pub(crate) struct Home {
    pub(crate) keys: Keys,
    pub(crate) about: About,
    /// What its node has told lately.
    pub(crate) journal: Rc<RefCell<Arc<Journal>>>,
}

impl Host for Home {
    type Lent = LentHome;

    fn lend(&self) -> LentHome {
        LentHome {
            keys: AtHand(self.keys.clone()),
            about: self.about.clone(),
            journal: Arc::clone(&self.journal.borrow()),
        }
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(n0_future::time::sleep(time))
    }

    fn stopped(&self, error: Stopped) -> Error {
        fault::stopped(&error)
    }
}

/// The same, for one request.
pub(crate) struct LentHome {
    keys: AtHand,
    about: About,
    journal: Arc<Journal>,
}

impl Lent for LentHome {
    fn answer(self, seat: &mut Seat, status: &Status, request: Request) -> Result<Answered, Error> {
        let Self { mut keys, about, journal } = self;
        let (journal, host, custody) = (&*journal, &about, &mut keys);
        with_ambient(|ambient| {
            Desk { seat, status, journal, host, custody, ambient }.answer(request)
        })
    }
}

/// The keys, which are at hand for as long as a home is up.
struct AtHand(Keys);

impl Custody for AtHand {
    fn keys(&mut self) -> Result<Keys, Error> {
        Ok(self.0.clone())
    }
}
