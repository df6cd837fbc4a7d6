//! A host of its own: a network and mounts that nobody else sees.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// A network namespace and a mount namespace, which a process holds that ends with this one: by
/// being told to, or by the end of its input, however this one ended.
pub struct Host {
    keeper: Child,
}

impl Host {
    /// A host with nothing but a loopback network.
    ///
    /// # Panics
    /// Where this process may not make one: see [`crate::Needs::Hosts`].
    pub fn new() -> Arc<Self> {
        Self::make().unwrap_or_else(|cause| panic!("{cause}"))
    }

    /// The same, or why it cannot be made here.
    pub(crate) fn make() -> Result<Arc<Self>, String> {
        let mut keeper = Command::new("unshare")
            .args(["--net", "--mount", "sh", "-c", "echo; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("`unshare` does not run: {error}"))?;
        let mut line = String::new();
        let read = BufReader::new(keeper.stdout.as_mut().unwrap()).read_line(&mut line);
        let host = Self { keeper };
        if !matches!(read, Ok(1)) {
            return Err("`unshare --net --mount` makes no namespaces; it takes root".into());
        }
        host.attempt("ip", &["link", "set", "lo", "up"])?;
        Ok(Arc::new(host))
    }

    /// A program on this host, as a process of its own id.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        let keeper = self.keeper.id().to_string();
        command.args(["--target", &keeper, "--net", "--mount", "--"]).arg(program);
        command
    }

    /// Runs a program that has to do what it is asked.
    #[track_caller]
    pub fn run(&self, program: &str, arguments: &[&str]) {
        self.attempt(program, arguments).unwrap_or_else(|cause| panic!("{cause}"));
    }

    /// The same, or why it did not.
    pub(crate) fn attempt(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let told = |cause: String| format!("`{program} {}`: {cause}", arguments.join(" "));
        let output = self.command(program).args(arguments).stdin(Stdio::null()).output();
        let output = output.map_err(|error| told(error.to_string()))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(told(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        }
    }

    /// The number that its namespaces go by.
    pub(crate) fn id(&self) -> String {
        self.keeper.id().to_string()
    }

    /// Makes a disk of so many megabytes, in memory, and mounts it on a folder.
    pub fn disk(&self, on: &Path, megabytes: u32) {
        let (on, size) = (on.to_str().unwrap(), format!("size={megabytes}m"));
        self.run("mount", &["-t", "tmpfs", "-o", &size, "none", on]);
    }

    /// Makes that disk larger or smaller.
    pub fn resize_disk(&self, on: &Path, megabytes: u32) {
        let (on, size) = (on.to_str().unwrap(), format!("remount,size={megabytes}m"));
        self.run("mount", &["-o", &size, on]);
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}
