//! `publish` and `app revoke`: what an author says to everybody.

use std::path::PathBuf;

use clap::Args;
use myrhiza_kernel::apply::Ruling;
use myrhiza_kernel::bundle::{self, Bundle};
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::{Publication, Runtime, RuntimeError, Subject};
use myrhiza_kernel_api::{BundleId, limits};
use serde::Serialize;

use super::{device, offers};
use crate::context::{Context, with_ambient};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::names::{Choice, resolve};
use crate::runtime::{app, told};
use crate::steps::Step;
use crate::{files, progress, terminal, text};

const NOT_REVOKED: &str = "nothing was revoked";

/// As its author, tell everybody of a bundle, and let whoever asks have it
///
/// It goes to peers while this home's node is up. `app revoke` takes it back.
#[derive(Args)]
pub(crate) struct Publish {
    /// A signed bundle of yours
    file: PathBuf,
}

#[derive(Serialize)]
struct Published {
    bundle: String,
    name: String,
    version: String,
    author: String,
    event: String,
}

impl Publish {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let path = cx.file(&self.file)?;
        cx.go_on(Step::files(move || {
            let what = format!("{} was not published", path.display());
            let bytes = files::read(&path, limits::BUNDLE_BYTES)?;
            let bundle = bundle::open(&bytes).map_err(|error| {
                let next = match error.is_update_needed() {
                    true => "update Myrhiza",
                    false => "`myrhiza sign` signs what `myrhiza pack` has packed",
                };
                Failure::refused("bad-bundle", &what, error.to_string(), next)
            })?;
            Ok(Step::kernel(move |cx, home, runtime| {
                publish(cx, home, runtime, &bundle, &what).map(Step::Done)
            }))
        }))
    }
}

fn publish(
    cx: &Context<'_>,
    home: &mut Home,
    runtime: &mut Runtime,
    bundle: &Bundle,
    what: &str,
) -> Outcome<Exit> {
    if bundle.author() != home.person() {
        let next = "`myrhiza sign` makes it an app of your own; what is theirs only they publish";
        return Err(not_the_author(what, bundle, next));
    }
    let keys = home.unseal()?;
    let said = with_ambient(|ambient| {
        let signer = home.signer(&keys);
        Ok(progress::during("publishing", || runtime.publish(signer, ambient, bundle)))
    })?;
    let said = said.map_err(not_accepted(
        what,
        "`myrhiza app published` shows what is; a later version gets a number of its own",
    ))?;
    let manifest = bundle.manifest();
    let published = Published {
        bundle: bundle.id().to_string(),
        name: manifest.name.clone(),
        version: manifest.version.to_string(),
        author: bundle.author().to_string(),
        event: said.event.id().to_string(),
    };
    cx.output.print(&published, |out| {
        let Published { bundle, name, version, .. } = &published;
        writeln!(out, "published {} {version}", text::line(name))?;
        writeln!(out, "others get it by `myrhiza app install {bundle}`")
    })?;
    Ok(Exit::Ok)
}

/// What `app revoke` is given.
pub(super) struct Revoke<'a> {
    pub(super) bundle: &'a str,
    pub(super) reason: &'a str,
    pub(super) successor: Option<&'a str>,
    pub(super) yes: bool,
}

#[derive(Serialize)]
struct Revoked {
    bundle: String,
    event: String,
}

pub(super) fn revoke(cx: &Context<'_>, asked: &Revoke<'_>) -> Outcome<Exit> {
    let (mut home, mut runtime) = cx.open_runtime()?;
    let own = runtime.publications(home.person(), u64::MAX);
    let (own, _) = own.map_err(told(NOT_REVOKED))?;
    let named = |asked: &str| match offers::parse_bundle(asked) {
        Some(id) => Ok(id),
        None => match published(&own, asked) {
            // One that is installed can be revoked without having been published.
            Err(failure) if failure.exit == Exit::NotFound => {
                app(&runtime, asked).map(|app| app.id()).map_err(or_published)
            }
            meant => meant,
        },
    };
    let bundle = named(asked.bundle)?;
    let successor = asked.successor.map(named).transpose()?;
    let apps = runtime.apps().map_err(told(NOT_REVOKED))?;
    let known = own.iter().any(|known| known.bundle == bundle);
    match apps.iter().find(|app| app.id() == bundle) {
        Some(app) if app.author() != home.person() => {
            let next = "ask them; to be rid of it in this home, `myrhiza app remove`";
            return Err(not_the_author(NOT_REVOKED, app, next));
        }
        None if !known => return Err(unknown(bundle)),
        _ => {}
    }
    let manifest = own.iter().find(|known| known.bundle == bundle);
    let manifest =
        manifest.and_then(|known| known.manifest.as_ref()).map(|signed| signed.manifest());
    let name = manifest.map(|manifest| format!("{} {}, ", manifest.name, manifest.version));
    let name = name.unwrap_or_default();
    let what = format!("revoke {}bundle {bundle} for everybody and for ever", text::line(&name));
    terminal::confirm(&what, NOT_REVOKED, asked.yes)?;
    let keys = home.unseal()?;
    let person = keys.person().ok_or_else(|| device::no_long_term_key(NOT_REVOKED))?;
    let said = with_ambient(|ambient| {
        let by = (person, home.signer(&keys));
        Ok(runtime.withdraw(by, ambient, (bundle, successor), asked.reason))
    })?;
    let said = said.map_err(not_accepted(NOT_REVOKED, "`myrhiza app published` shows what is"))?;
    let revoked = Revoked { bundle: bundle.to_string(), event: said.event.id().to_string() };
    cx.output.print(&revoked, |out| writeln!(out, "revoked {}", revoked.bundle))?;
    Ok(Exit::Ok)
}

/// The bundle that is meant of those that a person has published, those first that they have not revoked.
fn published(own: &[Publication], asked: &str) -> Outcome<BundleId> {
    let choice = |known: &Publication| {
        let (id, mut called) = (known.bundle.to_string(), vec![names::bundle(&known.bundle)]);
        let mut label = id[..16].to_owned();
        if let Some(manifest) = known.manifest.as_ref().map(|signed| signed.manifest()) {
            called.extend([manifest.name.clone(), manifest.id.clone()]);
            label = format!("{} {} ({label})", manifest.name, manifest.version);
        }
        Choice { names: called, id, label, value: known.bundle }
    };
    let meant = |is_revoked: bool| {
        let those = own.iter().filter(|known| known.withdrawn.is_some() == is_revoked);
        resolve("app", asked, those.map(choice).collect(), "myrhiza app published")
    };
    match meant(false) {
        Err(failure) if failure.exit == Exit::NotFound => meant(true),
        meant => meant,
    }
}

/// Whoever asks for what is not there may have taken what they published for installed.
fn or_published(mut failure: Failure) -> Failure {
    if failure.exit == Exit::NotFound {
        failure.next =
            "`myrhiza app published` shows what you published, `myrhiza app list` what is \
                        installed"
                .into();
    }
    failure
}

/// Why an author's own topic did not take what they say.
fn not_accepted(what: &str, next: &'static str) -> impl FnOnce(RuntimeError) -> Failure {
    let what = what.to_owned();
    move |error| match error {
        RuntimeError::NotAccepted(Ruling { reason, .. }) => {
            Failure::refused("refused", what, reason, next)
        }
        RuntimeError::BadInput { what: Subject::Reason, cause } => {
            Failure::usage("too-large", what, cause, "give a shorter one")
        }
        error => told(what)(error),
    }
}

pub(super) fn not_the_author(what: &str, bundle: &Bundle, next: &str) -> Failure {
    Failure::refused(
        "not-the-author",
        what,
        format!("its author is {}", names::person(&bundle.author())),
        next,
    )
}

fn unknown(bundle: BundleId) -> Failure {
    Failure::not_found(
        "not-found",
        NOT_REVOKED,
        format!("bundle {bundle} is none that you published, and is not installed here"),
        "`myrhiza app published` shows what you published",
    )
}
