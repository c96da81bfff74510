-- Makes of every table that has a slot, and grows, one that is hash-partitioned by it. Its partitions are out of sight, in a schema of their
-- own, as they are where another machine has them. A unique key must begin with the slot then: one whose other columns say the slot already
-- gets it put in front.
DO $$
DECLARE
    hot        TEXT;
    definition TEXT;
    keys       TEXT[];
BEGIN
    CREATE SCHEMA parts;
    FOR hot IN
        SELECT table_name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'slot' AND table_name <> 'slots'
    LOOP
        EXECUTE format('ALTER TABLE %I RENAME TO whole', hot);
        EXECUTE format('CREATE TABLE %I (LIKE whole INCLUDING DEFAULTS) PARTITION BY HASH (slot)', hot);
        FOR part IN 0..7 LOOP
            EXECUTE format('CREATE TABLE parts.%I PARTITION OF %I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                hot || '_part_' || part, hot, part);
        END LOOP;
        SELECT array_agg(indexdef) INTO keys FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'whole';
        DROP TABLE whole;
        FOREACH definition IN ARRAY keys LOOP
            definition := replace(definition, ' ON public.whole ', format(' ON %I ', hot));
            IF definition LIKE 'CREATE UNIQUE %' AND definition NOT LIKE '%(slot, %' THEN
                definition := replace(definition, '(', '(slot, ');
            END IF;
            EXECUTE definition;
        END LOOP;
    END LOOP;
END $$;
