-- The installation, its accounts and the people who work in them.

CREATE TABLE installation (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT installation_name_key PRIMARY KEY (name)
);

CREATE TABLE accounts (
    id @id,
    name TEXT NOT NULL,
    locale TEXT NOT NULL DEFAULT 'en',
    domain TEXT,
    support_email TEXT,
    status SMALLINT NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 1),
    settings @json NOT NULL DEFAULT '{}',
    custom_attributes @json NOT NULL DEFAULT '{}',
    labels_changed_at BIGINT,
    inboxes_changed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE account_counters (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    conversations BIGINT NOT NULL DEFAULT 0 CHECK (conversations >= 0),
    CONSTRAINT account_counters_account_id_key PRIMARY KEY (account_id)
) @without_rowid;

CREATE TABLE users (
    id @id,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT,
    password_hash TEXT,
    pubsub_token TEXT NOT NULL,
    message_signature TEXT,
    ui_settings @json NOT NULL DEFAULT '{}',
    custom_attributes @json NOT NULL DEFAULT '{}',
    confirmed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_pubsub_token_key UNIQUE (pubsub_token)
);

CREATE TABLE account_users (
    id @id,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role SMALLINT NOT NULL DEFAULT 0 CHECK (role BETWEEN 0 AND 1),
    inviter_id BIGINT REFERENCES users (id),
    availability SMALLINT NOT NULL DEFAULT 0 CHECK (availability BETWEEN 0 AND 2),
    auto_offline BOOLEAN NOT NULL DEFAULT TRUE,
    active_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT account_users_account_id_user_id_key UNIQUE (account_id, user_id)
);
CREATE INDEX account_users_user_id_idx ON account_users (user_id);

CREATE TABLE labels (
    id @id,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    title TEXT NOT NULL,
    description TEXT,
    color TEXT NOT NULL,
    show_on_sidebar BOOLEAN,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT labels_account_id_title_key UNIQUE (account_id, title)
);

CREATE TABLE access_tokens (
    id @id,
    owner_kind SMALLINT NOT NULL CHECK (owner_kind BETWEEN 0 AND 2),
    owner_id BIGINT NOT NULL,
    token_hash TEXT NOT NULL,
    token_sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT access_tokens_owner_kind_owner_id_key UNIQUE (owner_kind, owner_id),
    CONSTRAINT access_tokens_token_hash_key UNIQUE (token_hash)
);

CREATE TABLE idempotency_records (
    token_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    resource TEXT NOT NULL,
    answer TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT idempotency_records_token_id_key_key PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotency_records_created_at_idx ON idempotency_records (created_at);
