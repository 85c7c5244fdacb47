//! SQLite: several statements in one driver call, all reading one JSON parameter.

/// Writes a batch; `?1` is its JSON.
pub(super) const WRITE: &str = "\
INSERT INTO messages (
  id, account_id, inbox_id, conversation_id, contact_inbox_id, seq, message_type, content,
  content_type, content_attributes, additional_attributes, private, status, source_id,
  sender_kind, sender_id, created_at, updated_at)
SELECT
  value ->> 'id', value ->> 'account_id', value ->> 'inbox_id', value ->> 'conversation_id',
  value ->> 'contact_inbox_id', value ->> 'seq', value ->> 'message_type',
  value ->> 'content', value ->> 'content_type', value -> 'content_attributes',
  value -> 'additional_attributes', value ->> 'private', value ->> 'status',
  value ->> 'source_id', value ->> 'sender_kind', value ->> 'sender_id',
  value ->> 'created_at', value ->> 'updated_at'
FROM json_each(?1, '$.messages');
INSERT INTO blobs (
  id, account_id, key, filename, content_type, byte_size, checksum, metadata, created_at)
SELECT
  value ->> 'id', value ->> 'account_id', value ->> 'key', value ->> 'filename',
  value ->> 'content_type', value ->> 'byte_size', value ->> 'checksum',
  value -> 'metadata', value ->> 'created_at'
FROM json_each(?1, '$.blobs');
INSERT INTO attachments (
  id, account_id, message_id, blob_id, file_type, extension, external_url, coordinates_lat,
  coordinates_long, fallback_title, meta, created_at, updated_at)
SELECT
  value ->> 'id', value ->> 'account_id', value ->> 'message_id', value ->> 'blob_id',
  value ->> 'file_type', value ->> 'extension', value ->> 'external_url',
  value ->> 'coordinates_lat', value ->> 'coordinates_long', value ->> 'fallback_title',
  value -> 'meta', value ->> 'created_at', value ->> 'updated_at'
FROM json_each(?1, '$.attachments');
UPDATE messages SET
  content = coalesce(r.content, messages.content),
  content_type = coalesce(r.content_type, messages.content_type),
  status = r.status, content_attributes = r.content_attributes, updated_at = r.updated_at
FROM (SELECT
  value ->> 'id' AS id, value ->> 'content' AS content,
  value ->> 'content_type' AS content_type, value ->> 'status' AS status,
  value -> 'content_attributes' AS content_attributes, value ->> 'updated_at' AS updated_at
  FROM json_each(?1, '$.message_updates')) AS r
WHERE messages.id = r.id;
UPDATE conversations SET
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
  value ->> 'id' AS id, value ->> 'status' AS status, value ->> 'priority' AS priority,
  value ->> 'assignee_id' AS assignee_id, value ->> 'snoozed_until' AS snoozed_until,
  value -> 'custom_attributes' AS custom_attributes,
  value ->> 'agent_last_seen_at' AS agent_last_seen_at,
  value ->> 'assignee_last_seen_at' AS assignee_last_seen_at,
  value ->> 'contact_last_seen_at' AS contact_last_seen_at,
  value ->> 'first_reply_created_at' AS first_reply_created_at,
  value ->> 'waiting_since' AS waiting_since,
  value ->> 'last_activity_at' AS last_activity_at,
  value ->> 'last_incoming_at' AS last_incoming_at, value ->> 'last_seq' AS last_seq,
  value ->> 'unread_count' AS unread_count,
  value ->> 'last_public_message_id' AS last_public_message_id,
  value ->> 'last_non_activity_message_id' AS last_non_activity_message_id,
  value ->> 'updated_at' AS updated_at
  FROM json_each(?1, '$.conversations')) AS r
WHERE conversations.id = r.id;
DELETE FROM conversation_labels WHERE (conversation_id, title) IN (
  SELECT value ->> 'conversation_id', value ->> 'title' FROM json_each(?1, '$.labels_gone'));
INSERT INTO conversation_labels (conversation_id, title, position)
SELECT value ->> 'conversation_id', value ->> 'title', value ->> 'position'
FROM json_each(?1, '$.labels')
WHERE true
ON CONFLICT (conversation_id, title) DO UPDATE SET position = excluded.position;
UPDATE contacts SET
  last_activity_at = r.last_activity_at, updated_at = r.updated_at
FROM (SELECT
  value ->> 'id' AS id, value ->> 'last_activity_at' AS last_activity_at,
  value ->> 'updated_at' AS updated_at
  FROM json_each(?1, '$.contacts')) AS r
WHERE contacts.id = r.id;
INSERT INTO events (
  id, account_id, inbox_id, conversation_id, contact_id, message_id, name, occurred_at,
  origin, snapshot)
SELECT
  value ->> 'id', value ->> 'account_id', value ->> 'inbox_id', value ->> 'conversation_id',
  value ->> 'contact_id', value ->> 'message_id', value ->> 'name', value ->> 'occurred_at',
  value ->> 'origin', value ->> 'snapshot'
FROM json_each(?1, '$.events');
INSERT INTO deliveries (
  id, account_id, event_id, receiver_id, lane, state, due_at, lease_token, lease_until,
  created_at)
SELECT
  value ->> 'id', value ->> 'account_id', value ->> 'event_id', value ->> 'receiver_id',
  value ->> 'lane', value ->> 'state', value ->> 'due_at', value ->> 'lease_token',
  value ->> 'lease_until', value ->> 'created_at'
FROM json_each(?1, '$.deliveries');
INSERT INTO idempotency_records (
  token_id, key, request_hash, resource, answer, created_at)
SELECT
  value ->> 'token_id', value ->> 'key', value ->> 'request_hash', value ->> 'resource',
  value ->> 'answer', value ->> 'created_at'
FROM json_each(?1, '$.idempotency')";
