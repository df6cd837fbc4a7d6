//! What the system says of this process (Linux only; elsewhere nothing).

use std::fs;
use std::time::Duration;

/// Clock ticks a second in what the kernel shows to everybody.
const TICKS: u64 = 100;

/// Time on a core, of all threads, so far.
pub fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in brackets, may hold anything.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS)
}

/// Memory that is resident, in KiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resident {
    /// Of its own.
    pub own: u64,
    /// Mapped files, the store's among them: pages that the system takes back when it wants them.
    pub files: u64,
}

/// What of this process is resident.
pub fn resident() -> Resident {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
        number.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    };
    Resident { own: field("RssAnon:"), files: field("RssFile:") }
}
