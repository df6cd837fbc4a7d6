mod allow;

use std::io::Write as _;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::console::note;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::plugins::relay::{Relay as Server, RelayConfig, Tls};
use crate::signals;
use allow::Allow;

/// What every failure to run one says first.
const NOT_STARTED: &str = "the relay was not started";
/// Where nodes ask by QUIC how they are seen, unless their settings say otherwise.
const QUIC_PORT: u16 = 7842;

/// Run a relay: nodes that no address leads to reach each other through it
///
/// What nodes say to each other is encrypted for each other, and the relay cannot read it; who talks
/// to whom it can see. It needs no home, and listens on this machine alone unless told otherwise.
#[derive(Args)]
pub(crate) struct Relay {
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:3340")]
    listen: SocketAddr,
    /// The chain of certificates to serve HTTPS with, a file in PEM that is read again once a day.
    /// Nodes take one of an authority that browsers know
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The key of the first certificate, a file in PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Serve HTTP where others can reach it, as behind a proxy on another machine
    #[arg(long, conflicts_with = "cert")]
    plain: bool,
    /// Where nodes learn from which address they are seen, so that they find a direct way; by UDP, or
    /// `off` [default with a certificate: the address of `--listen`, port 7842]
    #[arg(long, value_name = "ADDRESS:PORT", requires = "cert", value_parser = quic)]
    quic: Option<Quic>,
    /// The URL others reach it by, as behind a proxy [default: by `--listen`]
    #[arg(long, value_name = "URL", value_parser = url)]
    url: Option<String>,
    /// Serve only nodes whose keys are in this file, one a line; it is read again when it changes
    #[arg(long, value_name = "FILE")]
    allow: Option<PathBuf>,
    /// Nodes to serve at one time
    #[arg(long, value_name = "NUMBER", default_value_t = 1024)]
    clients: usize,
    /// Bytes a second to take from each node; 0 for any number
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20)]
    rate: u32,
    /// Serve counters there, by HTTP in Prometheus' text format, to whoever asks
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = with_a_port)]
    metrics: Option<SocketAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quic {
    Off,
    At(SocketAddr),
}

fn quic(text: &str) -> Result<Quic, String> {
    match text {
        "off" => Ok(Quic::Off),
        text => text.parse().map(Quic::At).map_err(|error| format!("{error}")),
    }
}

/// Iroh's relay does not say which free port its counters got.
fn with_a_port(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|error| format!("{error}"))?;
    match address.port() {
        0 => Err("name a port: nobody would know which free one it is".into()),
        _ => Ok(address),
    }
}

fn url(text: &str) -> Result<String, String> {
    match text.split_once("://") {
        Some(("http" | "https", host)) if !host.is_empty() => Ok(text.into()),
        _ => Err("it is no URL, such as https://relay.example".into()),
    }
}

/// What `relay` prints once it is up.
#[derive(Serialize)]
struct Started {
    /// What nodes are told to use.
    url: String,
    /// Where it listens.
    listen: String,
    quic: Option<String>,
    metrics: Option<String>,
    /// Nodes on the list, where there is one.
    allowed: Option<usize>,
}

impl Relay {
    pub(crate) fn run(self, cx: &Context<'_>) -> Outcome<Exit> {
        self.check()?;
        let allow = self.allow.as_deref().map(Allow::read).transpose()?;
        let allowed = allow.as_ref().map(Allow::len);
        let tls = self.cert.clone().zip(self.key.clone()).map(|(cert, key)| {
            let quic = match self.quic {
                Some(Quic::Off) => None,
                Some(Quic::At(address)) => Some(address),
                None => Some(SocketAddr::new(self.listen.ip(), QUIC_PORT)),
            };
            Tls { cert, key, quic }
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let config = RelayConfig {
            listen: self.listen,
            tls,
            metrics: self.metrics,
            clients: self.clients,
            rate: NonZeroU32::new(self.rate),
            admits: Box::new(move |key| allow.as_ref().is_none_or(|allow| allow.admits(&key))),
        };
        let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let tokio = tokio.map_err(|error| failed(error.to_string()))?;
        tokio.block_on(async {
            let mut relay =
                Server::start(config).await.map_err(|error| failed(error.to_string()))?;
            let listen = relay.address().unwrap_or(self.listen).to_string();
            let started = Started {
                url: self.url.unwrap_or_else(|| format!("{scheme}://{listen}")),
                listen,
                quic: relay.quic().map(|address| address.to_string()),
                metrics: self.metrics.map(|address| format!("http://{address}/metrics")),
                allowed,
            };
            let ended = signals::ended();
            cx.output.print(&started, |out| started.tell(out))?;
            let fault = tokio::select! {
                () = ended => None,
                cause = relay.ended() => Some(cause),
            };
            if let Some(cause) = fault {
                let next = "run it again; `--log info` tells what it does";
                return Err(Failure::refused("relay", "the relay ended", cause, next));
            }
            note!("stopping");
            relay.stop().await.map_err(|error| failed(error.to_string()))?;
            Ok(Exit::Ok)
        })
    }

    /// Refuses what would be open to others by mistake, or of no use to them.
    fn check(&self) -> Outcome<()> {
        let ip = self.listen.ip();
        if self.cert.is_none() && !self.plain && !ip.is_loopback() {
            return Err(Failure::refused(
                "no-tls",
                NOT_STARTED,
                format!(
                    "others can reach {}, and without a certificate it would be HTTP",
                    self.listen
                ),
                "give `--cert FILE` and `--key FILE`; or listen on 127.0.0.1 and let a proxy with a \
                 certificate pass `/` on to it, WebSockets included; or, where that proxy is another \
                 machine, add `--plain`",
            ));
        }
        if self.url.is_none() && ip.is_unspecified() {
            return Err(Failure::usage(
                "no-url",
                NOT_STARTED,
                format!("{ip} says where to listen, and not how others reach it"),
                "add `--url`, such as `--url https://relay.example`",
            ));
        }
        Ok(())
    }
}

impl Started {
    fn tell(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        writeln!(out, "relay    {}", self.url)?;
        writeln!(out, "listens  {}", self.listen)?;
        if let Some(quic) = &self.quic {
            writeln!(out, "quic     {quic}")?;
        }
        if let Some(metrics) = &self.metrics {
            writeln!(out, "metrics  {metrics}")?;
        }
        match self.allowed {
            Some(nodes) => {
                writeln!(out, "serves   {} on its list", crate::text::count(nodes as u64, "node"))?
            }
            None => {
                writeln!(out, "serves   every node that knows of it; `--allow FILE` names some")?
            }
        }
        writeln!(out, "Nodes use it after `myrhiza config relays {}`; Ctrl-C stops it.", self.url)
    }
}

fn failed(cause: String) -> Failure {
    let next =
        "mend the cause, or choose other addresses with `--listen`, `--quic` and `--metrics`";
    Failure::refused("relay", NOT_STARTED, cause, next)
}
