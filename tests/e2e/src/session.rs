//! A user's session with a keyring: a message bus and GNOME Keyring, of the test alone.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// What opens the keyring itself.
const PASSWORD: &[u8] = b"of the session";

/// A bus that starts no service of the system's: what is on it is the test's.
const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A bus and a keyring. Both end with this.
pub struct Session {
    folder: TempDir,
    bus: Child,
    address: String,
    keyring: Option<Child>,
}

impl Session {
    /// A session whose keyring is unlocked.
    ///
    /// # Panics
    /// Where there are no such programs: see [`crate::Needs::Keyring`].
    #[expect(clippy::new_without_default, reason = "it starts processes")]
    pub fn new() -> Self {
        Self::make().unwrap_or_else(|cause| panic!("{cause}"))
    }

    /// The same, or why it cannot be made here.
    pub(crate) fn make() -> Result<Self, String> {
        let mut folder = tempfile::Builder::new();
        // The keyring says nothing where others could get at what it is controlled by.
        #[cfg(unix)]
        folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = folder.tempdir().map_err(|error| error.to_string())?;
        let config = folder.path().join("bus.conf");
        let socket = folder.path().join("bus").display().to_string();
        fs::write(&config, CONFIG.replace("SOCKET", &socket)).map_err(|error| error.to_string())?;
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1", "--config-file"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("`dbus-daemon` does not run: {error}"))?;
        let address = first_line(&mut bus);
        let mut session = Self { folder, bus, address, keyring: None };
        if !session.address.starts_with("unix:") {
            return Err("`dbus-daemon` says no address".into());
        }
        session.unlock()?;
        Ok(session)
    }

    /// Has a command run in the session.
    pub fn tell(&self, command: &mut Command) {
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command.env("HOME", self.folder.path()).env("XDG_RUNTIME_DIR", self.folder.path());
        command.env("XDG_DATA_HOME", self.path("data"));
    }

    /// Starts the keyring, or starts it anew, unlocked.
    fn unlock(&mut self) -> Result<(), String> {
        self.start(true)
    }

    /// Locks the keyring: nobody is there to unlock it.
    pub fn lock(&mut self) {
        self.start(false).unwrap();
    }

    /// Ends the keyring.
    pub fn end_keyring(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            let _ = keyring.kill();
            let _ = keyring.wait();
        }
    }

    fn start(&mut self, unlocked: bool) -> Result<(), String> {
        self.end_keyring();
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets", "--control-directory"]);
        command.arg(self.folder.path());
        if unlocked {
            command.arg("--unlock");
        }
        self.tell(&mut command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let keyring = command.spawn();
        let mut keyring =
            keyring.map_err(|error| format!("`gnome-keyring-daemon` does not run: {error}"))?;
        if let Some(mut input) = keyring.stdin.take() {
            let _ = input.write_all(PASSWORD);
        }
        // It says where it is controlled once it is there.
        let said = first_line(&mut keyring);
        self.keyring = Some(keyring);
        match said.is_empty() {
            true => Err("`gnome-keyring-daemon` does not start".into()),
            false => Ok(()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end_keyring();
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    if let Some(output) = child.stdout.as_mut() {
        let _ = BufReader::new(output).read_line(&mut line);
    }
    line.trim().to_owned()
}
