use std::time::Duration;

use myrhiza_kernel::node::Seat;
use myrhiza_kernel::node::drive::{Node, Stopped};
use myrhiza_kernel_api::BoxFuture;

use crate::{Answered, Ask, Error, Request, Status};

/// How often a topic that is being folded is asked again, and how long until it is.
const TIMES: usize = 20;
const AGAIN: Duration = Duration::from_millis(250);

/// What a host has for the requests of its user, beside its node.
pub trait Host {
    /// What goes to the node's kernel with a request.
    type Lent: Lent;

    /// Lends it, for one request.
    fn lend(&self) -> Self::Lent;

    /// Is done after so long.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;

    /// What the user is told where the node has stopped.
    fn stopped(&self, error: Stopped) -> Error;
}

/// What a host lends for one request. It is where the kernel is, which may be another thread.
pub trait Lent: Send + 'static {
    /// Puts together a [`crate::Desk`], and has it answer.
    ///
    /// # Errors
    /// Why it was not done, with the next step.
    fn answer(self, seat: &mut Seat, status: &Status, request: Request) -> Result<Answered, Error>;
}

/// Does what a user asks of a host, over its node; the answer as JSON. Where the topic is being folded,
/// that is waited for, but not long: then how far it is is the answer.
///
/// # Errors
/// Why it was not done, with the next step.
pub async fn respond<H: Host>(node: &Node, host: &H, request: Request) -> Result<String, Error> {
    for _ in 0..TIMES {
        match answer_once(node, host, request.clone()).await {
            Err(error) if error.code == Error::BUSY => host.sleep(AGAIN).await,
            answered => return answered,
        }
    }
    answer_once(node, host, request).await
}

async fn answer_once<H: Host>(node: &Node, host: &H, request: Request) -> Result<String, Error> {
    let stopped = |error: Stopped| host.stopped(error);
    let peers = node.peers().await.map_err(stopped)?;
    let denied = node.denied().await.map_err(stopped)?;
    let status = Status { key: node.key(), addresses: node.addresses(), peers, denied };
    let lent = host.lend();
    let answered = node.call(move |seat, _| lent.answer(seat, &status, request));
    let answered = answered.await.map_err(stopped)??;
    match &answered.ask {
        Some(Ask::Connect(peer)) => node.connect(peer.clone()).await.map_err(stopped)?,
        Some(Ask::Compare(topic)) => {
            node.compare(*topic).await.map_err(stopped)?;
        }
        None => {}
    }
    Ok(answered.to_json())
}
