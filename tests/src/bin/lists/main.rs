//! How long lists take on a large account: fills a database and asks each list for its pages.
//!
//! `lists [--conversations N] [--messages N] [--times N]`, on a SQLite file of its own, or on
//! PostgreSQL when `GATEWRIGHT_TEST_DATABASE_URL` is set. It prints the median of each.

mod fill;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use gatewright_tests::{Actor, TestGateway};
use http::Method;
use serde_json::{Value, json};

/// How much, and how often each list is asked.
struct Options {
    conversations: u64,
    messages: u64,
    times: usize,
}

/// A request for a list.
struct List {
    path: String,
    body: Option<Value>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = options()?;
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let begun = Instant::now();
    fill::fill(&gateway, &inbox, options.conversations, options.messages).await?;
    say(&format!(
        "{} conversations, {} messages, filled in {:.0} s",
        options.conversations,
        options.messages,
        begun.elapsed().as_secs_f64()
    ));
    let caller = gateway.administrator();
    let mut slowest = Duration::ZERO;
    for list in lists(&inbox, options.conversations) {
        let median = median(&caller, &list, options.times).await?;
        slowest = slowest.max(median);
        let filter = list.body.map(|body| body.to_string()).unwrap_or_default();
        say(&format!(
            "{:8.1} ms  {} {filter}",
            median.as_secs_f64() * 1000.0,
            list.path
        ));
    }
    say(&format!(
        "{:8.1} ms  the slowest median",
        slowest.as_secs_f64() * 1000.0
    ));
    gateway.stop().await;
    Ok(())
}

fn lists(inbox: &Value, conversations: u64) -> Vec<List> {
    let inbox = &inbox["id"];
    let gets = [
        "/conversations".to_owned(),
        "/conversations?page=50".to_owned(),
        "/conversations?status=all".to_owned(),
        "/conversations?status=resolved&assignee_type=me".to_owned(),
        "/conversations?assignee_type=unassigned".to_owned(),
        "/conversations?labels[]=label-7".to_owned(),
        "/conversations?status=all&conversation_type=unattended".to_owned(),
        "/conversations?updated_within=60".to_owned(),
        "/conversations?status=all&source_id=s-4711".to_owned(),
        format!("/conversations?status=all&inbox_id={inbox}"),
        "/conversations?sort_by=created_at_asc".to_owned(),
        "/conversations?sort_by=priority_desc".to_owned(),
        "/conversations?sort_by=waiting_since_asc".to_owned(),
        "/conversations?sort_by=last_activity_at_asc".to_owned(),
        "/conversations?q=needle".to_owned(),
        "/conversations/meta?status=all".to_owned(),
        "/conversations/1".to_owned(),
        "/conversations/1/messages".to_owned(),
        "/conversations/1/messages?after=1".to_owned(),
        "/contacts".to_owned(),
        "/contacts?page=50".to_owned(),
        "/contacts?sort=name".to_owned(),
        "/contacts?sort=-last_activity_at".to_owned(),
        "/contacts?sort=-created_at".to_owned(),
        "/contacts?sort=email".to_owned(),
        "/contacts?labels[]=label-7".to_owned(),
        "/contacts/search?q=contact%204711".to_owned(),
        "/contacts/search?q=nobody".to_owned(),
        format!("/contacts/{}/conversations", conversations / 2),
        "/deliveries".to_owned(),
        "/events".to_owned(),
    ];
    let condition = |key: &str, operator: &str, value: Value| {
        json!({ "payload": [{ "attribute_key": key, "filter_operator": operator,
            "values": [value] }] })
    };
    let filters = [
        (
            "/conversations/filter",
            condition("status", "equal_to", json!("open")),
        ),
        (
            "/conversations/filter",
            condition("labels", "equal_to", json!("label-7")),
        ),
        (
            "/contacts/filter",
            condition("name", "contains", json!("4711")),
        ),
        (
            "/contacts/filter",
            condition("email", "equal_to", json!("c4711@example.com")),
        ),
    ];
    let mut lists: Vec<List> = gets.map(|path| List { path, body: None }).into();
    lists.extend(filters.map(|(path, body)| List {
        path: path.to_owned(),
        body: Some(body),
    }));
    lists
}

async fn median(caller: &Actor, list: &List, times: usize) -> Result<Duration> {
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times.max(1) {
        let begun = Instant::now();
        let answer = match &list.body {
            None => caller.get(&list.path).await,
            Some(body) => {
                let path = caller.path(&list.path);
                caller.json(Method::POST, &path, body).await
            }
        };
        taken.push(begun.elapsed());
        if answer.status != http::StatusCode::OK {
            bail!("{}: {} {}", list.path, answer.status, answer.text);
        }
    }
    taken.sort();
    Ok(taken[taken.len() / 2])
}

fn options() -> Result<Options> {
    let mut options = Options {
        conversations: 100_000,
        messages: 1_000_000,
        times: 11,
    };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args
            .next()
            .with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--conversations" => options.conversations = value.parse()?,
            "--messages" => options.messages = value.parse()?,
            "--times" => options.times = value.parse()?,
            other => bail!("unknown option {other}"),
        }
    }
    Ok(options)
}

#[expect(clippy::print_stdout, reason = "the program's result")]
fn say(line: &str) {
    println!("{line}");
}
