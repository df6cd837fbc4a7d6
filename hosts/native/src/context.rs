//! What every command has at hand.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use myrhiza_kernel::runtime::{Ambient, Runtime};
use myrhiza_kernel_api::{Kind, ProfilePolicy, Registry};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::failure::{Failure, Outcome};
use crate::home::{self, Config, Home};
use crate::output::Output;

pub(crate) struct Context {
    pub(crate) output: Output,
    pub(crate) registry: Registry,
    /// Of each kind the first is what a new home uses.
    pub(crate) plugins: Vec<(Kind, &'static str)>,
    /// As named on the command line or in the environment.
    pub(crate) home: Option<PathBuf>,
    /// The words of the command, without its arguments.
    pub(crate) command: String,
}

impl Context {
    /// Where the home is, or would be.
    pub(crate) fn home_path(&self) -> Outcome<PathBuf> {
        home::resolve(self.home.as_deref())
    }

    /// The home, to this process alone.
    pub(crate) fn open_home(&self) -> Outcome<Home> {
        Home::open(&self.home_path()?, &self.command, self.default_config(), &self.registry)
    }

    /// The home with its kernel.
    pub(crate) fn open_runtime(&self) -> Outcome<(Home, Runtime)> {
        let home = self.open_home()?;
        let runtime = home.runtime(&self.registry)?;
        Ok((home, runtime))
    }

    /// The settings of a home that says nothing else.
    pub(crate) fn default_config(&self) -> Config {
        let first = |kind| self.plugins.iter().find(|(k, _)| *k == kind).map(|(_, name)| *name);
        Config {
            store: first(Kind::Store).unwrap_or_default().into(),
            backend: first(Kind::Backend).unwrap_or_default().into(),
        }
    }

    pub(crate) fn profiles(&self) -> Vec<&'static dyn ProfilePolicy> {
        self.registry.profiles()
    }

    pub(crate) fn profile_names(&self) -> Vec<&'static str> {
        self.registry.names(Kind::Profile)
    }
}

/// Calls `act` with the time and a source of randomness seeded by the system.
pub(crate) fn with_ambient<T>(act: impl FnOnce(&mut Ambient<'_>) -> Outcome<T>) -> Outcome<T> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| {
        Failure::refused(
            "randomness",
            "nothing was done",
            error.to_string(),
            "mend the system's source of randomness",
        )
    })?;
    let mut source = ChaCha20Rng::from_seed(seed);
    act(&mut Ambient { now_ms: now_ms(), random: &mut |bytes| source.fill_bytes(bytes) })
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// A path as given, for messages.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
