//! Files of pages: of the web shell, a folder `shell` beside the program or the one that `MYRHIZA_SHELL`
//! names; and of a browser's own home, where `up` is given a folder. They are public code, so nobody
//! needs the token to read them; what the shell then asks for it does.

use std::path::{Path, PathBuf};
use std::{env, fs};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::failure::{Failure, Outcome};

/// What names the folder.
const FOLDER: &str = "MYRHIZA_SHELL";
/// What is asked for where nothing is named.
const INDEX: &str = "index.html";
/// What the folder has if the page can run the kernel itself, which reaches relays.
const WORKER: &str = "worker.js";

/// Nothing runs or is loaded but what is here, and no text is taken for script: lit's templates and the
/// worker's address are let through by policies that have these names.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
     style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types lit-html myrhiza; connect-src 'self'";
/// The document that apps' surfaces are drawn in.
const SURFACE: &str = "surface.html";
/// It says for itself what it may do, by digests of what is in it, and is only ever a frame of this
/// page, without an origin.
const SURFACE_POLICY: &str = "frame-ancestors 'self'; sandbox allow-scripts";
/// Where relays are.
const RELAYS: &str = " ws: wss: http: https:";

/// A page's files.
pub(super) struct Page {
    folder: Option<PathBuf>,
    /// What is said where there are none.
    lacking: &'static str,
}

impl Page {
    /// The shell's, of this program.
    pub(super) fn find() -> Self {
        let named = env::var_os(FOLDER).map(PathBuf::from);
        let beside = || Some(env::current_exe().ok()?.parent()?.join("shell"));
        let folder = named.or_else(beside).filter(|folder| folder.join(INDEX).is_file());
        let lacking = "there is no page: `cargo xtask build native` puts it beside the program\n";
        Self { folder, lacking }
    }

    /// Those of a browser's home, if a folder is given, which has nothing to do with the home at `home`.
    pub(super) fn of_browser(folder: Option<PathBuf>, home: &Path) -> Outcome<Self> {
        let lacking =
            "no page of a browser's home is served: `myrhiza up --browser-page FOLDER` does\n";
        let Some(folder) = folder else { return Ok(Self { folder: None, lacking }) };
        let refused = |cause: String| {
            let next = "give the folder that `cargo xtask build browser` prints";
            Failure::refused("page", "the node was not started", cause, next)
        };
        if let Some(file) = [INDEX, WORKER].iter().find(|file| !folder.join(file).is_file()) {
            let cause = format!("{} has no {file}, so that it is no page", folder.display());
            return Err(refused(cause));
        }
        let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let (at, home) = (whole(&folder), whole(home));
        if home.starts_with(&at) || at.starts_with(&home) {
            return Err(refused(format!("{} is not apart from this home", folder.display())));
        }
        Ok(Self { folder: Some(folder), lacking })
    }

    /// Whether there is a page.
    pub(super) fn is_there(&self) -> bool {
        self.folder.is_some()
    }

    /// A file of it; blocks while it is read.
    pub(super) fn answer(&self, name: &str) -> Response {
        let Some(folder) = &self.folder else {
            return (StatusCode::NOT_FOUND, self.lacking).into_response();
        };
        let name = if name.is_empty() { INDEX } else { name };
        match file(folder, name) {
            Some((kind, bytes)) => with_headers(&policy(folder, name), kind, bytes),
            None => (StatusCode::NOT_FOUND, "the page has no such file\n").into_response(),
        }
    }
}

/// A file below the folder, and what it is. Its name leads nowhere else.
fn file(folder: &Path, name: &str) -> Option<(&'static str, Vec<u8>)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&c);
    let is_name =
        |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
    if !name.split('/').all(is_name) {
        return None;
    }
    let kind = match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "wasm" => "application/wasm",
        "json" | "map" | "webmanifest" => "application/json",
        _ => return None,
    };
    Some((kind, fs::read(folder.join(name)).ok()?))
}

fn policy(folder: &Path, name: &str) -> String {
    if name == SURFACE {
        return SURFACE_POLICY.into();
    }
    let relays = if folder.join(WORKER).is_file() { RELAYS } else { "" };
    format!("{POLICY}{relays}")
}

fn with_headers(policy: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_folders_own_files_of_known_kinds_are_served() {
        let folder = tempfile::tempdir().unwrap();
        let shell = folder.path().join("shell");
        fs::create_dir_all(shell.join("a/.b")).unwrap();
        fs::write(folder.path().join("secret.json"), "secret").unwrap();
        let there =
            ["index.html", "main.js", ".hidden.js", "key.pem", "noend", "a/b.js", "a/.b/c.js"];
        for name in there {
            fs::write(shell.join(name), name).unwrap();
        }
        let page = Page { folder: Some(shell), lacking: "" };
        let status = |name: &str| page.answer(name).status().as_u16();
        assert_eq!(["", "index.html", "main.js", "a/b.js"].map(status), [200; 4]);
        for name in [
            "../secret.json",
            "a/../../secret.json",
            "..",
            ".hidden.js",
            "key.pem",
            "noend",
            "a/.b/c.js",
            "a//b.js",
            "/a/b.js",
            "a",
            "a/",
            "gone.js",
            "%2e.js",
        ] {
            assert_eq!(status(name), 404, "{name}");
        }
        assert_eq!(Page { folder: None, lacking: "" }.answer("").status().as_u16(), 404);
    }

    #[test]
    fn only_a_page_is_one_and_never_what_holds_the_home_or_is_held_by_it() {
        let folder = tempfile::tempdir().unwrap();
        let (page, home) = (folder.path().join("page"), folder.path().join("home"));
        let of = |page: &Path, home: &Path| {
            Page::of_browser(Some(page.to_owned()), home).map_err(|failure| failure.cause)
        };
        for made in [&page, &home] {
            fs::create_dir(made).unwrap();
        }
        assert!(of(&page, &home).err().unwrap().contains("has no index.html"));
        for there in [folder.path(), &page, &home] {
            fs::write(there.join(INDEX), "").unwrap();
        }
        assert!(of(&page, &home).err().unwrap().contains("has no worker.js"));
        for there in [folder.path(), &page, &home] {
            fs::write(there.join(WORKER), "").unwrap();
        }
        assert!(of(&page, &home).unwrap().is_there());
        let (all, page, home) = (folder.path(), page.as_path(), home.as_path());
        for (page, home) in [(all, home), (home, home), (page, all)] {
            assert!(of(page, home).err().unwrap().contains("not apart from this home"));
        }
        assert!(!Page::of_browser(None, home).unwrap().is_there());
    }

    #[test]
    fn a_page_reaches_elsewhere_only_where_it_runs_the_kernel_itself() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(INDEX), "").unwrap();
        let page = Page { folder: Some(folder.path().to_owned()), lacking: "" };
        fs::write(folder.path().join(SURFACE), "").unwrap();
        let policy_of = |name: &str| {
            let answer = page.answer(name);
            answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
        };
        let policy = || policy_of("");
        // A surface has no origin even where somebody opens it by itself.
        assert_eq!(policy_of(SURFACE), "frame-ancestors 'self'; sandbox allow-scripts");
        assert!(policy().ends_with("connect-src 'self'"), "{}", policy());
        fs::write(folder.path().join(WORKER), "").unwrap();
        assert!(policy().ends_with("connect-src 'self' ws: wss: http: https:"), "{}", policy());
        for unsafe_ in ["unsafe-inline", "'unsafe-eval'", "*"] {
            assert!(!policy().contains(unsafe_), "{unsafe_}");
        }
    }
}
