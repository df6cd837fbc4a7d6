//! What is wrong with a home, one check after another, each with what mends it.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use myrhiza_kernel::runtime::Runtime;
use myrhiza_kernel_api::{Kind, Registry};
use serde::{Deserialize, Serialize};

use super::kept::Kept;
use super::keys::KeyFile;
use super::{Config, Marker, doctor_store as store, keys, layout, lock, open_backend, original};
use crate::failure::{Failure, Outcome};
use crate::node::NodeFile;
use crate::runtime::told as of_kernel;
use crate::text;

/// One thing that was looked at.
#[derive(Serialize, Deserialize)]
pub(crate) struct Check {
    pub(crate) name: Cow<'static, str>,
    pub(crate) ok: bool,
    pub(crate) detail: String,
    /// What mends it.
    pub(crate) next: Option<String>,
}

/// The next step where nothing here can be mended.
pub(super) const BEYOND_MENDING: &str = "put the home back from a back-up, or make a new home and import its \
                              topics, from other members or from exports";

impl Check {
    pub(crate) fn of(name: &'static str, outcome: Outcome<String>) -> Self {
        let name = name.into();
        match outcome {
            Ok(detail) => Self { name, ok: true, detail, next: None },
            Err(Failure { what, cause, mut next, .. }) => {
                // This is the doctor.
                if next.contains("`myrhiza doctor`") {
                    next = BEYOND_MENDING.into();
                }
                Self { name, ok: false, detail: format!("{what}: {cause}"), next: Some(next) }
            }
        }
    }
}

/// Looks at everything in a home that can be looked at; where its node is up, in the node, whose kernel
/// this is.
pub(crate) fn examine(
    path: &Path,
    command: &str,
    defaults: Config,
    registry: &Registry,
    of_node: Option<&Runtime>,
) -> Vec<Check> {
    let mut checks = vec![Check::of("plug-ins", Ok(plugins(registry)))];
    let marker = Marker::read(path).and_then(|marker| {
        marker.check_build(path, registry)?;
        Ok(marker)
    });
    let is_home = marker.is_ok();
    let wrote = marker.as_ref().map(|marker| marker.store.clone()).unwrap_or_default();
    checks.push(Check::of(
        "home",
        marker.map(|marker| format!("{}, written by `{}`", path.display(), marker.store)),
    ));
    if !is_home {
        return checks;
    }
    // What a node has open is its own to look at: where it is up, that works.
    let lock = match NodeFile::up(path) {
        Err(failure) => Err(failure),
        Ok(Some(node)) => Ok((None, format!("its node is up, as process {}", node.pid))),
        Ok(None) => lock::Lock::take(path, command)
            .map(|lock| (Some(lock), "nobody else holds the home".into())),
    };
    let is_free = matches!(lock, Ok((Some(_), _)));
    checks.push(Check::of("lock", told(&lock, |(_, detail)| detail.clone())));
    checks.push(Check::of("space", space(path)));
    checks.push(Check::of("permissions", permissions(path)));
    let config = Config::read(path, defaults, registry);
    let settings = config.and_then(|config| {
        Marker::read(path)?.check_store(path, &config.store)?;
        Ok(config)
    });
    checks.push(Check::of(
        "config",
        told(&settings, |config| format!("store `{}`, backend `{}`", config.store, config.backend)),
    ));
    checks.push(Check::of("keys", check_keys(path)));
    checks.extend(check_keyring(path).map(|found| Check::of("keyring", found)));
    checks.push(Check::of("original", check_original(path)));
    let Ok(config) = settings else { return checks };
    let backend = open_backend(registry, &config.backend);
    checks.push(Check::of("backend", told(&backend, |backend| backend.version())));
    if !is_free {
        if let Some(runtime) = of_node {
            let read = runtime.topic_ids().map_err(of_kernel("the store cannot be read"));
            checks.push(Check::of("store", read.map(|_| format!("`{wrote}` is read by the node"))));
            checks.push(Check::of("topics", topics(runtime)));
        }
        return checks;
    }
    checks.extend(store::from_apart(path));
    checks
}

/// How long a keyring is waited for here: one that first asks its user is told as one that does not
/// answer.
const KEYRING: Duration = Duration::from_secs(3);

pub(super) fn told<T>(outcome: &Outcome<T>, detail: impl FnOnce(&T) -> String) -> Outcome<String> {
    outcome.as_ref().map(detail).map_err(Failure::clone)
}

/// Every topic can be read; those that wait for a bundle are named.
pub(super) fn topics(runtime: &Runtime) -> Outcome<String> {
    let apps = runtime.apps().map_err(of_kernel("the apps cannot be read"))?;
    let topics = runtime.topics().map_err(of_kernel("the topics cannot be read"))?;
    let mut detail =
        [text::count(topics.len() as u64, "topic"), text::count(apps.len() as u64, "app")]
            .join(", ");
    for topic in topics {
        if let Some(waits) = topic.waits {
            let waits = format!("; `{}` waits for {waits}", topic.record.name);
            detail += &text::line(&waits);
        }
    }
    let revoked = runtime.withdrawn_apps();
    for (app, _) in revoked.map_err(of_kernel("what authors say cannot be read"))? {
        let name = text::line(&app.manifest().name).into_owned();
        detail += &format!("; {name} is revoked by its author: remove it, or `myrhiza app pin` it");
    }
    Ok(detail)
}

fn plugins(registry: &Registry) -> String {
    let named = |kind, what: &str| format!("{what} {}", registry.names(kind).join(", "));
    [
        named(Kind::Store, "stores"),
        named(Kind::Backend, "backends"),
        named(Kind::Profile, "profiles"),
    ]
    .join("; ")
}

fn check_keys(home: &Path) -> Outcome<String> {
    let certificate = keys::read_certificate(home)?;
    let keys = KeyFile::read(home)?;
    if keys.is_sealed() {
        return Ok(format!("sealed; scope {:?}", certificate.name()));
    }
    keys::check(&keys.unseal(None, None)?.0, &certificate)?;
    Ok(format!("unsealed, as chosen with `--no-passphrase`; scope {:?}", certificate.name()))
}

/// Whether the keyring has the passphrase, where it is to have it; `None` where it is not.
fn check_keyring(home: &Path) -> Option<Outcome<String>> {
    let kept = Kept::of(home).transpose()?;
    Some(kept.and_then(|kept| {
        KeyFile::read(home)?.unseal_kept(&kept, KEYRING)?;
        Ok("the system's keyring has the passphrase of the keys".into())
    }))
}

fn check_original(home: &Path) -> Outcome<String> {
    Ok(match original::is_marked(home)? {
        true => "it is no copy of another home".into(),
        false => "it is a copy of another home, or was put back from a back-up: it gets a key of its own \
                  when next it signs"
            .into(),
    })
}

/// With less than that, little more can be written.
#[cfg(unix)]
const ROOM: u64 = 1 << 20;

#[cfg(unix)]
fn space(home: &Path) -> Outcome<String> {
    let found = rustix::fs::statvfs(home)
        .map_err(|error| Failure::file("examined", home, &error.into()))?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    if free < ROOM {
        return Err(Failure::refused(
            "disk-full",
            format!("the disk that {} is on is full", home.display()),
            format!("{free} bytes are free"),
            "free some space",
        ));
    }
    Ok(format!("{} MiB are free", free >> 20))
}

#[cfg(not(unix))]
fn space(_: &Path) -> Outcome<String> {
    Ok("not looked at on this system".into())
}

#[cfg(unix)]
fn permissions(home: &Path) -> Outcome<String> {
    use std::io;
    use std::os::unix::fs::PermissionsExt as _;

    for path in [layout::keys(home), layout::sealed(home)] {
        let metadata = path.metadata().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                keys::damaged(&path.display().to_string(), "it is not there")
            }
            _ => Failure::file("examined", &path, &error),
        })?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let tight = if metadata.is_dir() { "700" } else { "600" };
            return Err(Failure::refused(
                "permissions",
                format!("others can get at {}", path.display()),
                format!("its mode is {mode:o}"),
                format!("chmod {tight} {}", path.display()),
            ));
        }
    }
    Ok("the keys are yours alone".into())
}

#[cfg(not(unix))]
fn permissions(_: &Path) -> Outcome<String> {
    Ok("left to the system's access lists".into())
}
