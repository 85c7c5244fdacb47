//! SQLite: several statements in one driver call, each with its rows as one JSON parameter.
//!
//! `LIMIT -1 OFFSET 0` keeps SQLite from folding the inner query into the outer one, where it would
//! write out a whole row of the parameter again for each of its columns. `OR FAIL` leaves it to the
//! caller to undo what a failed statement has done, with the whole transaction: otherwise SQLite would
//! keep a copy of every page that the statement changes.

use super::Part;

/// Writes the rows of a part.
pub(super) fn text(part: Part) -> &'static str {
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
INSERT OR FAIL INTO messages (
  id, account_id, inbox_id, conversation_id, contact_inbox_id, seq, message_type, content,
  content_type, content_attributes, additional_attributes, private, status, source_id,
  sender_kind, sender_id, created_at, updated_at)
SELECT
  v ->> 'id', v ->> 'account_id', v ->> 'inbox_id', v ->> 'conversation_id',
  v ->> 'contact_inbox_id', v ->> 'seq', v ->> 'message_type',
  v ->> 'content', v ->> 'content_type', v -> 'content_attributes',
  v -> 'additional_attributes', v ->> 'private', v ->> 'status',
  v ->> 'source_id', v ->> 'sender_kind', v ->> 'sender_id',
  v ->> 'created_at', v ->> 'updated_at'
FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)";

const BLOBS: &str = "\
INSERT INTO blobs (
  id, account_id, key, filename, content_type, byte_size, checksum, metadata, created_at)
SELECT
  v ->> 'id', v ->> 'account_id', v ->> 'key', v ->> 'filename',
  v ->> 'content_type', v ->> 'byte_size', v ->> 'checksum',
  v -> 'metadata', v ->> 'created_at'
FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)";

const ATTACHMENTS: &str = "\
INSERT INTO attachments (
  id, account_id, message_id, blob_id, file_type, extension, external_url, coordinates_lat,
  coordinates_long, fallback_title, meta, created_at, updated_at)
SELECT
  v ->> 'id', v ->> 'account_id', v ->> 'message_id', v ->> 'blob_id',
  v ->> 'file_type', v ->> 'extension', v ->> 'external_url',
  v ->> 'coordinates_lat', v ->> 'coordinates_long', v ->> 'fallback_title',
  v -> 'meta', v ->> 'created_at', v ->> 'updated_at'
FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)";

const MESSAGE_UPDATES: &str = "\
UPDATE OR FAIL messages SET
  content = coalesce(r.content, messages.content),
  content_type = coalesce(r.content_type, messages.content_type),
  status = r.status, content_attributes = r.content_attributes, updated_at = r.updated_at
FROM (SELECT
  v ->> 'id' AS id, v ->> 'content' AS content,
  v ->> 'content_type' AS content_type, v ->> 'status' AS status,
  v -> 'content_attributes' AS content_attributes, v ->> 'updated_at' AS updated_at
  FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)) AS r
WHERE messages.id = r.id";

const CONVERSATIONS: &str = "\
UPDATE OR FAIL conversations SET
  status = r.status, priority = r.priority, assignee_id = r.assignee_id,
  snoozed_until = r.snoozed_until,
  custom_attributes = coalesce(r.custom_attributes, conversations.custom_attributes),
  agent_last_seen_at = r.agent_last_seen_at,
  assignee_last_seen_at = r.assignee_last_seen_at,
  contact_last_seen_at = r.contact_last_seen_at,
  first_reply_created_at = r.first_reply_created_at, waiting_since = r.waiting_since,
  last_activity_at = r.last_activity_at, last_incoming_at = r.last_incoming_at,
  last_seq = r.last_seq, unread_count = r.unread_count,
  last_public_message_id = r.last_public_message_id,
  last_non_activity_message_id = r.last_non_activity_message_id, updated_at = r.updated_at
FROM (SELECT
  v ->> 'id' AS id, v ->> 'status' AS status, v ->> 'priority' AS priority,
  v ->> 'assignee_id' AS assignee_id, v ->> 'snoozed_until' AS snoozed_until,
  v -> 'custom_attributes' AS custom_attributes,
  v ->> 'agent_last_seen_at' AS agent_last_seen_at,
  v ->> 'assignee_last_seen_at' AS assignee_last_seen_at,
  v ->> 'contact_last_seen_at' AS contact_last_seen_at,
  v ->> 'first_reply_created_at' AS first_reply_created_at,
  v ->> 'waiting_since' AS waiting_since,
  v ->> 'last_activity_at' AS last_activity_at,
  v ->> 'last_incoming_at' AS last_incoming_at, v ->> 'last_seq' AS last_seq,
  v ->> 'unread_count' AS unread_count,
  v ->> 'last_public_message_id' AS last_public_message_id,
  v ->> 'last_non_activity_message_id' AS last_non_activity_message_id,
  v ->> 'updated_at' AS updated_at
  FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)) AS r
WHERE conversations.id = r.id";

// It names no column of an index: SQLite writes the indexes of all columns that a statement names.
const ACTIVE: &str = "\
UPDATE OR FAIL conversations SET
  agent_last_seen_at = r.agent_last_seen_at,
  assignee_last_seen_at = r.assignee_last_seen_at,
  contact_last_seen_at = r.contact_last_seen_at,
  first_reply_created_at = r.first_reply_created_at, waiting_since = r.waiting_since,
  last_activity_at = r.last_activity_at, last_incoming_at = r.last_incoming_at,
  last_seq = r.last_seq, unread_count = r.unread_count,
  last_public_message_id = r.last_public_message_id,
  last_non_activity_message_id = r.last_non_activity_message_id, updated_at = r.updated_at
FROM (SELECT
  v ->> 'id' AS id,
  v ->> 'agent_last_seen_at' AS agent_last_seen_at,
  v ->> 'assignee_last_seen_at' AS assignee_last_seen_at,
  v ->> 'contact_last_seen_at' AS contact_last_seen_at,
  v ->> 'first_reply_created_at' AS first_reply_created_at,
  v ->> 'waiting_since' AS waiting_since,
  v ->> 'last_activity_at' AS last_activity_at,
  v ->> 'last_incoming_at' AS last_incoming_at, v ->> 'last_seq' AS last_seq,
  v ->> 'unread_count' AS unread_count,
  v ->> 'last_public_message_id' AS last_public_message_id,
  v ->> 'last_non_activity_message_id' AS last_non_activity_message_id,
  v ->> 'updated_at' AS updated_at
  FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)) AS r
WHERE conversations.id = r.id";

const LABELS_GONE: &str = "\
DELETE FROM conversation_labels WHERE (conversation_id, title) IN (
  SELECT v ->> 'conversation_id', v ->> 'title' FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0))";

const LABELS: &str = "\
INSERT INTO conversation_labels (conversation_id, title, position)
SELECT v ->> 'conversation_id', v ->> 'title', v ->> 'position'
FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)
WHERE true
ON CONFLICT (conversation_id, title) DO UPDATE SET position = excluded.position";

const CONTACTS: &str = "\
UPDATE OR FAIL contacts SET
  last_activity_at = r.last_activity_at, updated_at = r.updated_at
FROM (SELECT
  v ->> 'id' AS id, v ->> 'last_activity_at' AS last_activity_at,
  v ->> 'updated_at' AS updated_at
  FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)) AS r
WHERE contacts.id = r.id";

// Snapshots are the bytes of a parameter of their own, the first, at the places that the rows name.
const EVENTS: &str = "\
INSERT OR FAIL INTO events (
  id, account_id, inbox_id, conversation_id, contact_id, message_id, name, occurred_at,
  origin, snapshot)
SELECT
  v ->> 'id', v ->> 'account_id', v ->> 'inbox_id', v ->> 'conversation_id',
  v ->> 'contact_id', v ->> 'message_id', v ->> 'name', v ->> 'occurred_at',
  v ->> 'origin', CAST(substr(?, v ->> '$.snapshot[0]', v ->> '$.snapshot[1]') AS TEXT)
FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)";

const DELIVERIES: &str = "\
INSERT OR FAIL INTO deliveries (
  id, account_id, event_id, receiver_id, lane, state, due_at, lease_token, lease_until,
  created_at)
SELECT
  v ->> 'id', v ->> 'account_id', v ->> 'event_id', v ->> 'receiver_id',
  v ->> 'lane', v ->> 'state', v ->> 'due_at', v ->> 'lease_token',
  v ->> 'lease_until', v ->> 'created_at'
FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)";

const IDEMPOTENCY: &str = "\
INSERT INTO idempotency_records (
  token_id, key, request_hash, resource, answer, created_at)
SELECT
  v ->> 'token_id', v ->> 'key', v ->> 'request_hash', v ->> 'resource',
  v ->> 'answer', v ->> 'created_at'
FROM (SELECT value AS v FROM jsonb_each(?) LIMIT -1 OFFSET 0)";
