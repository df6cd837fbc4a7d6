//! What every command has at hand.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use myrhiza_kernel::runtime::{Ambient, Runtime};
use myrhiza_kernel_api::{Kind, PeerAddress, ProfilePolicy, Registry, TopicId};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::{self, Config, DEFAULT_LISTEN, Home};
use crate::node::{Ask, Status};
use crate::output::Output;
use crate::steps::Step;

pub(crate) struct Context<'n> {
    pub(crate) output: Output,
    pub(crate) registry: Registry,
    /// Of each kind the first is what a new home uses.
    pub(crate) plugins: Vec<(Kind, &'static str)>,
    /// As named on the command line or in the environment.
    pub(crate) home: Option<PathBuf>,
    /// The words of the command, without its arguments.
    pub(crate) command: String,
    /// In a node, what it acts for.
    pub(crate) lent: Option<Lent<'n>>,
}

/// A home and its kernel, as a node lends them to a command.
pub(crate) struct Lent<'n> {
    pub(crate) home: RefCell<&'n mut Home>,
    pub(crate) runtime: RefCell<&'n mut Runtime>,
    /// The node as it was when the command came.
    pub(crate) status: Status,
    /// The command is run again if it waits for what peers may say.
    pub(crate) patient: bool,
    /// What the command wants of the node once it has ended.
    pub(crate) asks: &'n RefCell<Vec<Ask>>,
    /// It has run once, and the node has done what it asked for.
    pub(crate) again: bool,
    /// What is left of the command when it lets go of the kernel.
    pub(crate) rest: &'n RefCell<Option<Step>>,
}

/// A home, of this command alone or of the node it runs in.
pub(crate) enum HomeRef<'c> {
    Own(Box<Home>),
    Lent(RefMut<'c, Home>),
}

/// A kernel, of this command alone or of the node it runs in.
pub(crate) enum RuntimeRef<'c> {
    Own(Box<Runtime>),
    Lent(RefMut<'c, Runtime>),
}

impl Deref for HomeRef<'_> {
    type Target = Home;

    fn deref(&self) -> &Home {
        match self {
            Self::Own(home) => home,
            Self::Lent(home) => home,
        }
    }
}

impl DerefMut for HomeRef<'_> {
    fn deref_mut(&mut self) -> &mut Home {
        match self {
            Self::Own(home) => home,
            Self::Lent(home) => home,
        }
    }
}

impl Lent<'_> {
    fn home(&self) -> RefMut<'_, Home> {
        RefMut::map(self.home.borrow_mut(), |home| &mut **home)
    }
}

impl Deref for RuntimeRef<'_> {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        match self {
            Self::Own(runtime) => runtime,
            Self::Lent(runtime) => runtime,
        }
    }
}

impl DerefMut for RuntimeRef<'_> {
    fn deref_mut(&mut self) -> &mut Runtime {
        match self {
            Self::Own(runtime) => runtime,
            Self::Lent(runtime) => runtime,
        }
    }
}

impl Context<'_> {
    /// Where the home is, or would be.
    pub(crate) fn home_path(&self) -> Outcome<PathBuf> {
        home::resolve(self.home.as_deref())
    }

    /// The home: to this process alone, or the node's.
    pub(crate) fn open_home(&self) -> Outcome<HomeRef<'_>> {
        match &self.lent {
            Some(lent) => Ok(HomeRef::Lent(lent.home())),
            None => Ok(HomeRef::Own(Box::new(self.own_home()?))),
        }
    }

    /// The home, to this process alone.
    pub(crate) fn own_home(&self) -> Outcome<Home> {
        Home::open(&self.home_path()?, &self.command, self.default_config(), &self.registry)
    }

    /// The home with its kernel.
    pub(crate) fn open_runtime(&self) -> Outcome<(HomeRef<'_>, RuntimeRef<'_>)> {
        if let Some(lent) = &self.lent {
            let runtime = RefMut::map(lent.runtime.borrow_mut(), |runtime| &mut **runtime);
            return Ok((HomeRef::Lent(lent.home()), RuntimeRef::Lent(runtime)));
        }
        let home = self.own_home()?;
        let runtime = home.runtime(&self.registry)?;
        Ok((HomeRef::Own(Box::new(home)), RuntimeRef::Own(Box::new(runtime))))
    }

    /// Where a file is that was given on the command line. A node that may see another there than its user
    /// does, as one that a service manager shuts in, takes none but those in the home.
    pub(crate) fn file(&self, given: &Path) -> Outcome<PathBuf> {
        let path = console::path(given);
        let is_within = |home: &PathBuf| {
            path.starts_with(home) && !path.components().any(|part| part == Component::ParentDir)
        };
        if !console::is_elsewhere() || self.home.as_ref().is_some_and(is_within) {
            return Ok(path);
        }
        Err(Failure::refused(
            "other-mounts",
            format!("`{}` was not run", self.command),
            format!(
                "this home's node may see another file at {} than you: what is mounted for it differs",
                path.display()
            ),
            "put the file in the home's folder and give its whole path, or stop the node",
        ))
    }

    /// Where the node is reached that this command runs in; nowhere outside of one.
    pub(crate) fn own_peer(&self) -> Vec<PeerAddress> {
        let status = self.lent.as_ref().map(|lent| &lent.status);
        let peer =
            |status: &Status| PeerAddress { key: status.key, addresses: status.addresses.clone() };
        status.map(peer).into_iter().collect()
    }

    /// Whether no peer shares a topic with this home, though some that have it were reached, by the node
    /// that this command runs in; `None` outside of one.
    pub(crate) fn is_denied(&self, topic: TopicId) -> Option<bool> {
        self.denied().map(|denied| denied.contains(&topic))
    }

    /// All such topics.
    pub(crate) fn denied(&self) -> Option<&BTreeSet<TopicId>> {
        self.lent.as_ref().map(|lent| &lent.status.denied)
    }

    /// Asks something of the node that this command runs in, the first time it runs there; of nobody
    /// outside of one.
    pub(crate) fn ask(&self, ask: Ask) {
        if let Some(lent) = self.lent.as_ref().filter(|lent| !lent.again) {
            lent.asks.borrow_mut().push(ask);
        }
    }

    /// The settings of a home that says nothing else.
    pub(crate) fn default_config(&self) -> Config {
        let first = |kind| self.plugins.iter().find(|(k, _)| *k == kind).map(|(_, name)| *name);
        Config {
            store: first(Kind::Store).unwrap_or_default().into(),
            backend: first(Kind::Backend).unwrap_or_default().into(),
            transport: first(Kind::Transport).unwrap_or_default().into(),
            listen: DEFAULT_LISTEN.into(),
            relays: String::new(),
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
