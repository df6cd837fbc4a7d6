//! What the runtime does beyond the fold.

mod authors;
mod devices;
mod index;
mod ingest;
mod offers;
mod peers;
mod upgrade;

use super::{Ambient, Signer};
use crate::testing::Scope;

/// Calls what a scope does, at some time and with some chance.
fn acting<T>(scope: &Scope, act: impl FnOnce(Signer<'_>, &mut Ambient<'_>) -> T) -> T {
    let signer = Signer { scope: &scope.device, certificate: &scope.certificate };
    act(signer, &mut Ambient { now_ms: 1, random: &mut |bytes| bytes.fill(1) })
}
