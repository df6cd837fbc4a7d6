//! Homes whose nodes are up: what is done in one is seen in the other, and every command goes on.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use myrhiza_e2e::{Folder, Node, Ran, agree, until};

#[test]
fn two_nodes_share_a_topic_live_apart_and_after_a_kill() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    let node = Node::up(&alice, &[]);
    let topic = alice.found("counter", "steps");
    let ticket = alice.invite("steps");
    let other = Node::up(&bob, &[]);
    bob.json(["topic", "join", &ticket]).ok();
    agree(&topic, [&alice, &bob], 2);

    alice.act("steps", &["increment", "2"]);
    bob.act("steps", &["increment", "3"]);
    agree(&topic, [&alice, &bob], 4);
    let view = bob.json(["view", "steps"]).ok().stdout;
    assert!(view.contains('5'), "{view}");

    let peers = alice.json(["peers"]).ok().value();
    assert_eq!(peers["peers"][0]["id"], other.started["id"]);
    let exchange = &peers["peers"][0]["topics"][0];
    assert_eq!((&exchange["state"], &exchange["total"]), (&"complete".into(), &4.into()));

    // One is killed, both act, and the other node is another process at another address then.
    other.kill();
    bob.act("steps", &["decrement", "1"]);
    alice.act("steps", &["increment", "10"]);
    node.stop();
    alice.act("steps", &["increment", "20"]);
    let _node = Node::up(&alice, &[]);
    let connect = {
        let peers = alice.json(["peers"]).ok().value();
        format!("{}@{}", peers["id"].as_str().unwrap(), peers["addresses"][0].as_str().unwrap())
    };
    let _other = Node::up(&bob, &["--connect", &connect]);
    agree(&topic, [&alice, &bob], 7);
}

#[test]
fn a_node_that_stops_lets_the_home_go_and_one_that_was_killed_is_not_missed() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let node = Node::up(&alice, &[]);
    assert!(alice.file("node.json").exists());
    // A second node of the home is not started, and it is said what to do with the first.
    let failed = alice.json(["up"]).fails(1, "home-in-use");
    assert!(failed["cause"].as_str().unwrap().contains("this home's node is up"), "{failed}");
    assert!(failed["next"].as_str().unwrap().contains("myrhiza peers"), "{failed}");
    node.stop();
    assert!(!alice.file("node.json").exists());
    // The same where its terminal is closed, unless these tests run under `nohup`, and it with them.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    if u64::from_str_radix(ignored.trim(), 16).unwrap() & 1 == 0 {
        Node::up(&alice, &[]).hang_up();
        assert!(!alice.file("node.json").exists());
    }
    alice.json(["id"]).ok();
    let node = Node::up(&alice, &[]);
    let api = node.started["api"].as_str().unwrap().trim_start_matches("http://").to_owned();
    node.kill();
    assert!(alice.file("node.json").exists());
    // Whoever has its port now is told nothing.
    let other = TcpListener::bind(api).unwrap();
    other.set_nonblocking(true).unwrap();
    alice.json(["id"]).ok();
    alice.json(["peers"]).fails(3, "no-node");
    assert_eq!(other.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_node_asks_before_it_does_what_is_to_be_confirmed() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let bundle = folder.signed(&alice, "counter");
    let _node = Node::up(&alice, &[]);
    let install = ["app".as_ref(), "install".as_ref(), bundle.as_os_str()];
    let ran = alice.json(install).exits(4);
    assert_eq!(ran.value()["error"]["code"], "needs-confirmation");
    assert!(ran.stderr.contains("signed  by"), "{}", ran.stderr);
    assert_eq!(alice.json(["app", "list"]).ok().value(), json!([]));
    alice.install(&bundle).ok();
    // A path is relative to where the command is given, not to where the node was started.
    alice.found("counter", "steps");
    let mut export = alice.command(["topic", "export", "steps", "here.myrtopic"]);
    assert!(export.current_dir(folder.path("")).status().unwrap().success());
    assert!(folder.path("here.myrtopic").exists());
    // What is wrong with a command line is told as without a node.
    alice.json(["do", "nowhere", "increment"]).fails(3, "not-found");
    alice.run(["topic", "create"]).exits(2);
}

#[test]
fn the_local_api_serves_who_has_the_token_and_no_web_page() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let node = Node::up(&alice, &[]);
    let file: Value =
        serde_json::from_slice(&std::fs::read(alice.file("node.json")).unwrap()).unwrap();
    let token = file["token"].as_str().unwrap();
    let get = |path: &str, host: &str, more: &str| {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n");
        node.http(&request)
    };
    let with = format!("x-myrhiza-token: {token}\r\n");
    // Who knows no token is told whether it works, and nothing more.
    let health = get("/health", "HOST", "");
    assert!(health.starts_with("HTTP/1.1 200") && health.ends_with("\r\n\r\nok\n"), "{health}");
    let health = get("/health", "HOST", &with);
    let health: Value = serde_json::from_str(health.split_once("\r\n\r\n").unwrap().1).unwrap();
    let works = json!({"ok": true, "kernel": true, "store": true, "transport": true,
        "ticked_ms_ago": health["ticked_ms_ago"]});
    assert_eq!(health, works);
    assert!(health["ticked_ms_ago"].as_u64().unwrap() < 15_000);
    assert!(get("/metrics", "HOST", "").starts_with("HTTP/1.1 401"));
    let wrong = format!("x-myrhiza-token: {}\r\n", "0".repeat(token.len()));
    for path in ["/metrics", "/health"] {
        assert!(get(path, "HOST", &wrong).starts_with("HTTP/1.1 401"), "{path}");
        assert!(get(path, "evil.example", "").starts_with("HTTP/1.1 403"), "{path}");
        let page = "Origin: http://evil.example\r\n";
        assert!(get(path, "HOST", page).starts_with("HTTP/1.1 403"), "{path}");
    }
    // Nor is anything taken that may be read in two ways.
    for (path, more, status) in [
        ("/health", "Host: evil.example\r\n", 400),
        ("/health", "Origin: http://HOST\r\nOrigin: http://evil.example\r\n", 400),
        ("http://evil.example/health", "", 403),
        ("http://HOST/health", "", 200),
    ] {
        let answer = get(path, "HOST", more);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path} {more}: {answer}");
    }
    let metrics = get("/metrics", "HOST", &with);
    assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");
    assert!(metrics.contains("\nmyrhiza_peers 0\n"), "{metrics}");
    assert!(get("/v1/progress", "HOST", "").starts_with("HTTP/1.1 401"));
    let progress = get("/v1/progress", "HOST", &with);
    assert!(progress.contains(r#"{"bundles":{"done":0,"of":0},"#), "{progress}");
    let page = format!("{with}Origin: http://evil.example\r\n");
    assert!(get("/metrics", "HOST", &page).starts_with("HTTP/1.1 403"));
    assert!(get("/metrics", "evil.example", &with).starts_with("HTTP/1.1 403"));
    // What is not the node's to do it does not do for who has the token either.
    for command in ["up", "passwd", "init"] {
        let asked = json!({
            "arguments": ["myrhiza", command, "--no-passphrase"], "folder": "/", "input": "",
            "confirmed": true,
        });
        let asked = match command {
            "up" => {
                json!({"arguments": ["myrhiza", "up"], "folder": "/", "input": "", "confirmed": true})
            }
            _ => asked,
        };
        let body = asked.to_string();
        let request = format!(
            "POST /v1/command HTTP/1.1\r\nHost: HOST\r\n{with}Content-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let answer = node.http(&request);
        assert!(answer.contains("was not run"), "{answer}");
    }
    let long = format!(
        "POST /v1/command HTTP/1.1\r\nHost: HOST\r\n{with}Content-Type: application/json\r\n\
         Content-Length: 2000000\r\nConnection: close\r\n\r\n"
    );
    assert!(node.http(&long).starts_with("HTTP/1.1 413"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(alice.file("node.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_node_that_nobody_can_reach_is_not_well() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let ask = "GET /health HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
    let node = Node::up(&alice, &[]);
    assert!(node.http(ask).starts_with("HTTP/1.1 200"));
    // A setting is the next node's.
    let set = alice.json(["config", "listen", ""]).ok();
    assert!(set.stderr.contains("start it again"), "{}", set.stderr);
    assert_eq!(set.value()["listen"], "");
    assert_eq!(alice.json(["config"]).ok().value()["listen"], "");
    assert!(node.http(ask).starts_with("HTTP/1.1 200"));
    node.stop();
    // No relay is there.
    let relay = format!("http://{}", Node::free_port());
    let node = Node::up(&alice, &["--relay", &relay]);
    let answer = node.http(ask);
    assert!(answer.starts_with("HTTP/1.1 503") && answer.ends_with("\r\n\r\nnot ok\n"), "{answer}");
    assert_eq!(node.metric("myrhiza_healthy{part=\"transport\"}"), Some(0));
    assert_eq!(node.metric("myrhiza_healthy{part=\"store\"}"), Some(1));
    let peers = alice.run(["peers"]).ok().stdout;
    assert!(peers.contains("has no address yet") && !peers.contains('@'), "{peers}");
}

#[test]
fn a_node_that_cannot_listen_says_where() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let api = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = api.local_addr().unwrap().to_string();
    let error = alice.json(["up", "--api", &taken]).fails(1, "node");
    assert!(error["cause"].as_str().unwrap().contains(&taken), "{error}");
    let others = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = others.local_addr().unwrap().to_string();
    let error = alice.json(["up", "--listen", &taken]).fails(1, "transport");
    assert!(error["cause"].as_str().unwrap().contains(&taken), "{error}");
    // And why the system would not let it: both are told in its words.
    assert!(error["cause"].as_str().unwrap().contains("in use"), "{error}");
    let error = alice.json(["up", "--listen", "192.0.2.1:4433"]).fails(1, "transport");
    assert!(error["cause"].as_str().unwrap().contains("requested address"), "{error}");
    let error = alice.json(["up", "--relay", "foo"]).fails(1, "transport");
    assert!(error["cause"].as_str().unwrap().contains("relay `foo` is no URL"), "{error}");
    assert!(error["next"].as_str().unwrap().contains("--relay"), "{error}");
}

#[test]
fn beside_a_node_the_doctor_looks_at_the_store_and_the_topics_too() {
    let folder = Folder::new();
    let (alice, _) = folder.pair();
    alice.found("counter", "steps");
    let checks = || {
        let found = alice.json(["doctor"]).ok().value();
        let checks = found["checks"].as_array().unwrap().iter();
        checks.map(|check| check["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let alone = checks();
    assert!(alone.ends_with(&["store".into(), "topics".into()]), "{alone:?}");
    let _node = Node::up(&alice, &[]);
    assert_eq!(checks(), alone);
    let told = alice.run(["doctor"]).ok().stdout;
    assert!(told.contains("its node is up") && told.contains("1 topic, 2 apps"), "{told}");
}

#[test]
fn what_is_given_on_standard_input_is_taken_whole_or_not_at_all() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let with = |arguments: &[&str], bytes: usize| {
        let file = folder.write("input", "00".repeat(bytes / 2));
        let input = File::open(file).unwrap();
        Ran::of(alice.command(arguments).arg("--json").stdin(input))
    };
    // No proof is as long, and one that could be is read to its end, with a node or without.
    let (proof, long) = (["forks", "--check", "-"], 300 << 10);
    let alone = with(&proof, long).fails(1, "no-proof");
    let _node = Node::up(&alice, &[]);
    assert_eq!(with(&proof, long).fails(1, "no-proof"), alone);
    let error = with(&proof, 9 << 20).fails(1, "no-proof");
    assert!(error["cause"].as_str().unwrap().contains("more than"), "{error}");
    let error = with(&["topic", "join", "-"], long).fails(2, "too-long");
    assert!(error["cause"].as_str().unwrap().contains("standard input"), "{error}");
}

#[test]
fn every_metric_is_in_the_guide_and_what_happens_is_counted() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    let node = Node::up(&alice, &[]);
    let topic = alice.found("counter", "steps");
    let other = Node::up(&bob, &[]);
    bob.join(&alice.invite("steps"));
    agree(&topic, [&alice, &bob], 2);
    assert!(node.metric("myrhiza_connections_total").unwrap() >= 1);
    let of = |name: &str, more: &str| format!("myrhiza_topic_{name}{{topic=\"{topic}\"{more}}}");
    assert_eq!(node.metric(&of("pending_events", "")), Some(0));
    assert_eq!(node.metric(&of("drift_reports", ",state=\"open\"")), Some(0));
    assert_eq!(node.metric("myrhiza_refolded_events_total"), Some(0));
    assert_eq!(node.metric("myrhiza_offences_total{offence=\"lie\"}"), Some(0));
    other.stop();
    let ended =
        |line: &str| line.starts_with("myrhiza_disconnects_total{") && !line.ends_with(" 0");
    until("the end is counted", || node.metrics().lines().any(ended));
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/metrics.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let metrics = node.metrics();
    let names = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let names: Vec<_> = names.collect();
    let is_told =
        |name: &&str| guide.contains(&format!("`{name}`")) || guide.contains(&format!("`{name}{{"));
    assert!(names.len() > 20 && names.iter().all(is_told), "{names:?}");
    let told = guide.lines().filter(|line| line.starts_with("| `myrhiza_")).count();
    assert_eq!(told, names.len(), "and nothing else is in the guide");
}

#[test]
fn an_app_is_installed_from_the_peer_who_invites_in_one_step() {
    let folder = Folder::new();
    let (alice, bob) = (folder.made("alice"), folder.made("bob"));
    alice.install(&folder.signed(&alice, "counter")).ok();
    let _node = Node::up(&alice, &[]);
    let topic = alice.found("counter", "steps");
    alice.act("steps", &["increment", "2"]);
    let ticket = alice.invite("steps");
    let _other = Node::up(&bob, &[]);
    let asked = bob.json(["app", "install", &ticket]).exits(4);
    assert!(asked.stderr.contains("for the first time here"), "{}", asked.stderr);
    assert_eq!(bob.json(["app", "list"]).ok().value(), json!([]));
    bob.json(["app", "install", "steps", "--yes"]).ok();
    agree(&topic, [&alice, &bob], 3);
    bob.act("steps", &["increment", "3"]);
    agree(&topic, [&alice, &bob], 4);
}

#[test]
fn who_came_by_files_is_connected_by_a_later_ticket() {
    for is_up in [true, false] {
        let folder = Folder::new();
        let (alice, bob) = folder.pair();
        let topic = alice.found("counter", "steps");
        bob.json(["topic", "join", &alice.invite("steps")]).ok();
        bob.hand("steps", &alice);
        alice.hand("steps", &bob);
        let _node = Node::up(&alice, &[]);
        alice.act("steps", &["increment", "1"]);
        let _bobs = is_up.then(|| Node::up(&bob, &[]));
        if is_up {
            let peers = bob.run(["peers"]).ok().stdout;
            assert!(
                peers.contains("connected to nobody") && peers.contains("topic join"),
                "{peers}"
            );
        } else {
            let synced = bob.run(["sync", "--patience", "1"]).exits(1);
            assert!(synced.stderr.contains("topic join TICKET"), "{}", synced.stderr);
        }
        let joined = bob.json(["topic", "join", &alice.invite("steps")]).ok();
        assert_eq!(joined.value(), json!({"topic": topic, "name": "steps"}));
        if !is_up {
            bob.json(["sync"]).ok();
        }
        // The ticket let in nobody: the genesis, Bob's first join, what Alice did.
        agree(&topic, [&alice, &bob], 3);
    }
}

#[test]
fn without_a_node_of_its_own_a_home_is_brought_up_to_date_once() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    let _node = Node::up(&alice, &[]);
    let topic = alice.found("counter", "steps");
    alice.act("steps", &["increment", "2"]);
    bob.json(["topic", "join", &alice.invite("steps")]).ok();
    let synced = bob.json(["sync"]).ok().value();
    assert_eq!(synced["topics"][0]["complete"], true, "{synced}");
    assert_eq!(synced["topics"][0]["state"], "complete", "{synced}");
    agree(&topic, [&alice, &bob], 3);
    // With nobody there it says so, and when.
    drop(_node);
    let synced = bob.json(["sync", "--patience", "2"]).exits(1).value();
    assert_eq!(synced["topics"][0]["complete"], false, "{synced}");
    assert_eq!(synced["topics"][0]["state"], "unreached", "{synced}");
}

#[test]
fn a_ticket_leads_to_those_who_have_the_topic_when_who_made_it_is_gone() {
    let folder = Folder::new();
    let (alice, bob) = folder.pair();
    let node = Node::up(&alice, &[]);
    let topic = alice.found("counter", "steps");
    let other = Node::up(&bob, &[]);
    bob.json(["topic", "join", &alice.invite("steps")]).ok();
    agree(&topic, [&alice, &bob], 2);
    let ticket = alice.invite("steps");
    node.stop();
    let carol = folder.made("carol");
    let _carols = Node::up(&carol, &[]);
    carol.json(["app", "install", &ticket, "--yes"]).ok();
    agree(&topic, [&bob, &carol], 3);
    // Nothing is at odds, and asking says with how many.
    let asked = bob.json(["drift", "steps", "--now"]).ok();
    let all_same = "compared with 1 node: all have the same state";
    assert!(asked.stderr.contains(all_same), "{}", asked.stderr);
    assert_eq!(asked.value()["reports"], json!([]));
    other.stop();
    bob.json(["drift", "steps", "--now"]).fails(3, "no-node");
}

#[test]
fn a_command_that_is_given_while_a_node_starts_is_the_nodes() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    for _ in 0..3 {
        let mut up = alice.command(["up", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        for _ in 0..3 {
            alice.json(["id"]).ok();
        }
        let mut started = String::new();
        BufReader::new(up.stdout.as_mut().unwrap()).read_line(&mut started).unwrap();
        alice.json(["peers"]).ok();
        let pid = rustix::process::Pid::from_raw(i32::try_from(up.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        // One that is given while it ends waits for its end.
        alice.json(["id"]).ok();
        assert!(up.wait().unwrap().success());
    }
    // One that takes longer to start than any other command is waited for.
    let mut holder = File::options().write(true).open(alice.file("lock")).unwrap();
    holder.lock().unwrap();
    holder.set_len(0).unwrap();
    writeln!(holder, "{} myrhiza up", std::process::id()).unwrap();
    let waiting = alice.command(["id"]).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(7));
    drop(holder);
    assert!(waiting.wait_with_output().unwrap().status.success());
}

#[test]
fn those_who_only_connect_shut_nobody_out() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let node = Node::up(&alice, &[]);
    let api = node.started["api"].as_str().unwrap().trim_start_matches("http://");
    let idle: Vec<_> = (0..400).map(|_| TcpStream::connect(api).unwrap()).collect();
    alice.json(["topic", "list"]).ok();
    let ask = "GET /health HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
    assert!(node.http(ask).starts_with("HTTP/1.1 200"));
    // The first of them are closed.
    idle[0].set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert_eq!((&idle[0]).read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_node_that_takes_no_connection_is_told_as_such() {
    let folder = Folder::new();
    let alice = folder.made("alice");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let own = std::process::id();
    let file = json!({"api": closed, "token": "00", "pid": own});
    let published = || std::fs::write(alice.file("node.json"), file.to_string()).unwrap();
    published();
    alice.json(["id"]).ok();
    published();
    let mut lock = File::options().write(true).open(alice.file("lock")).unwrap();
    lock.lock().unwrap();
    lock.set_len(0).unwrap();
    writeln!(lock, "{own} myrhiza up").unwrap();
    let error = alice.json(["id"]).fails(1, "node");
    assert!(error["what"].as_str().unwrap().contains("did not answer"), "{error}");
}
