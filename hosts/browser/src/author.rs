//! What a home does of itself in topics: it comes into those its person is in, follows the authors of
//! its apps, and lets what it says as an author not get old.

use std::time::Duration;

use myrhiza_api::Error;
use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::Node;
use myrhiza_kernel::runtime::PART;

use crate::fault;
use crate::surroundings::with_ambient;

/// How often it is looked whether there is to be said that there is no news.
const NEWS: Duration = Duration::from_secs(3_600);
/// Milliseconds after which an author's home says so: well before what it said is called old.
const NEWS_MS: u64 = 12 * 3_600_000;

/// Brings this home's key into the topics that its person is in by another home: peers serve nobody
/// else. And follows the authors of its apps.
pub(crate) fn enter(seat: &mut Seat) -> Result<(), Error> {
    let (runtime, signer) = seat.parts();
    // What takes long is the node's to go on with.
    runtime.work_in_parts(PART);
    for topic in runtime.topic_ids().map_err(|error| fault::home(&error))? {
        let entered = with_ambient(|ambient| {
            runtime.take_part(topic, signer, ambient).map_err(|error| fault::home(&error))
        });
        if let Err(error) = entered {
            tracing::warn!(%topic, cause = error.cause, "this home does not take part");
        }
    }
    let now_ms = js_sys::Date::now() as u64;
    // Tried again at the next opening, as is what failed above.
    if let Err(error) = runtime.follow_authors(signer, now_ms) {
        tracing::warn!(%error, "the authors of the installed apps are not followed");
    }
    Ok(())
}

/// Keeps what others know of this home's person, if they are an author, from getting old. Done when the
/// node has stopped.
pub(crate) async fn stay_current(node: Node) {
    loop {
        let said = node.call(|seat, _| {
            let (runtime, signer) = seat.parts();
            with_ambient(|ambient| {
                let said = runtime.stay_current(signer, ambient, NEWS_MS);
                said.map_err(|error| fault::home(&error)).map(|_| ())
            })
        });
        match said.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(cause = error.cause, "others were not told"),
            Err(_) => return,
        }
        n0_future::time::sleep(NEWS).await;
    }
}
