//! A home's node as a process.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::{Home, Host, PATIENCE, command};

/// A node that is up, and ends with the test.
pub struct Node {
    child: Child,
    /// What it said when it was up.
    pub started: Value,
    /// Where its log goes.
    log: PathBuf,
    /// Its home.
    home: PathBuf,
}

impl Node {
    /// Starts a home's node, and waits until it is up.
    #[track_caller]
    pub fn up(home: &Home, arguments: &[&str]) -> Self {
        let command = home.command([&["up", "--json", "--log", "info"], arguments].concat());
        let node = Self::start(command, home.path.clone());
        assert!(node.started["id"].is_string(), "the node did not come up: {}", node.started);
        node
    }

    /// Starts a relay, on this host if on no other, with its log beside that path.
    #[track_caller]
    pub fn relay(host: Option<&Host>, path: PathBuf, arguments: &[&str]) -> Self {
        let mut command = match host {
            Some(host) => host.command(command()),
            None => Command::new(command()),
        };
        command.args(["relay", "--json", "--log", "info"]).args(arguments).stdin(Stdio::null());
        let relay = Self::start(command, path);
        assert!(relay.started["url"].is_string(), "the relay did not come up: {}", relay.started);
        relay
    }

    /// Starts what a command line says, with its log beside that path, and waits until it is up.
    #[track_caller]
    pub fn start(mut command: Command, home: PathBuf) -> Self {
        let log = home.with_extension("log");
        let to = File::options().create(true).append(true).open(&log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(to).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let mut node = Self { child, started: Value::Null, log, home };
        node.started = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("it did not come up: {error}: {line:?}"));
        node
    }

    /// A port of the loopback network that nobody has at this time.
    pub fn free_port() -> String {
        UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
    }

    /// What `--connect` leads to it with.
    pub fn address(&self) -> String {
        let all: Vec<_> = self.started["addresses"].as_array().unwrap().iter().collect();
        let all: Vec<_> = all.into_iter().filter_map(Value::as_str).collect();
        format!("{}@{}", self.started["id"].as_str().unwrap(), all.join(","))
    }

    /// What nodes are told to use of a relay.
    pub fn url(&self) -> &str {
        self.started["url"].as_str().unwrap()
    }

    /// Asks it to end, as a service manager does.
    pub fn stop(mut self) {
        self.signal(rustix::process::Signal::TERM);
        assert!(self.child.wait().unwrap().success());
    }

    /// Takes its terminal away.
    pub fn hang_up(mut self) {
        self.signal(rustix::process::Signal::HUP);
        assert!(self.child.wait().unwrap().success());
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Has it stand still, or go on.
    pub fn freeze(&self, still: bool) {
        use rustix::process::Signal;
        self.signal(if still { Signal::STOP } else { Signal::CONT });
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// What the API of a node on this host answers, head and body.
    pub fn http(&self, request: &str) -> String {
        let address = self.started["api"].as_str().unwrap().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = request.replace("HOST", address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Its metrics, of a node on this host.
    pub fn metrics(&self) -> String {
        let file = fs::read(self.home.join("node.json")).unwrap();
        let file: Value = serde_json::from_slice(&file).unwrap();
        let token = file["token"].as_str().unwrap();
        self.http(&format!(
            "GET /metrics HTTP/1.1\r\nHost: HOST\r\nx-myrhiza-token: {token}\r\n\
             Connection: close\r\n\r\n"
        ))
    }

    /// A number of its metrics, of a node on this host; none if there is no such line.
    pub fn metric(&self, name: &str) -> Option<u64> {
        let metrics = self.metrics();
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|value| value.parse().unwrap())
    }

    /// How many events of a topic it has, by its metrics.
    pub fn events(&self, topic: &str) -> u64 {
        self.metric(&format!("myrhiza_topic_events{{topic=\"{topic}\"}}")).unwrap_or(0)
    }

    /// Bytes of memory it has in use.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() << 10
    }

    /// Milliseconds of processor time it has used.
    pub fn processor(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // After the name, in brackets: the state, and utime and stime as fields 14 and 15.
        let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum();
        // A hundred ticks a second, on every Linux.
        ticks * 10
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            let last = lines[lines.len().saturating_sub(30)..].join("\n");
            eprintln!("--- log of the node of {}\n{last}\n---", self.home.display());
        }
    }
}
