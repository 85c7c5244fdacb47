-- Contacts, conversations, messages and what hangs on them.
--
-- Every message changes when its conversation was last active. An index on that time would be written
-- with every message, so the indexes have the minute: rows of one minute are put in order when they are
-- read.

CREATE TABLE contacts (
    id @drawn_id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL DEFAULT '',
    email TEXT,
    phone_number TEXT,
    identifier TEXT,
    blocked BOOLEAN NOT NULL DEFAULT FALSE,
    contact_type SMALLINT NOT NULL DEFAULT 0 CHECK (contact_type BETWEEN 0 AND 2),
    additional_attributes @json NOT NULL DEFAULT '{}',
    custom_attributes @json NOT NULL DEFAULT '{}',
    last_activity_at BIGINT,
    activity_minute @minute(last_activity_at),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT contacts_account_id_email_key UNIQUE (account_id, email),
    CONSTRAINT contacts_account_id_phone_number_key UNIQUE (account_id, phone_number),
    CONSTRAINT contacts_account_id_identifier_key UNIQUE (account_id, identifier)
) @updated_in_place;
CREATE INDEX contacts_account_id_id_idx ON contacts (account_id, id);
-- Lists show only who can be named or reached; each order that they offer has an index. Those by
-- email and phone number are the unique keys.
CREATE INDEX contacts_listed_id_idx ON contacts (account_id, id)
    WHERE email IS NOT NULL OR phone_number IS NOT NULL OR identifier IS NOT NULL;
CREATE INDEX contacts_listed_name_idx ON contacts (account_id, lower(name), id)
    WHERE email IS NOT NULL OR phone_number IS NOT NULL OR identifier IS NOT NULL;
CREATE INDEX contacts_listed_created_at_idx ON contacts (account_id, created_at, id)
    WHERE email IS NOT NULL OR phone_number IS NOT NULL OR identifier IS NOT NULL;
CREATE INDEX contacts_listed_activity_idx ON contacts (account_id, activity_minute)
    WHERE (email IS NOT NULL OR phone_number IS NOT NULL OR identifier IS NOT NULL)
    AND activity_minute IS NOT NULL;
CREATE INDEX contacts_company_idx
    ON contacts (account_id, (additional_attributes ->> 'company_name'), id)
    WHERE (additional_attributes ->> 'company_name') IS NOT NULL;
CREATE INDEX contacts_city_idx ON contacts (account_id, (additional_attributes ->> 'city'), id)
    WHERE (additional_attributes ->> 'city') IS NOT NULL;
CREATE INDEX contacts_country_idx
    ON contacts (account_id, (additional_attributes ->> 'country'), id)
    WHERE (additional_attributes ->> 'country') IS NOT NULL;

CREATE TABLE contact_labels (
    contact_id BIGINT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
    CONSTRAINT contact_labels_contact_id_title_key PRIMARY KEY (contact_id, title)
) @without_rowid;
CREATE INDEX contact_labels_account_id_title_idx ON contact_labels (account_id, title, contact_id);

CREATE TABLE contact_inboxes (
    id @drawn_id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    inbox_id BIGINT NOT NULL REFERENCES inboxes (id),
    source_id TEXT NOT NULL,
    hmac_verified BOOLEAN NOT NULL DEFAULT FALSE,
    pubsub_token TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT contact_inboxes_inbox_id_source_id_key UNIQUE (inbox_id, source_id),
    CONSTRAINT contact_inboxes_pubsub_token_key UNIQUE (pubsub_token)
);
CREATE INDEX contact_inboxes_contact_id_idx ON contact_inboxes (contact_id);

-- last_public_message_id and last_non_activity_message_id are no foreign keys: they are written
-- in the same statement as the message itself.
CREATE TABLE conversations (
    id @drawn_id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    inbox_id BIGINT NOT NULL REFERENCES inboxes (id),
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    contact_inbox_id BIGINT NOT NULL REFERENCES contact_inboxes (id),
    display_id BIGINT NOT NULL CHECK (display_id > 0),
    uuid TEXT NOT NULL,
    status SMALLINT NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 3),
    priority SMALLINT CHECK (priority BETWEEN 0 AND 3),
    assignee_id BIGINT REFERENCES users (id),
    snoozed_until BIGINT,
    additional_attributes @json NOT NULL DEFAULT '{}',
    custom_attributes @json NOT NULL DEFAULT '{}',
    agent_last_seen_at BIGINT,
    assignee_last_seen_at BIGINT,
    contact_last_seen_at BIGINT,
    first_reply_created_at BIGINT,
    waiting_since BIGINT,
    last_activity_at BIGINT NOT NULL,
    activity_minute @minute(last_activity_at),
    last_incoming_at BIGINT,
    last_seq BIGINT NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
    unread_count SMALLINT NOT NULL DEFAULT 0 CHECK (unread_count BETWEEN 0 AND 10),
    last_public_message_id BIGINT,
    last_non_activity_message_id BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_minute @minute(updated_at),
    CONSTRAINT conversations_account_id_display_id_key UNIQUE (account_id, display_id),
    CONSTRAINT conversations_uuid_key UNIQUE (uuid)
) @updated_in_place;
-- The last two columns let the counters of every list be read from the index alone.
CREATE INDEX conversations_account_activity_idx
    ON conversations (account_id, status, activity_minute, assignee_id, inbox_id);
-- Lists of any status, and what has changed since a client last looked.
CREATE INDEX conversations_account_any_activity_idx
    ON conversations (account_id, activity_minute);
CREATE INDEX conversations_account_updated_idx ON conversations (account_id, updated_minute);
CREATE INDEX conversations_inbox_activity_idx
    ON conversations (inbox_id, status, activity_minute);
CREATE INDEX conversations_contact_id_idx ON conversations (contact_id);
CREATE INDEX conversations_contact_inbox_id_id_idx ON conversations (contact_inbox_id, id);
CREATE INDEX conversations_assignee_activity_idx
    ON conversations (assignee_id, account_id, status, activity_minute)
    WHERE assignee_id IS NOT NULL;

CREATE TABLE conversation_labels (
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
    CONSTRAINT conversation_labels_conversation_id_title_key PRIMARY KEY (conversation_id, title)
) @without_rowid;
CREATE INDEX conversation_labels_title_idx ON conversation_labels (title);

-- The conversation is locked while a message is written, and account_id, inbox_id and contact_inbox_id
-- are the conversation's. So none of them is a foreign key, which would be looked up with each message.
CREATE TABLE messages (
    id @drawn_id,
    account_id BIGINT NOT NULL,
    inbox_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    contact_inbox_id BIGINT NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    message_type SMALLINT NOT NULL CHECK (message_type BETWEEN 0 AND 3),
    content TEXT,
    content_type TEXT NOT NULL DEFAULT 'text',
    content_attributes @json NOT NULL DEFAULT '{}',
    additional_attributes @json NOT NULL DEFAULT '{}',
    private BOOLEAN NOT NULL DEFAULT FALSE,
    status SMALLINT NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 3),
    source_id TEXT CHECK (source_id <> ''),
    sender_kind SMALLINT CHECK (sender_kind BETWEEN 0 AND 2),
    sender_id BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT messages_conversation_id_seq_key UNIQUE (conversation_id, seq)
);
CREATE UNIQUE INDEX messages_contact_inbox_id_source_id_key
    ON messages (contact_inbox_id, source_id) WHERE source_id IS NOT NULL;
-- Few messages are templates; automatic answers ask for the last ones.
CREATE INDEX messages_templates_idx ON messages (conversation_id, created_at)
    WHERE message_type = 3;
-- What the contact has not seen yet, and surveys.
CREATE INDEX messages_unseen_idx ON messages (conversation_id, id)
    WHERE status IN (0, 1) AND message_type <> 0;
CREATE INDEX messages_input_csat_idx ON messages (conversation_id, id)
    WHERE content_type = 'input_csat';

CREATE TABLE message_provider_ids (
    inbox_id BIGINT NOT NULL REFERENCES inboxes (id),
    provider_id TEXT NOT NULL,
    message_id BIGINT NOT NULL REFERENCES messages (id),
    CONSTRAINT message_provider_ids_inbox_id_provider_id_key PRIMARY KEY (inbox_id, provider_id)
) @without_rowid;
CREATE INDEX message_provider_ids_message_id_idx ON message_provider_ids (message_id);

CREATE TABLE blobs (
    id @drawn_id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    key TEXT NOT NULL,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    byte_size BIGINT NOT NULL CHECK (byte_size >= 0),
    checksum TEXT NOT NULL,
    metadata @json NOT NULL DEFAULT '{}',
    created_at BIGINT NOT NULL,
    CONSTRAINT blobs_key_key UNIQUE (key)
);

CREATE TABLE attachments (
    id @drawn_id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    message_id BIGINT NOT NULL REFERENCES messages (id),
    blob_id BIGINT REFERENCES blobs (id),
    file_type SMALLINT NOT NULL CHECK (file_type >= 0),
    extension TEXT,
    external_url TEXT,
    coordinates_lat DOUBLE PRECISION,
    coordinates_long DOUBLE PRECISION,
    fallback_title TEXT,
    meta @json NOT NULL DEFAULT '{}',
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX attachments_message_id_idx ON attachments (message_id);
CREATE INDEX attachments_blob_id_idx ON attachments (blob_id) WHERE blob_id IS NOT NULL;

-- The contact stands in the conversation, which may change hands.
CREATE TABLE csat_survey_responses (
    id @id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    conversation_id BIGINT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    message_id BIGINT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    rating SMALLINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
    feedback_message TEXT,
    assigned_agent_id BIGINT REFERENCES users (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT csat_survey_responses_message_id_key UNIQUE (message_id)
);
CREATE INDEX csat_survey_responses_account_id_id_idx ON csat_survey_responses (account_id, id);
CREATE INDEX csat_survey_responses_conversation_id_idx ON csat_survey_responses (conversation_id);
