//! Networks between hosts: a switch, and cables that can be cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Host;

/// A switch, as a bridge on a host of its own.
pub struct Lan {
    switch: Arc<Host>,
    ports: AtomicU32,
}

/// A cable between a host and a switch.
pub struct Port {
    switch: Arc<Host>,
    /// Its end at the switch.
    outer: String,
    host: Arc<Host>,
    /// Its end at the host.
    inner: String,
    address: String,
}

impl Lan {
    /// A switch with nothing plugged in.
    #[expect(clippy::new_without_default, reason = "it makes a network")]
    pub fn new() -> Self {
        let switch = Host::new();
        switch.run("ip", &["link", "add", "lan", "type", "bridge"]);
        switch.run("ip", &["link", "set", "lan", "up"]);
        Self { switch, ports: AtomicU32::new(0) }
    }

    /// Plugs a host in, by a new interface with an address such as `10.0.0.1/24`.
    pub fn plug(&self, host: &Arc<Host>, address: &str) -> Port {
        let number = self.ports.fetch_add(1, Ordering::Relaxed);
        let outer = format!("port{number}");
        // Another name for each switch that a host is plugged into.
        let inner = format!("lan{}x{number}", self.switch.id());
        let (switch, id) = (self.switch.clone(), host.id());
        let peer = ["peer", "name", inner.as_str(), "netns", id.as_str()];
        switch.run("ip", &[&["link", "add", &outer, "type", "veth"], &peer[..]].concat());
        switch.run("ip", &["link", "set", &outer, "master", "lan", "up"]);
        host.run("ip", &["link", "set", &inner, "up"]);
        host.run("ip", &["address", "add", address, "dev", &inner]);
        Port { switch, outer, host: host.clone(), inner, address: address.into() }
    }
}

impl Port {
    /// Loses every packet from now on, and nobody is told.
    pub fn cut(&self) {
        self.switch.run("ip", &["link", "set", &self.outer, "nomaster"]);
    }

    /// Ends a cut.
    pub fn heal(&self) {
        self.switch.run("ip", &["link", "set", &self.outer, "master", "lan"]);
    }

    /// Pulls the cable, which the host sees.
    pub fn unplug(&self) {
        self.switch.run("ip", &["link", "set", &self.outer, "down"]);
    }

    /// Puts it in again.
    pub fn replug(&self) {
        self.switch.run("ip", &["link", "set", &self.outer, "up"]);
    }

    /// Lets no more than so many bits a second through to the host, such as `4mbit`.
    pub fn slow(&self, rate: &str) {
        self.limit(rate).unwrap_or_else(|cause| panic!("{cause}"));
    }

    pub(crate) fn limit(&self, rate: &str) -> Result<(), String> {
        let bucket = ["burst", "16kb", "latency", "200ms"];
        let at = ["qdisc", "replace", "dev", &self.outer, "root", "tbf", "rate", rate];
        self.switch.attempt("tc", &[&at[..], &bucket].concat())
    }

    /// Lets everything through again.
    pub fn fast(&self) {
        self.switch.run("tc", &["qdisc", "delete", "dev", &self.outer, "root"]);
    }

    /// Bytes that the switch has sent to the host.
    pub fn received(&self) -> u64 {
        let at = ["-json", "-stats", "link", "show", "dev", &self.outer];
        let shown = self.switch.command("ip").args(at).output().unwrap();
        let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
        shown[0]["stats64"]["tx"]["bytes"].as_u64().unwrap()
    }

    /// Gives the host another address there, and takes the one it had.
    pub fn move_to(&mut self, address: &str) {
        let Self { host, inner, .. } = self;
        // In this order: a second address of one network goes away with the first.
        host.run("ip", &["address", "delete", &self.address, "dev", inner]);
        host.run("ip", &["address", "add", address, "dev", inner]);
        self.address = address.into();
    }
}
