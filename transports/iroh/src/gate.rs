//! What of the blobs' protocol is answered: requests for one whole blob that is kept.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use iroh_blobs::Hash;
use iroh_blobs::provider::events::{
    AbortReason, EventMask, EventSender, ObserveMode, ProviderMessage, RequestMode,
};
use tokio::sync::mpsc::Receiver;

use crate::link::lock;

/// The hashes that are kept and served.
pub(crate) type Kept = Arc<Mutex<BTreeSet<Hash>>>;

const QUESTIONS: usize = 64;

/// What asks before a request is answered, and who answers it as long as anybody may ask.
pub(crate) fn gate(kept: Kept) -> (EventSender, impl Future<Output = ()>) {
    let (asks, questions) = EventSender::channel(
        QUESTIONS,
        EventMask {
            get: RequestMode::Intercept,
            get_many: RequestMode::Disabled,
            push: RequestMode::Disabled,
            observe: ObserveMode::Intercept,
            ..EventMask::DEFAULT
        },
    );
    (asks, answer(kept, questions))
}

async fn answer(kept: Kept, mut questions: Receiver<ProviderMessage>) {
    while let Some(question) = questions.recv().await {
        // Who asked and does not wait for the answer is gone.
        let _heard = match question {
            ProviderMessage::GetRequestReceived(asked) => {
                let request = &asked.inner.request;
                let served = request.ranges.is_blob() && lock(&kept).contains(&request.hash);
                let answer = if served { Ok(()) } else { Err(AbortReason::Permission) };
                asked.tx.send(answer).await
            }
            ProviderMessage::ObserveRequestReceived(asked) => {
                asked.tx.send(Err(AbortReason::Permission)).await
            }
            _ => continue,
        };
    }
}
