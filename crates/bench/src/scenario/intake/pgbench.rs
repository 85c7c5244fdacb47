//! What `pgbench` reaches with the same rows: a transaction of single statements, as most programs
//! write, and one function call.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use sea_orm::ConnectionTrait;
use tokio::process::Command;

use super::super::Case;
use super::draft::{self, Template};
use super::{NAME, WRITES};
use crate::bench::Bench;
use crate::cpu::{Meter, Watched};
use crate::database::{Scratch, Store};
use crate::row::{About, Measured};

const MESSAGE: &str = "INSERT INTO messages (account_id, inbox_id, conversation_id, \
    contact_inbox_id, seq, message_type, content, content_type, content_attributes, \
    additional_attributes, private, status, source_id, sender_kind, sender_id, created_at, \
    updated_at)";
const EVENT: &str = "INSERT INTO events (account_id, inbox_id, conversation_id, contact_id, \
    message_id, name, occurred_at, origin, snapshot)";
const AT: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// How a message is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Script {
    /// `BEGIN`, lock, write each row, `COMMIT`: nine round trips.
    Naive,
    /// A function in the database: one round trip.
    Function,
}

/// `pgbench -M prepared` with so many clients.
pub(super) struct PgBench {
    pub(super) script: Script,
    pub(super) clients: u32,
}

#[async_trait]
impl Case for PgBench {
    fn about(&self) -> About {
        let (name, how) = match self.script {
            Script::Naive => ("naive", "a transaction of 9 round trips"),
            Script::Function => ("function", "one function call"),
        };
        About {
            scenario: NAME,
            name: format!("pgbench {name}, {} clients", self.clients),
            store: Some(Store::Postgres),
            writes: format!("{WRITES}; {how} for each message, row locks, no other reads"),
            limit: None,
            ourselves: true,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let (scratch, template) = draft::prepare(bench, Store::Postgres).await?;
        let db = scratch.open().await?;
        db.write().execute_unprepared(&function()).await?;
        db.close().await?;
        let script = scratch.folder().join("script.sql");
        std::fs::write(&script, self.text(&template))?;
        self.run(&scratch, &template, 1).await?;
        let meter = Meter::start(Watched {
            postmaster: scratch.postmaster,
            ..Watched::default()
        })?;
        let (operations, rate) = self.run(&scratch, &template, bench.size(5, 2)).await?;
        let measured = Measured {
            operations,
            seconds: f64::from(u32::try_from(operations)?) / rate,
            spent: meter.stop()?,
            ..Measured::default()
        };
        scratch.drop().await?;
        Ok(measured)
    }
}

impl PgBench {
    fn text(&self, template: &Template) -> String {
        let conversation = format!("\\set c random(1, {})\n", template.conversations);
        let body = match self.script {
            Script::Naive => naive(),
            Script::Function => "SELECT bench_store(:c, :inbox, :content, :origin, \
                :message_snapshot, :contact_snapshot);\n"
                .to_owned(),
        };
        conversation + &body
    }

    /// Runs the script; answers how many messages were written, and the rate without connecting.
    async fn run(
        &self,
        scratch: &Scratch,
        template: &Template,
        seconds: u64,
    ) -> Result<(u64, f64)> {
        let define = |name: &str, value: &str| ["-D".to_owned(), format!("{name}={value}")];
        let output = Command::new("pgbench")
            .args(["-n", "-M", "prepared", "-j", "1"])
            .args(["-c", &self.clients.to_string(), "-T", &seconds.to_string()])
            .args(["-f", "script.sql"])
            .args(define("inbox", &template.inbox_id.to_string()))
            .args(define("content", &template.content))
            .args(define("origin", &template.origin))
            .args(define("message_snapshot", &template.message_snapshot))
            .args(define("contact_snapshot", &template.contact_snapshot))
            .arg(&scratch.url)
            .current_dir(scratch.folder())
            .stdin(Stdio::null())
            .output()
            .await
            .context("pgbench does not start")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let figure = |name: &str| {
            let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
            rest.split_whitespace().next()?.parse::<f64>().ok()
        };
        let count = figure("number of transactions actually processed: ");
        let (Some(count), Some(rate), true) = (count, figure("tps = "), output.status.success())
        else {
            bail!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr));
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a whole number"
        )]
        Ok((count as u64, rate))
    }
}

fn naive() -> String {
    let lines = [
        "BEGIN;".to_owned(),
        "SELECT id FROM contacts WHERE id = :c FOR UPDATE;".to_owned(),
        format!(
            "SELECT last_seq + 1 AS seq, {AT} AS at FROM conversations WHERE id = :c FOR UPDATE \\gset"
        ),
        format!(
            "{MESSAGE} VALUES (1, :inbox, :c, :c, :seq, 0, :content, 'text', '{{}}', '{{}}', false, 0, \
             NULL, 0, :c, :at, :at) RETURNING id AS message \\gset"
        ),
        "UPDATE conversations SET last_activity_at = :at, last_incoming_at = :at, last_seq = :seq, \
         unread_count = 10, last_public_message_id = :message, \
         last_non_activity_message_id = :message WHERE id = :c;"
            .to_owned(),
        "UPDATE contacts SET last_activity_at = :at, updated_at = :at WHERE id = :c;".to_owned(),
        format!(
            "{EVENT} VALUES (1, :inbox, :c, NULL, :message, 'message_created', :at, :origin, \
             :message_snapshot);"
        ),
        format!(
            "{EVENT} VALUES (1, NULL, NULL, :c, NULL, 'contact_updated', :at, :origin, \
             :contact_snapshot);"
        ),
        "COMMIT;\n".to_owned(),
    ];
    lines.join("\n")
}

fn function() -> String {
    format!(
        "CREATE FUNCTION bench_store(c bigint, inbox bigint, body text, made_by text,
           message_snapshot text, contact_snapshot text) RETURNS bigint LANGUAGE plpgsql AS $$
         DECLARE place bigint; message bigint; now_at bigint;
         BEGIN
           PERFORM id FROM contacts WHERE id = c FOR UPDATE;
           SELECT last_seq + 1 INTO place FROM conversations WHERE id = c FOR UPDATE;
           now_at := {AT};
           {MESSAGE} VALUES (1, inbox, c, c, place, 0, body, 'text', '{{}}', '{{}}', false, 0, NULL, 0,
             c, now_at, now_at) RETURNING id INTO message;
           UPDATE conversations SET last_activity_at = now_at, last_incoming_at = now_at,
             last_seq = place, unread_count = 10, last_public_message_id = message,
             last_non_activity_message_id = message WHERE id = c;
           UPDATE contacts SET last_activity_at = now_at, updated_at = now_at WHERE id = c;
           {EVENT} VALUES (1, inbox, c, NULL, message, 'message_created', now_at, made_by,
             message_snapshot);
           {EVENT} VALUES (1, NULL, NULL, c, NULL, 'contact_updated', now_at, made_by,
             contact_snapshot);
           RETURN message;
         END $$"
    )
}
