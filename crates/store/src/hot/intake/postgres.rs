//! PostgreSQL: one data-modifying statement, one round trip.
//!
//! `@1` is the rows of a part as JSON. An update names its rows by an array as well (`@2`): so it
//! goes by the primary key even where the planner takes the table for an empty one.

use super::Part;

/// Locks rows by id in the order of ids: contacts first, then conversations.
pub(super) const LOCK: &str = "\
WITH t AS MATERIALIZED (
  SELECT id FROM contacts WHERE id = ANY($1) ORDER BY id FOR UPDATE),
c AS MATERIALIZED (
  SELECT id FROM conversations WHERE id = ANY($2) AND (SELECT count(*) FROM t) >= 0
  ORDER BY id FOR UPDATE)
SELECT count(*) FROM c";

/// Writes parts, whose parameters come in the order of the parts.
pub(super) fn text(parts: &[(Part, usize)]) -> String {
    let mut first = 1;
    let mut writes = Vec::with_capacity(parts.len());
    for (part, parameters) in parts {
        let rows = format!("${first}::jsonb");
        let second = format!("${}", first + 1);
        let write = write(*part).replace("@1", &rows).replace("@2", &second);
        writes.push(format!("w{first} AS ({write})"));
        first += parameters;
    }
    format!("WITH {} SELECT 1", writes.join(",\n"))
}

fn write(part: Part) -> &'static str {
    match part {
        Part::Messages => MESSAGES,
        Part::Blobs => BLOBS,
        Part::Attachments => ATTACHMENTS,
        Part::MessageUpdates => MESSAGE_UPDATES,
        Part::Conversations => CONVERSATIONS,
        Part::Active => ACTIVE,
        Part::LabelsGone => LABELS_GONE,
        Part::Labels => LABELS,
        Part::Contacts => CONTACTS,
        Part::Events => EVENTS,
        Part::Deliveries => DELIVERIES,
        Part::Idempotency => IDEMPOTENCY,
    }
}

const MESSAGES: &str = "\
INSERT INTO messages (
  id, account_id, inbox_id, conversation_id, contact_inbox_id, seq, message_type, content,
  content_type, content_attributes, additional_attributes, private, status, source_id,
  sender_kind, sender_id, created_at, updated_at)
SELECT
  r.id, r.account_id, r.inbox_id, r.conversation_id, r.contact_inbox_id, r.seq,
  r.message_type, r.content, r.content_type, r.content_attributes,
  r.additional_attributes, r.private, r.status, r.source_id, r.sender_kind, r.sender_id,
  r.created_at, r.updated_at
FROM jsonb_to_recordset(@1) AS r(
  id bigint, account_id bigint, inbox_id bigint, conversation_id bigint,
  contact_inbox_id bigint, seq bigint, message_type smallint, content text,
  content_type text, content_attributes jsonb, additional_attributes jsonb,
  private boolean, status smallint, source_id text, sender_kind smallint,
  sender_id bigint, created_at bigint, updated_at bigint)";

const BLOBS: &str = "\
INSERT INTO blobs (
  id, account_id, key, filename, content_type, byte_size, checksum, metadata, created_at)
SELECT
  r.id, r.account_id, r.key, r.filename, r.content_type, r.byte_size, r.checksum, r.metadata,
  r.created_at
FROM jsonb_to_recordset(@1) AS r(
  id bigint, account_id bigint, key text, filename text, content_type text,
  byte_size bigint, checksum text, metadata jsonb, created_at bigint)";

const ATTACHMENTS: &str = "\
INSERT INTO attachments (
  id, account_id, message_id, blob_id, file_type, extension, external_url, coordinates_lat,
  coordinates_long, fallback_title, meta, created_at, updated_at)
SELECT
  r.id, r.account_id, r.message_id, r.blob_id, r.file_type, r.extension, r.external_url,
  r.coordinates_lat, r.coordinates_long, r.fallback_title, r.meta, r.created_at, r.updated_at
FROM jsonb_to_recordset(@1) AS r(
  id bigint, account_id bigint, message_id bigint, blob_id bigint, file_type smallint,
  extension text, external_url text, coordinates_lat double precision,
  coordinates_long double precision, fallback_title text, meta jsonb, created_at bigint,
  updated_at bigint)";

const MESSAGE_UPDATES: &str = "\
UPDATE messages AS t SET
  content = coalesce(r.content, t.content),
  content_type = coalesce(r.content_type, t.content_type),
  status = r.status, content_attributes = r.content_attributes, updated_at = r.updated_at
FROM jsonb_to_recordset(@1) AS r(
  id bigint, content text, content_type text, status smallint, content_attributes jsonb,
  updated_at bigint)
WHERE t.id = r.id AND t.id = ANY(@2)";

const CONVERSATIONS: &str = "\
UPDATE conversations AS t SET
  status = r.status, priority = r.priority, assignee_id = r.assignee_id,
  snoozed_until = r.snoozed_until,
  custom_attributes = coalesce(r.custom_attributes, t.custom_attributes),
  agent_last_seen_at = r.agent_last_seen_at,
  assignee_last_seen_at = r.assignee_last_seen_at,
  contact_last_seen_at = r.contact_last_seen_at,
  first_reply_created_at = r.first_reply_created_at, waiting_since = r.waiting_since,
  last_activity_at = r.last_activity_at, last_incoming_at = r.last_incoming_at,
  last_seq = r.last_seq, unread_count = r.unread_count,
  last_public_message_id = r.last_public_message_id,
  last_non_activity_message_id = r.last_non_activity_message_id, updated_at = r.updated_at
FROM jsonb_to_recordset(@1) AS r(
  id bigint, status smallint, priority smallint, assignee_id bigint, snoozed_until bigint,
  custom_attributes jsonb, agent_last_seen_at bigint, assignee_last_seen_at bigint, contact_last_seen_at bigint,
  first_reply_created_at bigint, waiting_since bigint, last_activity_at bigint,
  last_incoming_at bigint, last_seq bigint, unread_count smallint,
  last_public_message_id bigint, last_non_activity_message_id bigint, updated_at bigint)
WHERE t.id = r.id AND t.id = ANY(@2)";

const ACTIVE: &str = "\
UPDATE conversations AS t SET
  agent_last_seen_at = r.agent_last_seen_at,
  assignee_last_seen_at = r.assignee_last_seen_at,
  contact_last_seen_at = r.contact_last_seen_at,
  first_reply_created_at = r.first_reply_created_at, waiting_since = r.waiting_since,
  last_activity_at = r.last_activity_at, last_incoming_at = r.last_incoming_at,
  last_seq = r.last_seq, unread_count = r.unread_count,
  last_public_message_id = r.last_public_message_id,
  last_non_activity_message_id = r.last_non_activity_message_id, updated_at = r.updated_at
FROM jsonb_to_recordset(@1) AS r(
  id bigint, agent_last_seen_at bigint, assignee_last_seen_at bigint,
  contact_last_seen_at bigint, first_reply_created_at bigint, waiting_since bigint,
  last_activity_at bigint, last_incoming_at bigint, last_seq bigint, unread_count smallint,
  last_public_message_id bigint, last_non_activity_message_id bigint, updated_at bigint)
WHERE t.id = r.id AND t.id = ANY(@2)";

const LABELS_GONE: &str = "\
DELETE FROM conversation_labels AS t
USING jsonb_to_recordset(@1) AS r(conversation_id bigint, title text)
WHERE t.conversation_id = r.conversation_id AND t.title = r.title
  AND t.conversation_id = ANY(@2)";

const LABELS: &str = "\
INSERT INTO conversation_labels (conversation_id, title, position)
SELECT r.conversation_id, r.title, r.position
FROM jsonb_to_recordset(@1) AS r(
  conversation_id bigint, title text, position integer)
ON CONFLICT (conversation_id, title) DO UPDATE SET position = excluded.position";

const CONTACTS: &str = "\
UPDATE contacts AS t SET
  last_activity_at = r.last_activity_at, updated_at = r.updated_at
FROM jsonb_to_recordset(@1) AS r(
  id bigint, last_activity_at bigint, updated_at bigint)
WHERE t.id = r.id AND t.id = ANY(@2)";

// Snapshots come as texts of their own (`@2`): in JSON each would be written and read once more.
const EVENTS: &str = "\
INSERT INTO events (
  id, account_id, inbox_id, conversation_id, contact_id, message_id, name, occurred_at,
  origin, snapshot)
SELECT
  r.id, r.account_id, r.inbox_id, r.conversation_id, r.contact_id, r.message_id, r.name,
  r.occurred_at, r.origin, r.snapshot
FROM ROWS FROM (
  jsonb_to_recordset(@1) AS (
    id bigint, account_id bigint, inbox_id bigint, conversation_id bigint, contact_id bigint,
    message_id bigint, name text, occurred_at bigint, origin text),
  unnest(@2::text[])) AS r(
    id, account_id, inbox_id, conversation_id, contact_id, message_id, name, occurred_at,
    origin, snapshot)";

const DELIVERIES: &str = "\
INSERT INTO deliveries (
  id, account_id, event_id, receiver_id, lane, state, due_at, lease_token, lease_until,
  created_at)
SELECT
  r.id, r.account_id, r.event_id, r.receiver_id, r.lane, r.state, r.due_at, r.lease_token,
  (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + r.lease_us, r.created_at
FROM jsonb_to_recordset(@1) AS r(
  id bigint, account_id bigint, event_id bigint, receiver_id bigint, lane bigint,
  state smallint, due_at bigint, lease_token bigint, lease_us bigint, lease_until bigint,
  created_at bigint)";

const IDEMPOTENCY: &str = "\
INSERT INTO idempotency_records (
  token_id, key, request_hash, resource, answer, created_at)
SELECT
  r.token_id, r.key, r.request_hash, r.resource, r.answer, r.created_at
FROM jsonb_to_recordset(@1) AS r(
  token_id bigint, key text, request_hash text, resource text, answer text,
  created_at bigint)";
