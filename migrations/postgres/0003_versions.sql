-- Moves of a journey's living instances to another version, and rehearsals of them.
CREATE TABLE migrations (
    id           BIGINT PRIMARY KEY,
    journey      BIGINT NOT NULL,
    from_version BIGINT NOT NULL,
    to_version   BIGINT NOT NULL,
    -- Old to new ids, as JSON.
    mapping      TEXT COLLATE "C" NOT NULL,
    -- 'preview' or 'move'.
    purpose      TEXT COLLATE "C" NOT NULL,
    -- 'running', 'done' or 'failed'.
    state        TEXT COLLATE "C" NOT NULL,
    -- Why it failed.
    note         TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- E-mail address.
    started_by   TEXT COLLATE "C" NOT NULL,
    -- The last instance that was looked at; they are taken in order of their ids.
    through      BIGINT NOT NULL DEFAULT 0,
    created_at   BIGINT NOT NULL,
    finished_at  BIGINT
);
-- Migrations::migrations lists a journey's, newest first.
CREATE INDEX migrations_journey ON migrations (journey, id);
-- Migrations::unfinished_migrations, after each start; Migrations::create_migration lets a journey have one move at a time.
CREATE INDEX migrations_running ON migrations (journey) WHERE state = 'running';

-- What became of each instance a migration has looked at.
CREATE TABLE migrated (
    migration BIGINT NOT NULL,
    instance  BIGINT NOT NULL,
    -- 'moving' while its commit may be on its way; see store::migrations::Outcome for the others.
    outcome   TEXT COLLATE "C" NOT NULL,
    -- The plan, as JSON.
    detail    TEXT COLLATE "C" NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (migration, instance)
);
-- Migrations::counts, and the list of one outcome.
CREATE INDEX migrated_outcome ON migrated (migration, outcome, instance);
