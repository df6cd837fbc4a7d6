use std::any::Any;
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use myrhiza_backend_kit::guest::id;
use myrhiza_backend_kit::host::Recorder;
use myrhiza_kernel::component::{Rule, admit};
use myrhiza_kernel_api::host::ApplyHost;
use myrhiza_kernel_api::{Backend, Component, Profile, ProfileLimits, Verdict};
use myrhiza_profile_state_apply::STATE_APPLY;

use crate::smith;

/// The fuel of one call: as much as random code needs to end, or to show that it does not.
const FUEL: u64 = 200_000;

/// Bytes of a transcript's digest that are told.
const DIGEST: usize = 16;

/// What a backend makes of the random component of a seed: `refused` if it is not admitted, which the
/// kernel says alone; or else how many calls ended and how many trapped, and a digest of results, traps,
/// fuel and host calls of all its functions, each of them called twice.
///
/// # Errors
/// If admission finds what no random component should have, or this machine fails.
pub fn transcript(seed: u64, backend: &dyn Backend) -> Result<String> {
    let (plain, functions) = smith(seed);
    let rules = Profile { limits: ProfileLimits::with_fuel(FUEL), ..STATE_APPLY };
    let bytes = match admit(&plain, &rules) {
        Ok(admitted) => admitted.bytes,
        Err(findings) => {
            let known = |rule| matches!(rule, Rule::Unsupported | Rule::Memory);
            let known = findings.0.iter().all(|finding| known(finding.rule));
            return known.then(|| "refused".into()).with_context(|| findings.to_string());
        }
    };
    let component = Component { id: id(&bytes), bytes: &bytes, fuel: FUEL };
    let mut apply = backend.state_apply(component)?;
    let (mut ended, mut trapped, mut all) = (0, 0, String::new());
    for seq in (0..functions).chain(0..functions) {
        let mut host = Recorder::new(0);
        host.event.seq = seq;
        let returned = apply.apply(Box::new(host) as Box<dyn ApplyHost>);
        let called = returned.outcome?;
        let host: Box<dyn Any> = returned.host;
        let host = host.downcast::<Recorder>().ok().context("another host came back")?;
        match called.result {
            Ok(Verdict::Accept) => {
                ended += 1;
                writeln!(all, "{seq} accepts")?;
            }
            Ok(Verdict::Reject { code, reason }) => {
                ended += 1;
                writeln!(all, "{seq} rejects {code} {}", blake3::hash(reason.as_bytes()))?;
            }
            Err(trap) => {
                trapped += 1;
                writeln!(all, "{seq} traps: {trap}")?;
            }
        }
        writeln!(all, "  {} {:?}", called.fuel, host.trace)?;
    }
    let digest = blake3::hash(all.as_bytes()).to_hex();
    Ok(format!("{ended} ended, {trapped} trapped, {}", &digest[..DIGEST]))
}
