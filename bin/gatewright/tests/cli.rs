//! The command line, as a process.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it must be"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// The binary in a folder of its own, with nothing of this process's environment.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatewright"));
    command.current_dir(folder).env_clear().args(arguments);
    command.env("GATEWRIGHT_LOG__LEVEL", "warn");
    command
}

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    command(folder.path(), arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn run_with_input(folder: &TempDir, arguments: &[&str], input: &str) -> Output {
    let mut child = command(folder.path(), arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn ok(output: Output) -> String {
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn failed(output: Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn wrong_usage_ends_with_2_and_help_with_0() {
    let folder = TempDir::new().unwrap();
    assert!(failed(run(&folder, &["fly"]), 2).contains("fly"));
    assert!(failed(run(&folder, &["user", "create"]), 2).contains("--email"));
    let help = ok(run(&folder, &["--help"]));
    for name in [
        "serve",
        "migrate",
        "openapi",
        "account",
        "user",
        "token",
        "deliveries",
    ] {
        assert!(help.contains(name), "{help}");
    }
}

#[test]
fn the_configuration_is_checked_and_shown() {
    let folder = TempDir::new().unwrap();
    assert_eq!(
        ok(run(&folder, &["config", "check"])),
        "the configuration is fine\n"
    );
    std::fs::write(
        folder.path().join("gatewright.toml"),
        "[intake]\nqueue = 7\n",
    )
    .unwrap();
    let printed = ok(run(&folder, &["config", "print"]));
    assert!(
        printed.contains("[intake]") && printed.contains("queue = 7\n"),
        "{printed}"
    );
    std::fs::write(
        folder.path().join("bad.toml"),
        "[intake]\nqueue = 0\nshards = 0\n",
    )
    .unwrap();
    let error = failed(
        run(&folder, &["config", "check", "--config", "bad.toml"]),
        1,
    );
    assert!(error.contains("intake.queue: must be"), "{error}");
    assert!(error.contains("intake.shards: must be"), "{error}");
}

#[test]
fn a_wrong_log_level_is_refused_by_its_key() {
    let folder = TempDir::new().unwrap();
    let mut command = command(folder.path(), &["migrate", "--check"]);
    command.env("GATEWRIGHT_LOG__LEVEL", "gatewright=loud");
    assert!(failed(command.output().unwrap(), 1).contains("log.level: `gatewright=loud`"));
}

#[test]
fn migrations_are_shown_before_they_run() {
    let folder = TempDir::new().unwrap();
    let shown = run(&folder, &["migrate", "--check"]);
    assert_eq!(shown.status.code(), Some(1));
    let names = String::from_utf8(shown.stdout).unwrap();
    assert!(names.starts_with("m0001"), "{names}");
    let made = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(made, 0, "showing makes no file");
    assert_eq!(ok(run(&folder, &["migrate"])), names);
    assert_eq!(
        ok(run(&folder, &["migrate", "--check"])),
        "the database is up to date\n"
    );
}

#[test]
fn the_document_is_written_and_compared() {
    let folder = TempDir::new().unwrap();
    let shown = ok(run(&folder, &["openapi"]));
    assert!(shown.starts_with("{\n") && shown.ends_with("}\n"));
    assert!(shown.contains("\"/webhooks/api_channel\""));
    std::fs::create_dir(folder.path().join("openapi")).unwrap();
    assert!(failed(run(&folder, &["openapi", "--check"]), 1).contains("gatewright.json"));
    ok(run(
        &folder,
        &["openapi", "--output", "openapi/gatewright.json"],
    ));
    ok(run(&folder, &["openapi", "--check"]));
    let file = folder.path().join("openapi/gatewright.json");
    std::fs::write(&file, shown.replacen("{\n", "{ \n", 1)).unwrap();
    assert!(failed(run(&folder, &["openapi", "--check"]), 1).contains("stale at line 1"));
}

#[test]
fn accounts_users_and_tokens_are_made_listed_and_replaced() {
    let folder = TempDir::new().unwrap();
    assert_eq!(
        ok(run(&folder, &["account", "create", "Acme"])),
        "account 1 made\n"
    );
    assert!(ok(run(&folder, &["account", "list"])).contains("1   Acme  en      active"));
    ok(run(&folder, &["account", "suspend", "1"]));
    let json = ok(run(&folder, &["account", "list", "--json"]));
    assert!(json.contains("\"status\": \"suspended\""), "{json}");
    ok(run(&folder, &["account", "activate", "1"]));

    let create = [
        "user",
        "create",
        "--account",
        "1",
        "--email",
        "a@b.example",
        "--name",
        "Ann",
    ];
    let made = ok(run(&folder, &create));
    let token = made.trim().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(token.len(), 24, "{made}");
    assert!(ok(run(&folder, &["user", "list", "--account", "1"])).contains("a@b.example"));
    assert_eq!(
        ok(run(&folder, &["token", "create", "--user", "1"])).trim(),
        token
    );
    let reset = ok(run(&folder, &["token", "reset", "--user", "1"]));
    assert_ne!(reset.trim(), token);
    let listed = ok(run(&folder, &["token", "list"]));
    assert!(
        listed.lines().count() == 2 && !listed.contains(reset.trim()),
        "{listed}"
    );
    ok(run_with_input(
        &folder,
        &["user", "reset", "1"],
        "Long-enough-1!\n",
    ));
    let error = failed(run_with_input(&folder, &["user", "reset", "1"], "x\n"), 1);
    assert!(
        error.contains("user 1: ") && error.contains("assword"),
        "{error}"
    );

    for unknown in [
        &["user", "list", "--account", "9"][..],
        &["token", "reset", "--user", "9"],
    ] {
        assert!(failed(run(&folder, unknown), 1).contains("could not be found"));
    }
}

#[test]
fn deliveries_of_an_empty_gateway_are_none() {
    let folder = TempDir::new().unwrap();
    ok(run(&folder, &["account", "create", "Acme"]));
    assert_eq!(
        ok(run(
            &folder,
            &["deliveries", "list", "--account", "1", "--json"]
        )),
        "[]\n"
    );
    let dead = ["deliveries", "list", "--account", "1", "--state", "dead"];
    assert!(ok(run(&folder, &dead)).starts_with("ID  STATE"));
    assert!(failed(run(&folder, &["deliveries", "replay", "5"]), 1).contains("delivery 5: "));
    let replay = |range: &[&str]| run(&folder, &[&["deliveries", "replay"], range].concat());
    let since = ["--since", "2026-01-20T09:15:00Z", "--account", "1"];
    assert_eq!(ok(replay(&since)), "0 deliveries are queued again\n");
    assert!(failed(replay(&["--since", "0", "--receiver", "7"]), 1).contains("not be found"));
    assert!(failed(replay(&["--since", "yesterday"]), 2).contains("Unix seconds"));
    assert!(failed(replay(&[]), 2).contains("required"));
    assert!(failed(replay(&["5", "--since", "0"]), 2).contains("cannot be used with"));
    let purge = ["deliveries", "purge", "--receiver", "7"];
    assert!(failed(run(&folder, &purge), 1).contains("receiver 7: "));
    let wrong = ["deliveries", "list", "--account", "1", "--state", "lost"];
    assert!(failed(run(&folder, &wrong), 2).contains("lost"));
}

#[test]
fn a_received_webhook_is_verified() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "webhook",
        "verify",
        "--secret",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "--header",
        "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
        "--header",
        "webhook-timestamp: 1614265330",
        "--header",
        "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ];
    let body = r#"{"test": 2432232314}"#;
    assert!(failed(run_with_input(&folder, &arguments, body), 1).contains("timestamp"));
    let patient = [&arguments[..], &["--tolerance", "99999999999"]].concat();
    assert!(ok(run_with_input(&folder, &patient, body)).contains("Standard Webhooks"));
    assert!(failed(run_with_input(&folder, &patient, "{}"), 1).contains("no signature fits"));
}

/// A served gateway; killed when the test fails.
#[cfg(unix)]
struct Served(Child);

#[cfg(unix)]
impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[cfg(unix)]
#[test]
fn the_first_start_shows_a_curl_line_that_works_and_a_signal_ends_it() {
    let folder = TempDir::new().unwrap();
    let mut command = command(folder.path(), &["serve", "--dev", "--bind", "127.0.0.1:0"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut served = Served(child);
    let lines = BufReader::new(served.0.stdout.take().unwrap()).lines();
    let curl = lines
        .map(Result::unwrap)
        .find(|line| line.starts_with("curl "))
        .unwrap();
    let answer = perform(&curl);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains("\"channel_type\":\"Channel::Api\""),
        "{answer}"
    );

    let pid = served.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(served.0.wait().unwrap().code(), Some(0));
    let mut logs = String::new();
    served
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut logs)
        .unwrap();
    let first = logs.lines().next().unwrap();
    assert!(first.starts_with('{') && first.contains("--dev"), "{logs}");
}

/// Sends what the curl line would send, with no curl needed.
#[cfg(unix)]
fn perform(curl: &str) -> String {
    let quoted: Vec<&str> = curl.split('\'').skip(1).step_by(2).collect();
    let [token, content_type, body] = quoted[..] else {
        panic!("{curl}")
    };
    let url = curl
        .split_whitespace()
        .find_map(|word| word.strip_prefix("http://"))
        .unwrap();
    let (address, path) = url.split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nhost: {address}\r\n{token}\r\n{content_type}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
