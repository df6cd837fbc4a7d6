//! What the web shell is given by a node: its files, answers and notices, and to whom.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use myrhiza_e2e::{Folder, Home, Node, PATIENCE, agree, until};

/// A home whose node has a page.
pub(super) fn with_page(folder: &Folder, name: &str) -> Home {
    let shell = folder.path("shell");
    fs::create_dir_all(&shell).unwrap();
    fs::write(shell.join("index.html"), "<!doctype html>the page").unwrap();
    fs::write(shell.join("main.js"), "1").unwrap();
    Home { shell: Some(shell), ..folder.made(name) }
}

/// The token that a page's address carries.
pub(super) fn token(node: &Node) -> &str {
    let page = node.started["page"].as_str().unwrap();
    page.split_once("/#token=").unwrap().1
}

fn get(node: &Node, path: &str, more: &str) -> String {
    node.http(&format!("GET {path} HTTP/1.1\r\nHost: HOST\r\n{more}Connection: close\r\n\r\n"))
}

/// What a node answers to the shell: the status line, and the answer or error.
pub(super) fn asked(node: &Node, headers: &str, body: &str) -> (String, Value) {
    let answer = node.http(&format!(
        "POST /v1/shell HTTP/1.1\r\nHost: HOST\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let value = serde_json::from_str(body).unwrap_or_else(|_| body.into());
    (head.lines().next().unwrap().to_owned(), value)
}

/// What it answers to who has the token.
#[track_caller]
fn ask(node: &Node, method: &str, params: Value) -> Value {
    let headers = format!("x-myrhiza-token: {}\r\nOrigin: http://HOST\r\n", token(node));
    let (status, answer) =
        asked(node, &headers, &json!({"method": method, "params": params}).to_string());
    assert_eq!(status, "HTTP/1.1 200 OK", "{answer}");
    answer
}

#[test]
fn a_node_serves_its_page_to_anybody_and_answers_to_its_own_page_alone() {
    let folder = Folder::new();
    let alice = with_page(&folder, "alice");
    let node = Node::up(&alice, &[]);
    let (page, script) = (get(&node, "/", ""), get(&node, "/main.js", ""));
    assert!(page.starts_with("HTTP/1.1 200") && page.ends_with("the page"), "{page}");
    assert!(script.contains("text/javascript"), "{script}");
    let head = page.to_lowercase();
    for header in [
        "content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval';",
        "require-trusted-types-for 'script'",
        "frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cross-origin-opener-policy: same-origin",
    ] {
        assert!(head.contains(header), "{header} is not in {head}");
    }
    for gone in ["/gone.js", "/..%2fnode.json", "/v1", "/.git"] {
        assert!(get(&node, gone, "").starts_with("HTTP/1.1 404"), "{gone}");
    }
    // Another page's script may not even read the files.
    let other = "Origin: http://evil.example\r\n";
    assert!(get(&node, "/", other).starts_with("HTTP/1.1 403"));

    let who = json!({"method": "who", "params": {}}).to_string();
    let (with, own) = (format!("x-myrhiza-token: {}\r\n", token(&node)), "Origin: http://HOST\r\n");
    let status = |headers: &str| asked(&node, headers, &who).0;
    assert_eq!(status(own), "HTTP/1.1 401 Unauthorized");
    assert_eq!(status(&format!("{with}{own}")), "HTTP/1.1 200 OK");
    assert_eq!(status(&with), "HTTP/1.1 200 OK");
    for foreign in
        ["http://evil.example", "null", "https://HOST", "http://HOST:80", "http://127.0.0.1:1"]
    {
        let headers = format!("{with}Origin: {foreign}\r\n");
        assert_eq!(status(&headers), "HTTP/1.1 403 Forbidden", "{foreign}");
    }
    assert!(get(&node, "/v1/events", own).starts_with("HTTP/1.1 401"));
    let (status, error) = asked(&node, &with, r#"{"method": "nonsense", "params": {}}"#);
    assert_eq!(
        (&*status, &error["error"]["code"]),
        ("HTTP/1.1 400 Bad Request", &"bad-request".into())
    );
}

#[test]
fn a_browsers_own_home_is_served_where_nothing_of_the_nodes_is() {
    let folder = Folder::new();
    let alice = with_page(&folder, "alice");
    let page = folder.path("browser");
    fs::create_dir_all(page.join("snippets/host-0a/web")).unwrap();
    for file in ["index.html", "worker.js", "host_bg.wasm", "snippets/host-0a/web/kept.js"] {
        fs::write(page.join(file), format!("{file} of a browser")).unwrap();
    }
    let node = Node::up(&alice, &["--browser-page", page.to_str().unwrap()]);
    let port = node.started["api"].as_str().unwrap().rsplit_once(':').unwrap().1;
    let (local, served) =
        (format!("localhost:{port}"), format!("http://localhost:{port}/browser/"));
    assert_eq!(node.started["browser_page"], *served);
    let ask = |how: &str, host: &str, path: &str, more: &str| {
        let all =
            format!("{how} {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n");
        node.http(&all)
    };
    let get = |host: &str, path: &str, more: &str| ask("GET", host, path, more);

    // A browser says where what it asks for is asked from, and is given the page by that name alone.
    let from_page = "Sec-Fetch-Site: same-origin\r\n";
    for (file, kind) in [
        ("", "text/html"),
        ("worker.js", "text/javascript"),
        ("host_bg.wasm", "application/wasm"),
        ("snippets/host-0a/web/kept.js", "text/javascript"),
    ] {
        let path = format!("/browser/{file}");
        let answer = get(&local, &path, from_page);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("of a browser"), "{answer}");
        for header in [
            &*format!("content-type: {kind}"),
            "content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval';",
            "connect-src 'self' ws: wss: http: https:",
            "cross-origin-opener-policy: same-origin",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(answer.contains(header), "{header} is not in {answer}");
        }
        for host in ["HOST", "evil.example", &*format!("localhost.evil.example:{port}")] {
            assert!(get(host, &path, "").starts_with("HTTP/1.1 403"), "{host}");
        }
        let foreign = "Origin: http://evil.example\r\n";
        assert!(get(&local, &path, foreign).starts_with("HTTP/1.1 403"));
    }
    for gone in ["gone.js", "snippets", "..%2fnode.json", "snippets/../../alice/node.json"] {
        assert!(get(&local, &format!("/browser/{gone}"), "").starts_with("HTTP/1.1 404"), "{gone}");
    }

    // From there nothing of the node is reached: neither by that name nor at the address, not even by who
    // has the token.
    let token = format!("x-myrhiza-token: {}\r\n", token(&node));
    let origin = format!("{token}Origin: http://{local}\r\n");
    for (how, path) in [
        ("GET", "/"),
        ("GET", "/main.js"),
        ("GET", "/health"),
        ("GET", "/metrics"),
        ("GET", "/v1/events"),
        ("POST", "/v1/shell"),
        ("POST", "/v1/stop"),
    ] {
        let by_name = ask(how, &local, path, &format!("{token}{from_page}"));
        assert!(by_name.starts_with("HTTP/1.1 403"), "{path}: {by_name}");
        for host in [&local, "HOST"] {
            let answer = ask(how, host, path, &origin);
            assert!(answer.starts_with("HTTP/1.1 403"), "{path} of {host}: {answer}");
        }
    }
    // A person who came to the wrong name is told of the right one.
    let told = get(&local, "/", from_page);
    let link = format!("<a href=\"{}/\">", node.started["api"].as_str().unwrap());
    assert!(told.contains(&link) && told.contains("myrhiza ui"), "{told}");
    assert!(told.contains("content-type: text/html") && !told.contains("token="), "{told}");
    // What is no browser is served by that name as by the address.
    assert!(get(&local, "/metrics", &token).starts_with("HTTP/1.1 200"));
    node.stop();

    // What is no page, or is not apart from the home, is not served.
    fs::remove_file(page.join("worker.js")).unwrap();
    for (wrong, why) in [(&page, "has no worker.js"), (&folder.path("gone"), "has no index.html")] {
        let failed = alice.json(["up", "--browser-page", wrong.to_str().unwrap()]).fails(1, "page");
        assert!(failed["cause"].as_str().unwrap().contains(why), "{failed}");
    }
    let node = Node::up(&alice, &[]);
    assert_eq!(node.started["browser_page"], Value::Null);
    let local =
        format!("localhost:{}", node.started["api"].as_str().unwrap().rsplit_once(':').unwrap().1);
    let answer =
        node.http(&format!("GET /browser/ HTTP/1.1\r\nHost: {local}\r\nConnection: close\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("--browser-page"), "{answer}");
}

#[test]
fn without_a_page_a_node_says_so_and_is_a_node_all_the_same() {
    let folder = Folder::new();
    let alice = Home { shell: Some(folder.path("nothing")), ..folder.made("alice") };
    let node = Node::up(&alice, &[]);
    assert_eq!(node.started["page"], Value::Null);
    let answer = get(&node, "/", "");
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("build native"), "{answer}");
    alice.json(["peers"]).ok();
}

#[test]
fn what_the_page_does_and_reads_is_what_commands_do_and_print() {
    let folder = Folder::new();
    let alice = with_page(&folder, "alice");
    alice.install(&folder.signed(&alice, "counter")).ok();
    let node = Node::up(&alice, &[]);
    let bundle = ask(&node, "apps", json!({}))[0]["id"].clone();
    let found = json!({"bundle": bundle, "name": "steps", "open": false});
    let topic = ask(&node, "found", found)["topic"].clone();
    let of = |more: Value| {
        let mut params = json!({"topic": topic});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let done = ask(&node, "act", of(json!({"intent": ["increment", "3"]})));
    assert_eq!(done["verdict"], "accept");
    let log = alice.log("steps");
    assert_eq!(log[1]["id"], done["event"]);
    let (status, error) = {
        let headers = format!("x-myrhiza-token: {}\r\n", token(&node));
        let nowhere = json!({"method": "root", "params": {"topic": "00".repeat(32)}});
        asked(&node, &headers, &nowhere.to_string())
    };
    assert_eq!(status, "HTTP/1.1 422 Unprocessable Entity");
    assert_eq!(error["error"]["code"], "not-found");

    // Every field that a command prints the page is given alike.
    let within = |part: &Value, whole: &Value| {
        let (part, whole) = (part.as_object().unwrap(), whole.as_object().unwrap());
        part.iter().all(|(name, value)| whole.get(name) == Some(value))
    };
    let topics = alice.json(["topic", "list"]).ok().value();
    assert!(within(&topics[0], &ask(&node, "topics", json!({}))[0]), "{topics}");
    let events = ask(&node, "log", of(json!({})))["events"].clone();
    let mut logged = log[1].clone();
    logged.as_object_mut().unwrap().remove("payload");
    assert!(within(&logged, &events[1]), "{events}");
    let view = alice.json(["view", "steps"]).ok().value();
    assert_eq!(ask(&node, "view", of(json!({})))["nodes"], view["nodes"]);
    assert_eq!(ask(&node, "root", of(json!({}))), alice.root("steps"));
    assert_eq!(ask(&node, "drift", of(json!({}))), alice.json(["drift", "steps"]).ok().value());
    assert_eq!(ask(&node, "apps", json!({})), alice.json(["app", "list"]).ok().value());
    let peers = alice.json(["peers"]).ok().value();
    assert!(within(&peers, &ask(&node, "peers", json!({}))), "{peers}");
    let who = alice.json(["id"]).ok().value();
    assert_eq!(ask(&node, "who", json!({}))["name"], who["name"]);
}

#[test]
fn the_page_sees_and_changes_the_relays_that_the_node_goes_on_with() {
    let folder = Folder::new();
    let alice = with_page(&folder, "alice");
    let node = Node::up(&alice, &[]);
    let shown = |urls: &[&str], running: &[&str]| {
        let pending = urls != running;
        json!({"relays": urls, "running": running, "away": [], "pending": pending})
    };
    let config = || alice.json(["config", "relays"]).ok().value()["relays"].clone();
    assert_eq!(ask(&node, "relays", json!({})), shown(&[], &[]));
    let urls = ["http://127.0.0.1:1", "http://127.0.0.1:2"];
    assert_eq!(ask(&node, "set-relays", json!({"relays": urls})), json!({}));
    assert_eq!(config(), urls.join(","));
    assert_eq!(ask(&node, "relays", json!({})), shown(&urls, &[]));

    // What `myrhiza config` refuses is refused here, in words for a page.
    let token_header = format!("x-myrhiza-token: {}\r\n", token(&node));
    let set = |headers: &str, relays: Value| {
        let request = json!({"method": "set-relays", "params": {"relays": relays}});
        asked(&node, headers, &request.to_string())
    };
    let (status, answer) = set(&token_header, json!([urls[0], "ftp://relay.example"]));
    assert_eq!(status, "HTTP/1.1 422 Unprocessable Entity");
    let error = &answer["error"];
    assert_eq!(error["code"], "bad-config");
    assert!(error["cause"].as_str().unwrap().contains("`ftp://relay.example`"), "{error}");
    assert!(error["next"].as_str().unwrap().contains("https://"), "{error}");
    let (status, answer) = set(&token_header, json!("http://127.0.0.1:1"));
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    assert_eq!(answer["error"]["code"], "bad-request");
    // Nor does anybody else change them.
    assert_eq!(set("", json!([])).0, "HTTP/1.1 401 Unauthorized");
    let foreign = format!("{token_header}Origin: http://evil.example\r\n");
    assert_eq!(set(&foreign, json!([])).0, "HTTP/1.1 403 Forbidden");
    assert_eq!(config(), urls.join(","));

    node.stop();
    let node = Node::up(&alice, &[]);
    assert_eq!(ask(&node, "relays", json!({})), shown(&urls, &urls));
    alice.json(["config", "relays", ""]).ok();
    assert_eq!(ask(&node, "relays", json!({})), shown(&[], &urls));
    node.stop();

    // Those that are named for once are told of too.
    let node = Node::up(&alice, &["--relay", urls[1], "--relay", &format!("{}/", urls[1])]);
    assert_eq!(ask(&node, "relays", json!({})), shown(&[], &urls[1..]));
}

/// Asks to be told what happens.
fn watching(node: &Node) -> BufReader<TcpStream> {
    let address = node.started["api"].as_str().unwrap().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let token = token(node);
    write!(
        stream,
        "GET /v1/events HTTP/1.1\r\nHost: {address}\r\nx-myrhiza-token: {token}\r\n\r\n"
    )
    .unwrap();
    BufReader::new(stream)
}

#[test]
fn many_pages_leave_room_for_commands() {
    let folder = Folder::new();
    let alice = with_page(&folder, "alice");
    let node = Node::up(&alice, &[]);
    let answered = |stream: &mut BufReader<TcpStream>| {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        line
    };
    let mut open: Vec<_> = (0..64).map(|_| watching(&node)).collect();
    for stream in &mut open {
        assert!(answered(stream).starts_with("HTTP/1.1 200"));
    }
    assert!(answered(&mut watching(&node)).starts_with("HTTP/1.1 503"));
    alice.json(["topic", "list"]).ok();
    drop(open);
    until("room for another page", || answered(&mut watching(&node)).starts_with("HTTP/1.1 200"));
}

#[test]
fn what_happens_is_told_to_the_page_as_it_happens() {
    let folder = Folder::new();
    let alice = with_page(&folder, "alice");
    let bob = folder.made("bob");
    let bundle = folder.signed(&alice, "counter");
    for home in [&alice, &bob] {
        home.install(&bundle).ok();
    }
    let node = Node::up(&alice, &[]);
    let topic = alice.found("counter", "steps");
    // Lines of JSON among those of the transfer's own.
    let mut told = watching(&node).lines().filter_map(|line| {
        let line = line.unwrap();
        line.starts_with('{').then(|| serde_json::from_str::<Value>(&line).unwrap())
    });
    assert_eq!(told.next().unwrap(), json!({"kind": "here"}));
    alice.act("steps", &["increment", "1"]);
    let changed = json!({"kind": "topic", "topic": topic, "change": "events"});
    assert_eq!(told.find(|notice| notice["kind"] == "topic").unwrap(), changed);
    let _other = Node::up(&bob, &[]);
    bob.join(&alice.invite("steps"));
    told.find(|notice| notice["kind"] == "peers").unwrap();
    agree(&topic, [&alice, &bob], 3);
    let lines = ask(&node, "journal", json!({}))["lines"].clone();
    let texts: Vec<_> =
        lines.as_array().unwrap().iter().map(|line| line["text"].to_string()).collect();
    assert!(texts.iter().any(|text| text.contains("connected with")), "{texts:?}");
}
