//! The rules a component runs under, as data that the kernel enforces.

use crate::limits;

/// A profile. Its crate holds nothing but this data and its registration.
pub trait ProfilePolicy: Send + Sync {
    /// `state-apply`, `state-propose`, …: the name manifests use.
    fn name(&self) -> &'static str;
    /// The WIT world a component of this profile targets.
    fn world(&self) -> &'static str;
    /// Every interface it may import, and on what condition. What is not listed fails the install.
    fn permits(&self) -> &'static [Permit];
    /// The functions it must export; those of its world that are not among them it may.
    fn exports(&self) -> &'static [&'static str];
    /// Which instructions and types it may contain.
    fn determinism(&self) -> Determinism;
    /// What one call may use.
    fn limits(&self) -> ProfileLimits;
    /// How long an instance lives.
    fn life(&self) -> InstanceLife;
}

/// A profile whose rules are the same for ever: what every one so far is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// See [`ProfilePolicy::name`].
    pub name: &'static str,
    /// See [`ProfilePolicy::world`].
    pub world: &'static str,
    /// See [`ProfilePolicy::permits`].
    pub permits: &'static [Permit],
    /// See [`ProfilePolicy::exports`].
    pub exports: &'static [&'static str],
    /// See [`ProfilePolicy::determinism`].
    pub determinism: Determinism,
    /// See [`ProfilePolicy::limits`].
    pub limits: ProfileLimits,
    /// See [`ProfilePolicy::life`].
    pub life: InstanceLife,
}

impl ProfilePolicy for Profile {
    fn name(&self) -> &'static str {
        self.name
    }

    fn world(&self) -> &'static str {
        self.world
    }

    fn permits(&self) -> &'static [Permit] {
        self.permits
    }

    fn exports(&self) -> &'static [&'static str] {
        self.exports
    }

    fn determinism(&self) -> Determinism {
        self.determinism
    }

    fn limits(&self) -> ProfileLimits {
        self.limits
    }

    fn life(&self) -> InstanceLife {
        self.life
    }
}

/// One interface a profile may import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    /// Name within the package `myrhiza:kernel`, such as `state-view`.
    pub interface: &'static str,
    /// On what condition.
    pub permission: Permission,
}

impl Permit {
    /// An interface that may always be linked.
    pub const fn always(interface: &'static str) -> Self {
        Self { interface, permission: Permission::Yes }
    }

    /// An interface that may be linked where the manifest declares it.
    pub const fn each(interface: &'static str) -> Self {
        Self { interface, permission: Permission::Each }
    }
}

/// When an interface may be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Permission {
    /// Always.
    Yes,
    /// If the manifest declares it, which the person who installs is shown; what has a scope is judged
    /// at every call.
    Each,
}

/// Which code is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Determinism {
    /// A function of the state and the event: no floats, memory reset before every call.
    Strict,
    /// The result is judged by others, so the code may be what the engine runs.
    Free,
}

/// What one call may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileLimits {
    /// Units of the instrumentation.
    pub fuel: u64,
    /// Linear memory, in bytes.
    pub memory: u64,
    /// Value stack, in units of the instrumentation.
    pub stack: u64,
    /// Table entries.
    pub table: u64,
}

impl ProfileLimits {
    /// That much fuel, and of everything else what a component may have.
    pub const fn with_fuel(fuel: u64) -> Self {
        Self {
            fuel,
            memory: limits::MEMORY_BYTES,
            stack: limits::STACK_UNITS,
            table: limits::TABLE_ENTRIES,
        }
    }
}

/// How long an instance lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceLife {
    /// Reused, but each call sees the memory of a new one.
    FreshMemory,
    /// One call.
    OneCall,
    /// Until it traps or its view closes.
    Long,
}
