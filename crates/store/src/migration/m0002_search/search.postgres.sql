-- The texts of contacts stand in a table of their own: an index on `contacts` itself would be
-- written with every message, because that changes the contact's last activity.
CREATE TABLE contact_search (
    contact_id BIGINT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    CONSTRAINT contact_search_contact_id_key PRIMARY KEY (contact_id)
);
INSERT INTO contact_search (contact_id, content)
    SELECT id, concat_ws(E'\n', name, email, phone_number, identifier,
        additional_attributes ->> 'company_name') FROM contacts;

CREATE FUNCTION contact_search_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contact_search (contact_id, content)
        VALUES (new.id, concat_ws(E'\n', new.name, new.email, new.phone_number, new.identifier,
            new.additional_attributes ->> 'company_name'))
        ON CONFLICT (contact_id) DO UPDATE SET content = excluded.content;
    RETURN NULL;
END
$$;
CREATE TRIGGER contact_search_insert AFTER INSERT ON contacts
    FOR EACH ROW EXECUTE FUNCTION contact_search_write();
CREATE TRIGGER contact_search_update
    AFTER UPDATE OF name, email, phone_number, identifier, additional_attributes ON contacts
    FOR EACH ROW EXECUTE FUNCTION contact_search_write();

-- pg_trgm comes with the server, but may not be installed, or not be allowed to the user. Then a
-- search looks at every row: slow, and as right. The list of what is not in the index yet has room for
-- what comes in between two times that it is folded in, so that no message has to do it.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX contact_search_content_idx ON contact_search USING gin (content gin_trgm_ops);
    CREATE INDEX messages_content_idx ON messages USING gin (content gin_trgm_ops)
        WITH (gin_pending_list_limit = 16384) WHERE message_type IN (0, 1);
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'texts are searched without an index: %', SQLERRM;
END
$$;
