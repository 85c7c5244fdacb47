use std::time::Duration;

use super::*;

fn load(toml: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gatewright.toml");
    std::fs::write(&file, toml).unwrap();
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::load(&Source {
        file: Some(file),
        variables,
    })
}

fn refusal(toml: &str, variables: &[(&str, &str)]) -> String {
    load(toml, variables).unwrap_err().to_string()
}

#[test]
fn an_empty_file_means_the_defaults() {
    assert_eq!(load("", &[]).unwrap(), Config::default());
}

#[test]
fn keys_are_read_in_every_form() {
    let config = load(
        "[server]\nbind = \":9000\"\nrequest_timeout = \"45s\"\nheader_timeout = 3\n\
         [http]\nmax_body_bytes = \"1MiB\"\n\
         [delivery]\nschedule = [\"0s\", 10, \"5m\"]\njitter = 0\n\
         [egress]\nallow_hosts = [\"*.example\"]\nallow_cidrs = [\"10.0.0.0/8\"]\n",
        &[],
    )
    .unwrap();
    assert_eq!(config.server.bind.to_string(), "0.0.0.0:9000");
    assert_eq!(config.server.request_timeout, Duration::from_secs(45));
    assert_eq!(config.server.header_timeout, Duration::from_secs(3));
    assert_eq!(config.http.max_body_bytes, 1024 * 1024);
    let pauses: Vec<u64> = config
        .delivery
        .schedule
        .iter()
        .map(Duration::as_secs)
        .collect();
    assert_eq!(pauses, [0, 10, 300]);
    assert_eq!(config.egress.allow_hosts, ["*.example".parse().unwrap()]);
    assert_eq!(config.egress.allow_cidrs, ["10.0.0.0/8".parse().unwrap()]);
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = load(
        "[server]\nmax_in_flight = 5\nmax_connections = 6\n",
        &[
            ("GATEWRIGHT_SERVER__MAX_IN_FLIGHT", "7"),
            ("GATEWRIGHT_HTTP__CORS_API", "true"),
            ("GATEWRIGHT_HTTP__MAX_BODY_BYTES", "2048"),
            ("GATEWRIGHT_DELIVERY__SCHEDULE", "0s, 1m"),
            ("GATEWRIGHT_DELIVERY__POLL", "250ms"),
            ("GATEWRIGHT_EGRESS__ALLOW_HOSTS", "a.example,b.example"),
            ("GATEWRIGHT_LOG__FORMAT", "json"),
            ("GATEWRIGHT_DATABASE__URL", "sqlite://./x.db"),
            // Not keys: no section.
            ("GATEWRIGHT_CONFIG", "/nowhere"),
            ("GATEWRIGHT_TEST_DATABASE_URL", "postgres://x"),
        ],
    )
    .unwrap();
    assert_eq!(
        (config.server.max_in_flight, config.server.max_connections),
        (7, 6)
    );
    assert!(config.http.cors_api);
    assert_eq!(config.http.max_body_bytes, 2048);
    assert_eq!(
        config.delivery.schedule,
        [Duration::ZERO, Duration::from_mins(1)]
    );
    assert_eq!(config.delivery.poll, Duration::from_millis(250));
    assert_eq!(config.egress.allow_hosts.len(), 2);
    assert_eq!(config.log.format, crate::config::LogFormat::Json);
    assert_eq!(config.database.url, "sqlite://./x.db");
}

#[test]
fn an_error_names_the_key_what_is_wrong_and_what_would_be_right() {
    let cases = [
        (
            "[server]\nbind = \"localhost\"\n",
            "server.bind: ",
            "127.0.0.1:8080",
        ),
        (
            "[server]\nmax_connections = \"many\"\n",
            "server.max_connections: ",
            "integer",
        ),
        (
            "[server]\nmax_connections = -1\n",
            "server.max_connections: ",
            "integer",
        ),
        (
            "[server]\nrequest_timeout = \"soon\"\n",
            "server.request_timeout: ",
            "\"15s\"",
        ),
        (
            "[server]\nrequest_timeout = -5\n",
            "server.request_timeout: ",
            "negative",
        ),
        (
            "[http]\nmax_body_bytes = \"big\"\n",
            "http.max_body_bytes: ",
            "\"10MiB\"",
        ),
        (
            "[delivery]\nschedule = [\"0s\", \"x\"]\n",
            "delivery.schedule",
            "`x`",
        ),
        (
            "[egress]\nallow_cidrs = [\"10.0.0.0/99\"]\n",
            "egress.allow_cidrs",
            "10.0.0.0/99",
        ),
        (
            "[egress]\nallow_hosts = [\"http://x\"]\n",
            "egress.allow_hosts",
            "http://x",
        ),
        ("[log]\nformat = \"xml\"\n", "log.format", "human"),
        (
            "[server]\nprot = 80\n",
            "server.prot: ",
            "expected one of `bind`",
        ),
        (
            "[sever]\nport = 80\n",
            "sever: ",
            "expected one of `server`",
        ),
        ("server = 1\n", "server: ", "server"),
    ];
    for (toml, key, right) in cases {
        let refusal = refusal(toml, &[]);
        assert!(refusal.starts_with(key), "{refusal}");
        assert!(refusal.contains(right), "{refusal}");
        assert!(refusal.contains("gatewright.toml"), "{refusal}");
    }
}

#[test]
fn an_error_of_the_environment_names_the_variable() {
    let refusal = refusal("", &[("GATEWRIGHT_SERVER__MAX_CONNECTIONS", "many")]);
    assert!(refusal.starts_with("server.max_connections: "), "{refusal}");
    assert!(
        refusal.contains("GATEWRIGHT_SERVER__MAX_CONNECTIONS"),
        "{refusal}"
    );
}

#[test]
fn a_wrong_secret_is_not_repeated() {
    let refusal = refusal("[secrets]\nmaster_key = [\"hush\"]\n", &[]);
    assert!(refusal.starts_with("secrets.master_key"), "{refusal}");
    assert!(!refusal.contains("hush"), "{refusal}");
}

#[test]
fn broken_toml_names_the_file_and_a_missing_file_is_told() {
    assert!(refusal("[server\n", &[]).contains("gatewright.toml"));
    let source = Source {
        file: Some("/nowhere/g.toml".into()),
        ..Source::default()
    };
    let refusal = Config::load(&source).unwrap_err().to_string();
    assert!(refusal.contains("/nowhere/g.toml"), "{refusal}");
}

#[test]
fn the_file_can_be_named_by_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.toml");
    std::fs::write(&file, "[intake]\nqueue = 3\n").unwrap();
    let named = file.to_str().unwrap().to_owned();
    let variables = [(FILE_VARIABLE.to_owned(), named)].into();
    let config = Config::load(&Source {
        file: None,
        variables,
    })
    .unwrap();
    assert_eq!(config.intake.queue, 3);
}
