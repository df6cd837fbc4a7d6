//! Compile-time registration of plug-ins.
//!
//! A crate nobody references is not linked, and `inventory` yields in no defined order. So a host
//! lists what its build should hold, the registry sorts and compares, and what is missing or
//! doubled is an error at start, not a surprise later.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::{
    Backend, BackendError, BoxFuture, ProfilePolicy, Store, StoreConfig, StoreError, Transport,
    TransportConfig, TransportError,
};

/// What opening a transport comes to.
pub type OpenedTransport = Result<Arc<dyn Transport>, TransportError>;

/// One plug-in, submitted by its crate with [`crate::register!`].
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Registration {
    /// A store.
    Store {
        /// Unique among stores.
        name: &'static str,
        /// Opens it, creating it if there is none.
        open: fn(&StoreConfig) -> Result<Arc<dyn Store>, StoreError>,
    },
    /// A backend.
    Backend {
        /// Unique among backends.
        name: &'static str,
        /// Makes one.
        create: fn() -> Result<Arc<dyn Backend>, BackendError>,
    },
    /// A transport.
    Transport {
        /// Unique among transports.
        name: &'static str,
        /// Opens it; on the runtime it is to live on.
        open: fn(TransportConfig) -> BoxFuture<'static, OpenedTransport>,
    },
    /// A profile.
    Profile(&'static dyn ProfilePolicy),
}

inventory::collect!(Registration);

/// Registers a plug-in when its crate is linked.
///
/// ```
/// # use myrhiza_kernel_api::{register, Registration, StoreError};
/// register!(Registration::Store {
///     name: "nowhere",
///     open: |_| Err(StoreError::Config { store: "nowhere", why: "an example".into() }),
/// });
/// ```
#[macro_export]
macro_rules! register {
    ($registration:expr) => {
        $crate::inventory::submit! { $registration }

        /// Does nothing. A linker that takes only what is referred to, as that for WebAssembly does,
        /// takes this plug-in where a host calls it.
        #[doc(hidden)]
        #[inline(never)]
        #[allow(dead_code, unreachable_pub, reason = "few hosts have such a linker")]
        pub fn linked() {}
    };
}

/// The kinds of plug-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
pub enum Kind {
    Store,
    Backend,
    Transport,
    Profile,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Store => "store",
            Kind::Backend => "backend",
            Kind::Transport => "transport",
            Kind::Profile => "profile",
        })
    }
}

impl Registration {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Registration::Store { .. } => Kind::Store,
            Registration::Backend { .. } => Kind::Backend,
            Registration::Transport { .. } => Kind::Transport,
            Registration::Profile(_) => Kind::Profile,
        }
    }

    /// Its name, unique within its kind.
    pub fn name(&self) -> &'static str {
        match self {
            Registration::Store { name, .. }
            | Registration::Backend { name, .. }
            | Registration::Transport { name, .. } => name,
            Registration::Profile(policy) => policy.name(),
        }
    }
}

/// What is wrong with the plug-ins of a build or with a name in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// Two of one kind and name.
    #[error("two plug-ins call themselves {kind} `{name}`; build with one of them")]
    Doubled {
        /// The kind.
        kind: Kind,
        /// The name.
        name: String,
    },
    /// The build should hold it and does not.
    #[error(
        "{kind} `{name}` is missing from this build, though its features list it; is its crate named with `use … as _` in the host?"
    )]
    Missing {
        /// The kind.
        kind: Kind,
        /// The name.
        name: String,
    },
    /// A configuration names what is not there.
    #[error("there is no {kind} `{name}` in this build; there {}", listing(.known))]
    Unknown {
        /// The kind.
        kind: Kind,
        /// The name asked for.
        name: String,
        /// The names there are, sorted.
        known: Vec<&'static str>,
    },
}

fn listing(known: &[&str]) -> String {
    match known {
        [] => "is none".into(),
        [one] => format!("is `{one}`"),
        many => format!("are `{}`", many.join("`, `")),
    }
}

/// The plug-ins of this build, sorted by kind and name.
pub struct Registry {
    plugins: BTreeMap<(Kind, &'static str), Registration>,
}

impl Registry {
    /// Collects what is linked and compares it with what the build should hold.
    ///
    /// # Errors
    /// [`RegistryError::Doubled`] or [`RegistryError::Missing`].
    pub fn collect(expected: &[(Kind, &str)]) -> Result<Self, RegistryError> {
        #[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
        construct();
        Self::of(inventory::iter::<Registration>().copied(), expected)
    }

    fn of(
        registrations: impl IntoIterator<Item = Registration>,
        expected: &[(Kind, &str)],
    ) -> Result<Self, RegistryError> {
        let mut plugins = BTreeMap::new();
        for registration in registrations {
            let (kind, name) = (registration.kind(), registration.name());
            if plugins.insert((kind, name), registration).is_some() {
                return Err(RegistryError::Doubled { kind, name: name.into() });
            }
        }
        match expected.iter().find(|(kind, name)| !plugins.contains_key(&(*kind, *name))) {
            Some((kind, name)) => Err(RegistryError::Missing { kind: *kind, name: (*name).into() }),
            None => Ok(Self { plugins }),
        }
    }

    /// The names of one kind, sorted.
    pub fn names(&self, kind: Kind) -> Vec<&'static str> {
        self.plugins.keys().filter(|(k, _)| *k == kind).map(|(_, name)| *name).collect()
    }

    /// The plug-in of that kind and name.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`], with the names there are.
    pub fn get(&self, kind: Kind, name: &str) -> Result<Registration, RegistryError> {
        let found = self.plugins.iter().find(|((k, n), _)| *k == kind && *n == name);
        found.map(|(_, registration)| *registration).ok_or_else(|| RegistryError::Unknown {
            kind,
            name: name.into(),
            known: self.names(kind),
        })
    }

    /// Every profile, sorted by name.
    pub fn profiles(&self) -> Vec<&'static dyn ProfilePolicy> {
        let profile = |registration: &Registration| match registration {
            Registration::Profile(policy) => Some(*policy),
            _ => None,
        };
        self.plugins.values().filter_map(profile).collect()
    }
}

/// Runs the constructors of the registrations, once: for WebAssembly the linker leaves it to a module
/// that is called more than once.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
#[expect(unsafe_code, reason = "the linker's function has no safe face")]
fn construct() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    static ONCE: std::sync::Once = std::sync::Once::new();
    // SAFETY: the linker makes this function for every module, and it is called once, before any
    // registration is read. What it runs are `inventory`'s own, which need nothing that is not there.
    ONCE.call_once(|| unsafe { __wasm_call_ctors() });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(name: &'static str) -> Registration {
        Registration::Store {
            name,
            open: |_| Err(StoreError::Config { store: "none", why: "a test".into() }),
        }
    }

    #[test]
    fn what_is_doubled_missing_or_unknown_is_named() {
        let doubled = Registry::of([store("a"), store("a")], &[]).err();
        assert_eq!(doubled, Some(RegistryError::Doubled { kind: Kind::Store, name: "a".into() }));
        let missing = Registry::of([store("a")], &[(Kind::Backend, "w")]).err();
        assert_eq!(missing, Some(RegistryError::Missing { kind: Kind::Backend, name: "w".into() }));
        let registry = Registry::of([store("b"), store("a")], &[(Kind::Store, "b")]);
        let unknown = registry.map(|r| r.get(Kind::Store, "c").err()).ok().flatten();
        assert_eq!(
            unknown.map(|e| e.to_string()).as_deref(),
            Some("there is no store `c` in this build; there are `a`, `b`")
        );
    }
}
