-- Accounts::accounts finds a text anywhere in a name, an external id or an owner: which accounts have each three letters in a row. Where the
-- extension is not there or may not be made, a search goes through all accounts.
DO $$
DECLARE
    home TEXT;
BEGIN
    BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm;
    EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN RETURN;
    END;
    SELECT nspname INTO STRICT home FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'pg_trgm';
    -- It may lie in a schema in which we do not look, or may not.
    IF has_schema_privilege(home, 'USAGE') THEN
        EXECUTE format(
            'CREATE INDEX accounts_text ON accounts USING gin
                (LOWER(name) %1$I.gin_trgm_ops, LOWER(external_id) %1$I.gin_trgm_ops, LOWER(owner) %1$I.gin_trgm_ops)',
            home
        );
    END IF;
END $$;
