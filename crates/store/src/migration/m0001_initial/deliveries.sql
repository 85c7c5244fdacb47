-- The event log and its deliveries.

-- The log outlives what it speaks of, so that nothing is a foreign key; the account is that of what
-- changed, copied under its lock. A delivery is written with its event and goes before it, and before
-- its receiver.
CREATE TABLE events (
    id @drawn_id,
    account_id BIGINT NOT NULL,
    inbox_id BIGINT,
    conversation_id BIGINT,
    contact_id BIGINT,
    message_id BIGINT,
    name TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    origin TEXT NOT NULL,
    snapshot TEXT NOT NULL
);
CREATE INDEX events_account_id_id_idx ON events (account_id, id);
CREATE INDEX events_message_id_id_idx ON events (message_id, id) WHERE message_id IS NOT NULL;

CREATE TABLE deliveries (
    id @drawn_id,
    account_id BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    receiver_id BIGINT NOT NULL,
    lane BIGINT,
    state SMALLINT NOT NULL CHECK (state BETWEEN 0 AND 3),
    late BOOLEAN NOT NULL DEFAULT FALSE,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at BIGINT NOT NULL,
    lease_token BIGINT,
    lease_until BIGINT,
    started BOOLEAN NOT NULL DEFAULT FALSE,
    last_status INTEGER,
    last_error TEXT,
    last_attempt_at BIGINT,
    last_duration_ms INTEGER CHECK (last_duration_ms >= 0),
    finished_at BIGINT,
    replays INTEGER NOT NULL DEFAULT 0 CHECK (replays >= 0),
    created_at BIGINT NOT NULL
);
CREATE INDEX deliveries_open_lane_idx ON deliveries (receiver_id, lane, id) WHERE state IN (0, 1);
CREATE INDEX deliveries_due_idx ON deliveries (receiver_id, due_at, id) WHERE state = 0;
CREATE INDEX deliveries_lease_idx ON deliveries (lease_until) WHERE state = 1;
CREATE INDEX deliveries_event_id_idx ON deliveries (event_id);
CREATE INDEX deliveries_account_id_id_idx ON deliveries (account_id, id);
-- Most are delivered: those are found by the account.
CREATE INDEX deliveries_undelivered_idx ON deliveries (account_id, state, id) WHERE state <> 2;

CREATE TABLE attempts (
    id @id,
    delivery_id BIGINT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    started_at BIGINT NOT NULL,
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
    outcome TEXT NOT NULL,
    status INTEGER,
    error TEXT,
    response_excerpt TEXT
);
CREATE INDEX attempts_delivery_id_id_idx ON attempts (delivery_id, id);
