-- Accounts::accounts finds a text anywhere in a name, an external id or an owner: here is which accounts have each three letters in a row.
-- Neither the place of the letters nor their case is kept, so what is found is looked at again.
CREATE VIRTUAL TABLE accounts_text USING fts5 (
    name, external_id, owner,
    content = 'accounts', content_rowid = 'id', tokenize = 'trigram', detail = none, columnsize = 0
);
INSERT INTO accounts_text (accounts_text) VALUES ('rebuild');

-- Whoever writes an account, also a restore, has it found.
CREATE TRIGGER accounts_text_insert AFTER INSERT ON accounts BEGIN
    INSERT INTO accounts_text (rowid, name, external_id, owner) VALUES (new.id, new.name, new.external_id, new.owner);
END;
CREATE TRIGGER accounts_text_delete AFTER DELETE ON accounts BEGIN
    INSERT INTO accounts_text (accounts_text, rowid, name, external_id, owner)
    VALUES ('delete', old.id, old.name, old.external_id, old.owner);
END;
CREATE TRIGGER accounts_text_update AFTER UPDATE OF id, name, external_id, owner ON accounts
WHEN (old.id, old.name, old.external_id, old.owner) IS NOT (new.id, new.name, new.external_id, new.owner) BEGIN
    INSERT INTO accounts_text (accounts_text, rowid, name, external_id, owner)
    VALUES ('delete', old.id, old.name, old.external_id, old.owner);
    INSERT INTO accounts_text (rowid, name, external_id, owner) VALUES (new.id, new.name, new.external_id, new.owner);
END;

-- Accounts::accounts lists them by name, and sees here whether a text is in one: in the file they lie in the order in which they were made.
DROP INDEX accounts_name;
CREATE INDEX accounts_name ON accounts (name, id, external_id, owner);
