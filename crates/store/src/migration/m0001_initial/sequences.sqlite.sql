-- What PostgreSQL's sequences are there; one row for each table whose ids are drawn.

CREATE TABLE sequences (
    name TEXT NOT NULL,
    value BIGINT NOT NULL CHECK (value BETWEEN 0 AND 9007199254740991),
    CONSTRAINT sequences_name_key PRIMARY KEY (name)
) @without_rowid;

INSERT INTO sequences (name, value) VALUES
    ('messages', 0),
    ('events', 0),
    ('deliveries', 0),
    ('conversations', 0),
    ('contacts', 0),
    ('contact_inboxes', 0),
    ('blobs', 0),
    ('attachments', 0);
