//! The web shell's files: a folder `shell` beside the program, or the one that `MYRHIZA_SHELL` names.
//! They are public code, so nobody needs the token to read them; what they then ask for they do.

use std::env;
use std::path::{Path, PathBuf};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

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

/// The page's files.
pub(super) struct Page {
    folder: Option<PathBuf>,
}

impl Page {
    /// Those of this program.
    pub(super) fn find() -> Self {
        let named = env::var_os(FOLDER).map(PathBuf::from);
        let beside = || Some(env::current_exe().ok()?.parent()?.join("shell"));
        Self { folder: named.or_else(beside).filter(|folder| folder.join(INDEX).is_file()) }
    }

    /// Whether there is a page.
    pub(super) fn is_there(&self) -> bool {
        self.folder.is_some()
    }

    /// A file of it; blocks while it is read.
    pub(super) fn answer(&self, name: &str) -> Response {
        let Some(folder) = &self.folder else {
            let why = "there is no page: `cargo xtask build native` puts it beside the program\n";
            return (StatusCode::NOT_FOUND, why).into_response();
        };
        let name = if name.is_empty() { INDEX } else { name };
        match file(folder, name) {
            Some((kind, bytes)) => with_headers(&policy(folder, name), kind, bytes),
            None => (StatusCode::NOT_FOUND, "the page has no such file\n").into_response(),
        }
    }
}

/// A file of the folder itself, and what it is. Its name leads nowhere else.
fn file(folder: &Path, name: &str) -> Option<(&'static str, Vec<u8>)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&c);
    if name.starts_with('.') || !name.chars().all(plain) {
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
    Some((kind, std::fs::read(folder.join(name)).ok()?))
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
        std::fs::create_dir(&shell).unwrap();
        std::fs::write(folder.path().join("secret.json"), "secret").unwrap();
        for name in ["index.html", "main.js", ".hidden.js", "key.pem", "noend"] {
            std::fs::write(shell.join(name), name).unwrap();
        }
        let page = Page { folder: Some(shell) };
        let status = |name: &str| page.answer(name).status().as_u16();
        assert_eq!(["", "index.html", "main.js"].map(status), [200; 3]);
        for name in [
            "../secret.json",
            "..",
            ".hidden.js",
            "key.pem",
            "noend",
            "a/b.js",
            "gone.js",
            "%2e.js",
        ] {
            assert_eq!(status(name), 404, "{name}");
        }
        assert_eq!(Page { folder: None }.answer("").status().as_u16(), 404);
    }

    #[test]
    fn a_page_reaches_elsewhere_only_where_it_runs_the_kernel_itself() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(INDEX), "").unwrap();
        let page = Page { folder: Some(folder.path().to_owned()) };
        std::fs::write(folder.path().join(SURFACE), "").unwrap();
        let policy_of = |name: &str| {
            let answer = page.answer(name);
            answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
        };
        let policy = || policy_of("");
        // A surface has no origin even where somebody opens it by itself.
        assert_eq!(policy_of(SURFACE), "frame-ancestors 'self'; sandbox allow-scripts");
        assert!(policy().ends_with("connect-src 'self'"), "{}", policy());
        std::fs::write(folder.path().join(WORKER), "").unwrap();
        assert!(policy().ends_with("connect-src 'self' ws: wss: http: https:"), "{}", policy());
        for unsafe_ in ["unsafe-inline", "'unsafe-eval'", "*"] {
            assert!(!policy().contains(unsafe_), "{unsafe_}");
        }
    }
}
