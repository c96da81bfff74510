-- What happened outside, as it was sent or as the change of an account wrote it. Never edited.
CREATE TABLE events (
    id          BIGINT PRIMARY KEY,
    -- The sender's name for it, by which a repetition is known; NULL for what Waymark wrote itself.
    key         TEXT COLLATE "C",
    type        TEXT COLLATE "C" NOT NULL,
    account     BIGINT,
    -- When it happened, by its sender, and when it was taken in.
    at          BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    -- How many events had brought each other about before this one.
    depth       BIGINT NOT NULL,
    -- E-mail address of who sent it; NULL for what Waymark wrote itself.
    sent_by     TEXT COLLATE "C",
    data        TEXT COLLATE "C" NOT NULL
);
-- Events::accept takes a key once.
CREATE UNIQUE INDEX events_key ON events (key) WHERE key IS NOT NULL;
-- Events::events lists an account's, those of a type, and those of both.
CREATE INDEX events_account ON events (account, id) WHERE account IS NOT NULL;
CREATE INDEX events_type ON events (type, id);
CREATE INDEX events_account_type ON events (account, type, id) WHERE account IS NOT NULL;

-- Events that have not brought about yet all that they will; Events::pending takes the oldest.
CREATE TABLE pending_events (
    event BIGINT PRIMARY KEY
);

-- What an event or anything else that comes to a trigger brought about there, or why nothing.
CREATE TABLE reactions (
    id       BIGINT PRIMARY KEY,
    -- NULL when no event came: a person, a delivery, a schedule or a date.
    event    BIGINT,
    journey  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    -- The trigger, or the wait.
    node     TEXT COLLATE "C" NOT NULL,
    account  BIGINT,
    -- What it opened or woke, and where; 0 when nothing.
    instance BIGINT NOT NULL,
    position BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    -- Why nothing came of it: a word for programs, a sentence for people, and the values it was decided on.
    code     TEXT COLLATE "C",
    sentence TEXT COLLATE "C",
    facts    TEXT COLLATE "C",
    at       BIGINT NOT NULL
);
-- Events::reactions lists an event's.
CREATE INDEX reactions_of_event ON reactions (event, id) WHERE event IS NOT NULL;
-- An event that is dispatched again writes each once.
CREATE UNIQUE INDEX reactions_event ON reactions (event, journey, version, node, instance, position, kind) WHERE event IS NOT NULL;
-- Events::refusals lists why an account did not enter a journey, newest first.
CREATE INDEX reactions_refused ON reactions (journey, account, id) WHERE kind IN ('refused', 'failed');

-- Positions that wait for an event, written and removed with the instance's records.
CREATE TABLE listens (
    name     TEXT COLLATE "C" NOT NULL,
    journey  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    node     TEXT COLLATE "C" NOT NULL,
    key      TEXT COLLATE "C" NOT NULL,
    instance BIGINT NOT NULL,
    position BIGINT NOT NULL,
    -- The event that had moved the instance last when the wait began: it and those before it are not for this wait.
    heard    BIGINT NOT NULL,
    PRIMARY KEY (name, journey, version, node, key, instance, position)
);
-- Commits remove what an instance does not wait for any more.
CREATE INDEX listens_instance ON listens (instance, position);

-- Whether it must hear when its account changes.
ALTER TABLE instances ADD COLUMN watches_account BIGINT NOT NULL DEFAULT 0;
-- The event that moved it last, and how many events had brought each other about by then.
ALTER TABLE instances ADD COLUMN moved_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN depth BIGINT NOT NULL DEFAULT 0;
-- Listens::watchers, at each change of an account.
CREATE INDEX instances_watching ON instances (account, id) WHERE watches_account = 1;

-- The triggers of versions that new instances follow, live and shadow; written with the version.
CREATE TABLE triggers (
    journey   BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    node      TEXT COLLATE "C" NOT NULL,
    mode      TEXT COLLATE "C" NOT NULL,
    type      TEXT COLLATE "C" NOT NULL,
    -- What it listens to, among those of its type.
    name      TEXT COLLATE "C" NOT NULL,
    listed_at BIGINT NOT NULL,
    -- A schedule's next time, or when a round over accounts is to go on; 0 until it was looked at. NULL when time does not move it.
    due_at    BIGINT,
    -- The last account of the round under way that is done; 0 before the first.
    done_to   BIGINT NOT NULL,
    PRIMARY KEY (journey, version, node)
);
-- Triggers::listening, at each event.
CREATE INDEX triggers_name ON triggers (type, name);
-- Triggers::due_triggers.
CREATE INDEX triggers_due ON triggers (due_at) WHERE due_at IS NOT NULL;

-- How the triggers were listed; another release lists them anew.
CREATE TABLE registries (
    name   TEXT COLLATE "C" PRIMARY KEY,
    format BIGINT NOT NULL
);

-- When a date of an account opens an instance.
CREATE TABLE dates (
    account  BIGINT NOT NULL,
    journey  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    node     TEXT COLLATE "C" NOT NULL,
    -- The date as the account has it; one date opens one instance.
    value    TEXT COLLATE "C" NOT NULL,
    fires_at BIGINT NOT NULL,
    PRIMARY KEY (account, journey, version, node)
);
-- Triggers::due_dates.
CREATE INDEX dates_fires ON dates (fires_at);
-- Publishing removes a version's.
CREATE INDEX dates_version ON dates (journey, version);

-- Accounts::accounts_of_segment, for schedules that open an instance for each.
CREATE INDEX accounts_segment ON accounts (segment, id) WHERE segment IS NOT NULL;
