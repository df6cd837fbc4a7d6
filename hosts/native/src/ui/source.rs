//! Where a screen's topics come from: the home's node while it is up, else the home itself. Which,
//! is looked up for every request, as every other command does.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use myrhiza_api::asked::{self, Said, Wish};
use myrhiza_api::topics::{Lister, by_name};
use myrhiza_api::view::Viewed;
use myrhiza_kernel::identity::names;
use myrhiza_kernel::runtime::{Asked as Open, Runtime, RuntimeError};
use myrhiza_kernel_api::operation::Outcome as Answered;
use myrhiza_kernel_api::{Registry, TopicId};
use serde::Deserialize;
use serde_json::json;

use super::acted::{Acted, WHY, is_for_do, settled};
use crate::commands::act::{Chosen, choose};
use crate::console::{self, Asker};
use crate::context::with_ambient;
use crate::failure::{Failure, Outcome, code};
use crate::home::{self, Config, Home};
use crate::node::NodeFile;
use crate::runtime::{AFTER_A_FAILED_APP, told, topic};
use crate::terminal::Passphrase;

/// The home, and what it takes to open it.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) defaults: Config,
    pub(super) registry: Registry,
}

/// Something to be read or done.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Topics,
    /// So many nodes of a topic's view, unless it is the version that is known.
    View {
        topic: TopicId,
        known: Option<String>,
        limit: usize,
    },
    Act {
        topic: TopicId,
        intent: Vec<String>,
        passphrase: Option<Passphrase>,
    },
}

/// What came of it, or happened by itself.
#[derive(Debug)]
pub(super) enum Told {
    Topics(Outcome<Topics>),
    View(TopicId, Outcome<Viewed>),
    Acted(Outcome<Acted>),
    /// Nothing was done yet: the keys are behind a passphrase.
    Sealed,
    /// A topic is another than it was, or any may be.
    Changed(Option<TopicId>),
    /// Something the user should know of.
    Remark(String),
}

/// The topics of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Topics {
    /// The home's node says so, and not this process by itself.
    pub(super) by_node: bool,
    pub(super) all: Vec<Topic>,
}

/// A topic in a line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Topic {
    id: String,
    pub(super) id_name: String,
    pub(super) name: String,
    /// `None` where the app is not installed.
    pub(super) app: Option<String>,
    pub(super) events: u64,
    /// Whether this home can act in it, as far as is known.
    pub(super) member: Option<bool>,
    /// The bundle it waits for.
    pub(super) waits: Option<String>,
    /// Its author has revoked the app.
    pub(super) revoked: bool,
    /// No peer shares it, where a node is up.
    pub(super) denied: Option<bool>,
}

impl Topic {
    pub(super) fn id(&self) -> Option<TopicId> {
        self.id.parse().ok()
    }

    pub(super) fn id_text(&self) -> &str {
        &self.id
    }
}

/// What came of something that was pressed.
#[derive(Deserialize)]
struct Pressed {
    acted: Option<Acted>,
    asked: Vec<asked::Asked>,
}

impl Source {
    /// Does what is asked, for a user whose screen is drawn on meanwhile: nothing is asked or written
    /// here. What would have been written comes beside the answer.
    pub(super) fn answer(&self, asked: Asked) -> (Told, Option<Told>) {
        let (told, asker) = console::serve(Asker::default(), || self.told(asked));
        let said = String::from_utf8_lossy(&asker.err).trim().to_owned();
        (told, (!said.is_empty()).then_some(Told::Remark(said)))
    }

    fn told(&self, asked: Asked) -> Told {
        match asked {
            Asked::Topics => Told::Topics(self.topics()),
            Asked::View { topic, known, limit } => {
                Told::View(topic, self.view(topic, known.as_deref(), limit))
            }
            Asked::Act { topic, intent, passphrase } => {
                let is_asked = passphrase.is_some();
                match self.act(topic, &intent, passphrase) {
                    Err(failure) if failure.code == code::UNCONFIRMED && !is_asked => Told::Sealed,
                    done => Told::Acted(done),
                }
            }
        }
    }

    /// The home's topics.
    pub(super) fn topics(&self) -> Outcome<Topics> {
        if let Some(node) = self.node()? {
            return Ok(Topics { by_node: true, all: node.shell("topics", &json!({}))? });
        }
        let (home, runtime) = self.open()?;
        let listed = || -> Result<Vec<_>, RuntimeError> {
            let who = (home.certificate().scope(), home.person());
            let lister = Lister::new(&runtime, who, None)?;
            let shown = |summary| {
                let topic = lister.topic(summary)?;
                Ok(Topic {
                    id: topic.id,
                    id_name: names::topic(&summary.id),
                    name: topic.name,
                    app: topic.app,
                    events: topic.events,
                    member: topic.member,
                    waits: topic.waits,
                    revoked: topic.revoked,
                    denied: topic.denied,
                })
            };
            by_name(&runtime)?.iter().map(shown).collect()
        };
        let all = listed().map_err(told("the topics were not read"))?;
        Ok(Topics { by_node: false, all })
    }

    fn view(&self, topic: TopicId, known: Option<&str>, limit: usize) -> Outcome<Viewed> {
        if let Some(node) = self.node()? {
            let params = json!({ "topic": topic.to_string(), "known": known, "limit": limit });
            return node.shell("view", &params).map_err(in_a_terminal);
        }
        let (home, mut runtime) = self.open()?;
        let view = with_ambient(|ambient| {
            runtime.view(topic, home.person(), ambient).map_err(told("there is no view to show"))
        })?;
        Ok(Viewed::new(topic, view, known, limit))
    }

    fn act(
        &self,
        id: TopicId,
        intent: &[String],
        passphrase: Option<Passphrase>,
    ) -> Outcome<Acted> {
        if let Some(node) = self.node()? {
            let params = json!({ "topic": id.to_string(), "words": intent });
            let Pressed { acted, asked } = node.shell("press", &params)?;
            let for_do = |open: &asked::Asked| is_for_do(&open.wish);
            return settled(acted, asked, for_do, |open| {
                node.complete(&open.token, &Said::Unavailable { why: WHY.into() }).map(drop)
            });
        }
        let (mut home, mut runtime) = self.open()?;
        let topic = topic(&runtime, &id.to_string())?;
        let keys = home.unseal_with(passphrase)?;
        let Chosen { done, asked } = choose(&home, &mut runtime, &keys, &topic, intent)?;
        let for_do = |open: &Open| is_for_do(&Wish::from(open.operation.clone()));
        settled(done.map(Acted::from), asked, for_do, |open| {
            let outcome = Answered::Unavailable(WHY.into());
            with_ambient(|ambient| {
                let completed = runtime.complete(open.token, &outcome, home.person(), ambient);
                completed.map(drop).map_err(told("nothing came of it"))
            })
        })
    }

    fn open(&self) -> Outcome<(Home, Runtime)> {
        let home = Home::open(&self.path, "myrhiza ui", self.defaults.clone(), &self.registry)?;
        let runtime = home.runtime(&self.registry)?;
        Ok((home, runtime))
    }

    /// The home's node, if it is up.
    pub(super) fn node(&self) -> Outcome<Option<NodeFile>> {
        NodeFile::up(&self.path)
    }

    /// When and how large what the home keeps was last written, for whoever waits for a change.
    pub(super) fn stamp(&self) -> Vec<(SystemTime, u64)> {
        let mut stamps = Vec::new();
        for store in entries(&home::stores(&self.path)) {
            for file in entries(&store).filter(|file| !is_lock(file)) {
                if let Ok(found) = fs::metadata(&file) {
                    let at = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    stamps.push((at, found.len()));
                }
            }
        }
        stamps.sort_unstable();
        stamps
    }
}

/// What a page has at hand where an app has failed, a terminal has commands for.
fn in_a_terminal(failure: Failure) -> Failure {
    match failure.code == code::APP_FAILED {
        true => Failure { next: AFTER_A_FAILED_APP.into(), ..failure },
        false => failure,
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Reading alone writes to these.
fn is_lock(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().contains("lock"))
}
