//! The connections of the local API: as many at once as are bounded, each only as long as it is used.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

/// Most connections at once: of far more than one user has pages and commands.
const MOST: usize = 256;
/// How long one may take for the head of a request, and how long it may be without one.
const HEAD: Duration = Duration::from_secs(30);
/// After which it is tried again to take a connection, where the system gives none.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection.
struct Connection {
    /// Answers that are not at their end.
    busy: AtomicUsize,
    /// When the last one was.
    since: Mutex<Instant>,
    /// Told when it is to make room.
    close: Notify,
}

/// Keeps a connection open as long as it lives.
pub(super) struct Busy(Arc<Connection>);

impl Busy {
    fn on(connection: Arc<Connection>) -> Self {
        connection.busy.fetch_add(1, Ordering::Relaxed);
        Self(connection)
    }
}

impl Clone for Busy {
    fn clone(&self) -> Self {
        Self::on(self.0.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Those that are open.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<Vec<Arc<Connection>>>>);

impl Open {
    /// Takes one more in; where there are as many as may be, in place of that which has been idle for
    /// longest. None where all are in use.
    fn enter(&self, most: usize) -> Option<Arc<Connection>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= most {
            let since =
                |one: &Connection| *one.since.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = open.iter().enumerate();
            let idle = idle.filter(|(_, one)| one.busy.load(Ordering::Relaxed) == 0);
            let (oldest, _) = idle.min_by_key(|(_, one)| since(one))?;
            open.swap_remove(oldest).close.notify_one();
        }
        let (busy, since, close) = (AtomicUsize::new(0), Mutex::new(Instant::now()), Notify::new());
        let entered = Arc::new(Connection { busy, since, close });
        open.push(entered.clone());
        Some(entered)
    }

    fn leave(&self, left: &Arc<Connection>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|one| !Arc::ptr_eq(one, left));
    }
}

/// Serves those who connect. Never done.
pub(super) async fn serve(listener: TcpListener, router: Router) -> Infallible {
    let open = Open::default();
    loop {
        match listener.accept().await {
            // Dropped, it is closed.
            Ok((stream, _)) => {
                if let Some(connection) = open.enter(MOST) {
                    tokio::spawn(serve_one(stream, router.clone(), connection, open.clone()));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the local API could not take a connection");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn serve_one(stream: TcpStream, router: Router, connection: Arc<Connection>, open: Open) {
    let busy = middleware::from_fn_with_state(connection.clone(), busy);
    let service = TowerToHyperService::new(router.layer(busy));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD);
    tokio::select! {
        ended = server.serve_connection(TokioIo::new(stream), service) => if let Err(error) = ended {
            tracing::debug!(%error, "a connection of the local API ended");
        },
        () = connection.close.notified() => {}
    }
    open.leave(&connection);
}

/// Keeps a connection from being taken for an idle one while an answer is made. One that goes on for
/// longer finds what keeps it so among the request's extensions.
async fn busy(
    State(connection): State<Arc<Connection>>,
    mut request: Request<Body>,
    next: Next,
) -> Response {
    let busy = Busy::on(connection);
    request.extensions_mut().insert(busy.clone());
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_idle_connection_makes_room_and_a_used_one_never() {
        let open = Open::default();
        let first = open.enter(2).unwrap();
        let second = open.enter(2).unwrap();
        let busy = Busy::on(first.clone());
        let third = open.enter(2).unwrap();
        assert!(open.0.lock().unwrap().iter().all(|one| !Arc::ptr_eq(one, &second)));
        let also = Busy::on(third.clone());
        assert!(open.enter(2).is_none(), "both are used");
        // The first is used again and again: it is the third that has been idle for longer.
        drop(also);
        drop(busy);
        open.enter(2).unwrap();
        assert!(open.0.lock().unwrap().iter().all(|one| !Arc::ptr_eq(one, &third)));
        open.leave(&first);
        assert_eq!(open.0.lock().unwrap().len(), 1);
    }
}
