//! One query with a row `(kind, JSON array)` for each kind of row that is wanted.

use std::sync::LazyLock;

use sea_orm::{ConnectionTrait, DbErr, Statement};
use serde::de::DeserializeOwned;

use super::super::columns::{Row, array, shown};
use super::super::row::{
    ContactInboxRow, ContactRow, ConversationRow, LoadedAttachment, MessageRow, UserRow,
};
use super::{Loaded, Wanted, json};
use crate::Dialect;

/// Columns of [`LoadedAttachment`] that are those of the attachment; the rest are the file's.
const OF_ATTACHMENT: usize = 8;

/// A kind of row, with its query. Whether it is wanted decides the caller.
struct Branch {
    wanted: fn(&Wanted) -> bool,
    sql: String,
}

static SQLITE: LazyLock<Vec<Branch>> = LazyLock::new(|| branches(Dialect::Sqlite));
static POSTGRES: LazyLock<Vec<Branch>> = LazyLock::new(|| branches(Dialect::Postgres));

pub(super) async fn load<C: ConnectionTrait>(
    conn: &C,
    dialect: Dialect,
    wanted: &Wanted,
) -> Result<Loaded, DbErr> {
    let mut loaded = Loaded::default();
    let Some(text) = text(dialect, wanted) else {
        return Ok(loaded);
    };
    let statement =
        Statement::from_sql_and_values(conn.get_database_backend(), text, [json(wanted)?]);
    for row in conn.query_all_raw(statement).await? {
        let kind: i32 = row.try_get_by_index(0)?;
        let json: String = row.try_get_by_index(1)?;
        match kind {
            1 => loaded.conversations = parse(&json)?,
            2 => loaded.contacts = parse(&json)?,
            3 => loaded.contact_inboxes = parse(&json)?,
            4 => loaded.messages.append(&mut parse(&json)?),
            5 => loaded.flood = parse(&json)?,
            7 => loaded.incoming = parse(&json)?,
            8 => loaded.answers = parse(&json)?,
            _ => loaded.open_lanes = parse(&json)?,
        }
    }
    Ok(loaded)
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<Vec<T>, DbErr> {
    serde_json::from_str(json).map_err(|error| DbErr::Json(error.to_string()))
}

/// One query of the branches that are wanted, a row each; none when nothing is. On PostgreSQL every
/// look-up is bound to what it depends on by an array or by `OFFSET 0`, so that it goes by an index
/// whatever the planner believes about the size of the tables.
fn text(dialect: Dialect, wanted: &Wanted) -> Option<String> {
    let (branches, parameter) = match dialect {
        Dialect::Sqlite => (&*SQLITE, ""),
        Dialect::Postgres => (
            &*POSTGRES,
            "WITH p AS MATERIALIZED (SELECT $1::jsonb AS j) ",
        ),
    };
    let selects: Vec<&str> = branches
        .iter()
        .filter(|branch| (branch.wanted)(wanted))
        .map(|branch| branch.sql.as_str())
        .collect();
    (!selects.is_empty()).then(|| format!("{parameter}{}", selects.join(" UNION ALL ")))
}

fn branches(dialect: Dialect) -> Vec<Branch> {
    let message = message(dialect);
    let conversations_wanted = |wanted: &Wanted| !wanted.conversations.is_empty();
    let branch = |wanted: fn(&Wanted) -> bool, kind: i32, object: &str, from: String| {
        let rows = match dialect {
            Dialect::Sqlite => format!("json_group_array({object})"),
            Dialect::Postgres => format!("coalesce(json_agg({object}), '[]'::json)::text"),
        };
        Branch {
            wanted,
            sql: format!("SELECT {kind}, {rows} {from}"),
        }
    };
    vec![
        branch(
            conversations_wanted,
            1,
            &conversation(dialect),
            conversations(dialect),
        ),
        branch(
            conversations_wanted,
            2,
            &row::<ContactRow>(dialect, "t"),
            contacts(dialect),
        ),
        branch(
            conversations_wanted,
            3,
            &row::<ContactInboxRow>(dialect, "i"),
            contact_inboxes(dialect),
        ),
        branch(
            |wanted| !wanted.newest.is_empty(),
            4,
            &message,
            newest(dialect),
        ),
        branch(
            |wanted| !wanted.messages.is_empty(),
            4,
            &message,
            messages(dialect),
        ),
        branch(|wanted| !wanted.tops.is_empty(), 4, &message, tops(dialect)),
        branch(
            |wanted| !wanted.tops.is_empty(),
            4,
            &message,
            tops_non_activity(dialect),
        ),
        branch(
            |wanted| !wanted.sources.is_empty(),
            4,
            &message,
            sources(dialect),
        ),
        branch(
            |wanted| !wanted.flood.is_empty(),
            5,
            &array(dialect, &names("m", &FLOOD)),
            flood(dialect),
        ),
        branch(
            |wanted| !wanted.lanes.is_empty(),
            6,
            &array(dialect, &names("w", &LANE)),
            open_lanes(dialect),
        ),
        branch(
            |wanted| !wanted.incoming.is_empty(),
            7,
            &array(dialect, &names("m", &FLOOD)),
            incoming(dialect),
        ),
        branch(
            |wanted| !wanted.answers.is_empty(),
            8,
            &answer(dialect),
            answers(dialect),
        ),
    ]
}

/// In the order of the fields of `FloodRow` and `Lane`.
const FLOOD: [&str; 3] = ["conversation_id", "seq", "created_at"];
const LANE: [&str; 2] = ["receiver_id", "lane"];

fn names(alias: &str, columns: &[&str]) -> Vec<String> {
    columns
        .iter()
        .map(|column| format!("{alias}.{column}"))
        .collect()
}

/// The row of `alias`.
fn row<R: Row>(dialect: Dialect, alias: &str) -> String {
    array(dialect, &shown(dialect, alias, R::COLUMNS))
}

fn conversations(dialect: Dialect) -> String {
    let wanted = among(dialect, "c.id", &ids(dialect, "conversations"));
    format!("FROM conversations c WHERE {wanted}")
}

fn contacts(dialect: Dialect) -> String {
    let of = of_conversations(dialect, "contact_id", "conversations");
    format!("FROM contacts t WHERE {}", among(dialect, "t.id", &of))
}

fn contact_inboxes(dialect: Dialect) -> String {
    let of = of_conversations(dialect, "contact_inbox_id", "conversations");
    format!(
        "FROM contact_inboxes i WHERE {}",
        among(dialect, "i.id", &of)
    )
}

fn newest(dialect: Dialect) -> String {
    let of = of_conversations(dialect, "last_public_message_id", "newest");
    format!("FROM messages m WHERE {}", among(dialect, "m.id", &of))
}

fn messages(dialect: Dialect) -> String {
    let wanted = among(dialect, "m.id", &ids(dialect, "messages"));
    format!("FROM messages m WHERE {wanted}")
}

fn tops(dialect: Dialect) -> String {
    let last = join(
        dialect,
        "messages m",
        "m.conversation_id = c.id AND m.seq = c.last_seq",
    );
    let wanted = among(dialect, "c.id", &ids(dialect, "tops"));
    format!("FROM conversations c {last} WHERE {wanted}")
}

fn tops_non_activity(dialect: Dialect) -> String {
    let of = of_conversations(dialect, "last_non_activity_message_id", "tops");
    format!("FROM messages m WHERE {}", among(dialect, "m.id", &of))
}

fn sources(dialect: Dialect) -> String {
    let wanted = [("conversation_id", "bigint"), ("source_id", "text")];
    format!(
        "FROM {} s {} {}",
        rows(dialect, "sources", &wanted),
        join(dialect, "conversations c", "c.id = s.conversation_id"),
        join(
            dialect,
            "messages m",
            "m.contact_inbox_id = c.contact_inbox_id AND m.source_id = s.source_id"
        ),
    )
}

fn flood(dialect: Dialect) -> String {
    let wanted = [("conversation_id", "bigint"), ("count", "bigint")];
    let limit = flood_limit(dialect);
    let decisive = format!(
        "m.conversation_id = c.id AND m.seq > c.last_seq - {limit} \
         AND m.seq <= c.last_seq - {limit} + f.count"
    );
    format!(
        "FROM {} f {} {}",
        rows(dialect, "flood", &wanted),
        join(dialect, "conversations c", "c.id = f.conversation_id"),
        join(dialect, "messages m", &decisive),
    )
}

fn open_lanes(dialect: Dialect) -> String {
    let wanted = [("receiver_id", "bigint"), ("lane", "bigint")];
    format!(
        "FROM {} w WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.receiver_id = w.receiver_id \
         AND d.lane = w.lane AND d.state IN (0, 1) AND NOT d.late{})",
        rows(dialect, "lanes", &wanted),
        fence(dialect),
    )
}

fn flood_limit(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "(?1 ->> '$.flood_limit')",
        Dialect::Postgres => "(SELECT (p.j ->> 'flood_limit')::bigint FROM p)",
    }
}

/// The contact's messages of the second before it last wrote.
fn incoming(dialect: Dialect) -> String {
    let recent = join(
        dialect,
        "messages m",
        "m.conversation_id = c.id AND m.message_type = 0 \
         AND m.created_at > c.last_incoming_at - 1000000",
    );
    let wanted = among(dialect, "c.id", &ids(dialect, "incoming"));
    format!("FROM conversations c {recent} WHERE {wanted}")
}

fn answers(dialect: Dialect) -> String {
    let wanted = among(dialect, "c.id", &ids(dialect, "answers"));
    format!("FROM conversations c WHERE {wanted}")
}

/// The fields of `AnswersRow`. Templates have an index of their own; public
/// answers are looked for among the messages that five minutes can hold.
fn answer(dialect: Dialect) -> String {
    let templates = "FROM messages m WHERE m.conversation_id = c.id AND m.message_type = 3";
    let outgoing = "FROM messages m WHERE m.conversation_id = c.id AND m.message_type = 1";
    let (fence, limit) = (fence(dialect), flood_limit(dialect));
    array(
        dialect,
        &[
            "c.id".to_owned(),
            format!(
                "CASE WHEN EXISTS (SELECT 1 {templates}{fence}) THEN 1 \
                 WHEN EXISTS (SELECT 1 {outgoing}{fence}) THEN 1 ELSE 0 END"
            ),
            format!("(SELECT max(m.created_at) {templates})"),
            format!(
                "(SELECT max(m.created_at) {outgoing} \
                 AND NOT m.private AND m.seq > c.last_seq - 5 * {limit})"
            ),
            format!("(SELECT count(*) {templates} AND m.content_type = 'input_csat')"),
        ],
    )
}

fn user(dialect: Dialect, id: &str) -> String {
    let user = row::<UserRow>(dialect, "u");
    format!("(SELECT {user} FROM users u WHERE u.id = {id})")
}

/// A conversation with its assignee and labels.
fn conversation(dialect: Dialect) -> String {
    array(
        dialect,
        &[
            row::<ConversationRow>(dialect, "c"),
            user(dialect, "c.assignee_id"),
            labels(dialect),
        ],
    )
}

/// A message with the user who wrote it, what its conversation is known by, and what is attached
/// to it.
fn message(dialect: Dialect) -> String {
    let sender = user(dialect, "m.sender_id");
    let of_conversation =
        |column| format!("(SELECT {column} FROM conversations WHERE id = m.conversation_id)");
    array(
        dialect,
        &[
            row::<MessageRow>(dialect, "m"),
            format!("CASE WHEN m.sender_kind = 1 THEN {sender} END"),
            of_conversation("display_id"),
            of_conversation("contact_id"),
            attachments(dialect),
        ],
    )
}

/// What is attached to the message `m`, each with its stored file.
fn attachments(dialect: Dialect) -> String {
    let (attachment, file) = LoadedAttachment::COLUMNS.split_at(OF_ATTACHMENT);
    let mut all = shown(dialect, "a", attachment);
    all.extend(shown(dialect, "b", file));
    let one = array(dialect, &all);
    let list = match dialect {
        Dialect::Sqlite => format!("json_group_array({one} ORDER BY a.id)"),
        Dialect::Postgres => format!("coalesce(json_agg({one} ORDER BY a.id), '[]'::json)"),
    };
    format!(
        "(SELECT {list} FROM attachments a LEFT JOIN blobs b ON b.id = a.blob_id \
         WHERE a.message_id = m.id)"
    )
}

fn labels(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => {
            "(SELECT json_group_array(l.title) FROM (SELECT title FROM \
             conversation_labels WHERE conversation_id = c.id ORDER BY position, title) l)"
        }
        Dialect::Postgres => {
            "(SELECT coalesce(json_agg(l.title ORDER BY l.position, l.title), \
             '[]'::json) FROM conversation_labels l WHERE l.conversation_id = c.id)"
        }
    }
    .to_owned()
}

/// Whether `column` is among what `select` finds.
fn among(dialect: Dialect, column: &str, select: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("{column} IN ({select})"),
        Dialect::Postgres => format!("{column} = ANY(ARRAY({select}))"),
    }
}

/// The ids under `key` of the parameter.
fn ids(dialect: Dialect, key: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("SELECT value FROM json_each(?1, '$.{key}')"),
        Dialect::Postgres => {
            format!("SELECT value::bigint FROM p, jsonb_array_elements_text(p.j -> '{key}')")
        }
    }
}

/// A column of the conversations under `key` of the parameter.
fn of_conversations(dialect: Dialect, column: &str, key: &str) -> String {
    let wanted = among(dialect, "id", &ids(dialect, key));
    format!("SELECT {column} FROM conversations WHERE {wanted}")
}

/// Joins `table` ("name alias") to what stands before it, by `condition`.
fn join(dialect: Dialect, table: &str, condition: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("JOIN {table} ON {condition}"),
        Dialect::Postgres => {
            let alias = table.rsplit(' ').next().unwrap_or(table);
            let fence = fence(dialect);
            format!(
                "CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {condition}{fence}) AS {alias}"
            )
        }
    }
}

/// Keeps PostgreSQL from turning a look-up into a join of whole tables.
fn fence(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => " OFFSET 0",
    }
}

/// The objects under `key` of the parameter as rows.
fn rows(dialect: Dialect, key: &str, columns: &[(&str, &str)]) -> String {
    match dialect {
        Dialect::Sqlite => {
            let columns: Vec<String> = columns
                .iter()
                .map(|(name, _)| format!("v ->> '{name}' AS {name}"))
                .collect();
            format!(
                "(SELECT {} FROM (SELECT value AS v FROM jsonb_each(?1, '$.{key}') \
                 LIMIT -1 OFFSET 0))",
                columns.join(", ")
            )
        }
        Dialect::Postgres => {
            let columns: Vec<String> = columns
                .iter()
                .map(|(name, kind)| format!("{name} {kind}"))
                .collect();
            format!(
                "(SELECT r.* FROM p, jsonb_to_recordset(p.j -> '{key}') AS r({}))",
                columns.join(", ")
            )
        }
    }
}
