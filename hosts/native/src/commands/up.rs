use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use myrhiza_kernel_api::{Address, PeerAddress, PublicKey};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, code};
use crate::home::{self, Home};
use crate::node::{self, NodeFile, Settings};

/// Run this home's node: keep its topics in step with those of others, until it is stopped
///
/// Nothing is contacted but the peers of this home's topics and those named here, and nothing
/// outside this machine can reach it unless `--listen` or a relay says so.
#[derive(Args)]
pub(crate) struct Up {
    #[command(flatten)]
    reach: Reach,
    /// A node to connect to, and stay connected
    #[arg(long, value_name = "KEY@ADDRESS", value_parser = peer)]
    connect: Vec<PeerAddress>,
    /// Where the local API listens; on this machine alone
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", value_parser = loopback)]
    api: SocketAddr,
    /// Serve the page of a browser's own home to browsers on this machine: the folder that
    /// `cargo xtask build browser` made
    #[arg(long, value_name = "FOLDER")]
    browser_page: Option<PathBuf>,
}

/// How the node reaches others for this time.
#[derive(Args)]
pub(super) struct Reach {
    /// Where to listen for other nodes, instead of the setting `listen`; port 0 is any free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Vec<SocketAddr>,
    /// A relay to be reached through, instead of the setting `relays`
    #[arg(long, value_name = "URL")]
    relay: Vec<String>,
    /// Tell the local network of this node, and look for others there
    #[arg(long)]
    discover: bool,
}

impl Reach {
    /// What is said here, and for the rest the home's settings.
    pub(super) fn settings(self, home: &Home) -> Settings {
        let Self { listen, relay, discover } = self;
        let config = home.config();
        let listen = match listen.is_empty() {
            true => home::list(&config.listen).filter_map(|part| part.parse().ok()).collect(),
            false => listen,
        };
        let relays = match relay.is_empty() {
            true => config.relay_urls(),
            false => home::relay_urls(relay.iter().map(String::as_str)),
        };
        Settings { transport: config.transport.clone(), listen, relays, discovery: discover }
    }
}

/// `KEY@ip:127.0.0.1:4433`, with more addresses after commas.
pub(super) fn peer(text: &str) -> Result<PeerAddress, String> {
    let (key, addresses) =
        text.split_once('@').ok_or("a node is KEY@ADDRESS, as its `myrhiza up` prints it")?;
    let key: PublicKey = key.parse().map_err(|error| format!("{error}"))?;
    let address = |part: &str| part.parse::<Address>().map_err(|error| error.to_string());
    let addresses = addresses.split(',').map(address).collect::<Result<_, _>>()?;
    Ok(PeerAddress { key, addresses })
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|error| format!("{error}"))?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => Err("the local API is for this machine alone: give 127.0.0.1 or [::1]".into()),
    }
}

impl Up {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        let Self { reach, connect, api, browser_page } = self;
        if let Some(NodeFile { pid, .. }) = NodeFile::up(&cx.home_path()?)? {
            return Err(Failure::refused(
                code::HOME_IN_USE,
                "no other node was started",
                format!("this home's node is up, as process {pid} (`myrhiza up`)"),
                format!(
                    "go on with it: other commands talk to it, and `myrhiza peers` shows whom it is \
                     connected to; or stop it first, with Ctrl-C where it runs or `kill {pid}`"
                ),
            ));
        }
        let running = node::start(cx, |home| reach.settings(home))?;
        let served = node::serve_api(cx, &running, api, connect, browser_page);
        running.stop();
        served
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_a_key_and_where_it_is() {
        let key = "11".repeat(32);
        let found = peer(&format!("{key}@ip:127.0.0.1:4433,relay:http://127.0.0.1:80")).unwrap();
        assert_eq!(found.addresses.len(), 2);
        for bad in [key.clone(), format!("{key}@"), "zz@ip:1".into(), format!("{key}@127.0.0.1")] {
            assert!(peer(&bad).is_err(), "{bad}");
        }
        assert!(loopback("127.0.0.1:0").is_ok() && loopback("0.0.0.0:0").is_err());
    }
}
