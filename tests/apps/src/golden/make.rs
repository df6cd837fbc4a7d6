//! Makes a golden history: a story that its people live apart and together, and an ending in which
//! one author forks and another is removed while they go on.

use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use myrhiza_kernel_api::Backend;
use myrhiza_sdk::testing::{Case, Stage as _};

use crate::{App, Homes};

/// Any will do: from it follow the keys, and with them the ids.
const SEED: u64 = 0;

pub(super) struct Made {
    pub(super) bundle: Vec<u8>,
    pub(super) topic: Vec<u8>,
}

pub(super) fn make(app: &App, story: &Case, backend: &Arc<dyn Backend>) -> Result<Made> {
    let mut homes = Homes::new(app, story, SEED, backend)?;
    story.play(&mut homes)?;
    let topic = homes.topic;
    let [founder, forker, removed, ..] = homes.homes.as_mut_slice() else {
        bail!("a golden history has three people: who founds, who forks and who is removed");
    };
    let twin = forker.twin(topic)?;
    founder.take(topic, &[twin])?;
    founder.remove(topic, removed.person())?;
    removed.go_on(topic)?;
    removed.go_on(topic)?;
    homes.sync().map_err(anyhow::Error::msg)?;
    let roots = homes.homes.iter().map(|home| home.root(topic)).collect::<Result<Vec<_>>>()?;
    ensure!(roots.windows(2).all(|pair| pair[0] == pair[1]), "the members' states differ");
    Ok(Made { bundle: homes.bundle.to_bytes(), topic: homes.homes[0].export(topic)? })
}
