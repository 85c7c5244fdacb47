-- Receivers of events, inboxes, and what is taken in at their doors.

CREATE TABLE receivers (
    id @id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    kind SMALLINT NOT NULL CHECK (kind BETWEEN 0 AND 3),
    inbox_id BIGINT,
    url TEXT,
    subscriptions @json NOT NULL DEFAULT '[]',
    secret_sealed TEXT NOT NULL,
    previous_secret_sealed TEXT,
    previous_secret_until BIGINT,
    state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
    state_reason TEXT,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    first_failure_at BIGINT,
    probe_due_at BIGINT,
    probe_interval_ms BIGINT CHECK (probe_interval_ms > 0),
    probe_lease_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX receivers_account_id_idx ON receivers (account_id);
CREATE INDEX receivers_state_idx ON receivers (state);

CREATE TABLE inboxes (
    id @id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    settings @json NOT NULL DEFAULT '{}',
    secrets_sealed TEXT,
    settings_version INTEGER NOT NULL DEFAULT 1,
    preferences @json NOT NULL DEFAULT '{}',
    lock_to_single_conversation BOOLEAN NOT NULL DEFAULT FALSE,
    identifier TEXT NOT NULL,
    hmac_token_sealed TEXT NOT NULL,
    path_token TEXT NOT NULL,
    receiver_id BIGINT REFERENCES receivers (id),
    removed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT inboxes_identifier_key UNIQUE (identifier),
    CONSTRAINT inboxes_path_token_key UNIQUE (path_token)
);
CREATE INDEX inboxes_account_id_idx ON inboxes (account_id);
CREATE INDEX inboxes_removed_at_idx ON inboxes (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE inbox_routes (
    id @id,
    channel TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    inbox_id BIGINT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    CONSTRAINT inbox_routes_channel_key_hash_key UNIQUE (channel, key_hash)
);
CREATE INDEX inbox_routes_inbox_id_idx ON inbox_routes (inbox_id);

CREATE TABLE inbox_members (
    inbox_id BIGINT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    CONSTRAINT inbox_members_inbox_id_user_id_key PRIMARY KEY (inbox_id, user_id)
) @without_rowid;
CREATE INDEX inbox_members_user_id_idx ON inbox_members (user_id);

CREATE TABLE webhooks (
    id @id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    receiver_id BIGINT NOT NULL REFERENCES receivers (id),
    url TEXT NOT NULL,
    name TEXT,
    inbox_id BIGINT REFERENCES inboxes (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT webhooks_receiver_id_key UNIQUE (receiver_id),
    CONSTRAINT webhooks_account_id_url_key UNIQUE (account_id, url)
);

CREATE TABLE inbound_log (
    id @id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    inbox_id BIGINT NOT NULL REFERENCES inboxes (id),
    channel TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    headers TEXT NOT NULL,
    body @bytes NOT NULL,
    state SMALLINT NOT NULL CHECK (state BETWEEN 0 AND 1),
    error TEXT,
    received_at BIGINT NOT NULL
);
CREATE INDEX inbound_log_inbox_id_id_idx ON inbound_log (inbox_id, id);
CREATE INDEX inbound_log_account_id_state_id_idx ON inbound_log (account_id, state, id);

CREATE TABLE inbound_dedup (
    inbox_id BIGINT NOT NULL REFERENCES inboxes (id),
    dedup_key TEXT NOT NULL,
    message_id BIGINT,
    created_at BIGINT NOT NULL,
    CONSTRAINT inbound_dedup_inbox_id_dedup_key_key PRIMARY KEY (inbox_id, dedup_key)
) @without_rowid;
