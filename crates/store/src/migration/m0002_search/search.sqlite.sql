-- Runs of three characters, without regard to case. They name rows that may match; the query then
-- looks at the row itself, so the index keeps neither texts nor positions.

CREATE VIRTUAL TABLE message_search USING fts5 (
    content, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram'
);
-- New messages are indexed many at a time, after they were stored: by then it costs an eighth. Up to the
-- newest row every message is indexed, those of no person without their text.
CREATE TRIGGER message_search_update AFTER UPDATE OF content ON messages
    WHEN old.content IS NOT new.content AND new.message_type IN (0, 1)
BEGIN
    DELETE FROM message_search WHERE rowid = old.id;
    INSERT INTO message_search (rowid, content) SELECT new.id, coalesce(new.content, '')
        WHERE new.id < (SELECT rowid FROM message_search ORDER BY rowid DESC LIMIT 1);
END;
CREATE TRIGGER message_search_delete AFTER DELETE ON messages
BEGIN
    DELETE FROM message_search WHERE rowid = old.id;
END;

CREATE VIRTUAL TABLE contact_search USING fts5 (
    content, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram'
);
INSERT INTO contact_search (rowid, content)
    SELECT id, concat_ws(char(10), name, email, phone_number, identifier,
        additional_attributes ->> 'company_name') FROM contacts;

CREATE TRIGGER contact_search_insert AFTER INSERT ON contacts
BEGIN
    INSERT INTO contact_search (rowid, content) VALUES (new.id, concat_ws(char(10), new.name,
        new.email, new.phone_number, new.identifier, new.additional_attributes ->> 'company_name'));
END;
CREATE TRIGGER contact_search_update
    AFTER UPDATE OF name, email, phone_number, identifier, additional_attributes ON contacts
BEGIN
    DELETE FROM contact_search WHERE rowid = old.id;
    INSERT INTO contact_search (rowid, content) VALUES (new.id, concat_ws(char(10), new.name,
        new.email, new.phone_number, new.identifier, new.additional_attributes ->> 'company_name'));
END;
CREATE TRIGGER contact_search_delete AFTER DELETE ON contacts
BEGIN
    DELETE FROM contact_search WHERE rowid = old.id;
END;
