-- What is removed a few rows at a time.

-- Contacts that are being removed (kind 0), and the conversations that went with them (kind 1), until
-- the log has forgotten them, too. after_event is how far it was looked through.
CREATE TABLE erasures (
    kind SMALLINT NOT NULL CHECK (kind BETWEEN 0 AND 1),
    subject_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    after_event BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT erasures_kind_subject_id_key PRIMARY KEY (kind, subject_id)
) @without_rowid;
CREATE INDEX erasures_due_at_idx ON erasures (due_at);

CREATE INDEX inbound_dedup_created_at_idx ON inbound_dedup (created_at);
