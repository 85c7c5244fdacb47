-- What PostgreSQL's generated columns are there. In SQLite a change of last_activity_at would rewrite every
-- index on a column generated of it, though the minute is the same.

CREATE TRIGGER contacts_minutes_insert AFTER INSERT ON contacts
    WHEN new.last_activity_at IS NOT NULL
BEGIN
    UPDATE contacts SET activity_minute = new.last_activity_at / 60000000 WHERE id = new.id;
END;
CREATE TRIGGER contacts_minutes_update AFTER UPDATE OF last_activity_at ON contacts
    WHEN new.activity_minute IS NOT new.last_activity_at / 60000000
BEGIN
    UPDATE contacts SET activity_minute = new.last_activity_at / 60000000 WHERE id = new.id;
END;

CREATE TRIGGER conversations_minutes_insert AFTER INSERT ON conversations
BEGIN
    UPDATE conversations SET activity_minute = new.last_activity_at / 60000000,
        updated_minute = new.updated_at / 60000000 WHERE id = new.id;
END;
CREATE TRIGGER conversations_minutes_update AFTER UPDATE OF last_activity_at, updated_at ON conversations
    WHEN new.activity_minute IS NOT new.last_activity_at / 60000000
    OR new.updated_minute IS NOT new.updated_at / 60000000
BEGIN
    UPDATE conversations SET activity_minute = new.last_activity_at / 60000000,
        updated_minute = new.updated_at / 60000000 WHERE id = new.id;
END;
