-- Times are milliseconds since 1970 in UTC. Ids are 63-bit numbers: time, counter, slot. `slot` is the low ten bits of the id (of the
-- instance's id for what belongs to an instance); it leads no key here, where there is one file, but every statement binds it.

CREATE TABLE journeys (
    id          INTEGER PRIMARY KEY,
    name        TEXT   NOT NULL,
    description TEXT   NOT NULL,
    draft       TEXT   NOT NULL,
    -- Counts the draft's saves; a save names the revision it was made from.
    revision    BIGINT NOT NULL,
    -- Number of the version that new instances follow.
    live        BIGINT,
    -- Number of the newest version, live or shadow, and the revision it was made of.
    newest      BIGINT,
    published_revision BIGINT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

-- Never edited.
CREATE TABLE versions (
    id           INTEGER PRIMARY KEY,
    journey      BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    mode         TEXT   NOT NULL,
    note         TEXT   NOT NULL,
    draft        TEXT   NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT   NOT NULL
);
-- Journeys::version reads one, Journeys::versions lists them newest first.
CREATE UNIQUE INDEX versions_number ON versions (journey, number);

CREATE TABLE instances (
    id         INTEGER PRIMARY KEY,
    slot       BIGINT NOT NULL,
    journey    BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    account    BIGINT,
    status     TEXT   NOT NULL,
    outcome    TEXT,
    -- How many records there are; a commit names the number it was decided on.
    sequence   BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- Instances::instances lists a journey's.
CREATE INDEX instances_journey ON instances (journey, id);
-- Instances::instances lists a journey's incidents; Journeys counts those that are not over.
CREATE INDEX instances_journey_status ON instances (journey, status, id);
-- Instances::instances lists an account's; Commits asks whether one of this journey is running.
CREATE INDEX instances_account ON instances (account, journey, id) WHERE account IS NOT NULL;
-- Instances::instances lists all incidents.
CREATE INDEX instances_status ON instances (status, id);

-- What happened to an instance; append only.
CREATE TABLE records (
    slot     BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (slot, instance, sequence)
) WITHOUT ROWID;

-- What is wanted from the world, one row per call and timer, removed by the commit that takes in the answer.
CREATE TABLE work (
    slot         BIGINT NOT NULL,
    instance     BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    -- `call`, or which timer of the position.
    name         TEXT   NOT NULL,
    due_at       BIGINT NOT NULL,
    -- When it may be claimed: its due time, or the end of its lease.
    available_at BIGINT NOT NULL,
    -- Number of the lease it was claimed under last; 0 before the first.
    lease        BIGINT NOT NULL,
    body         TEXT   NOT NULL,
    PRIMARY KEY (slot, instance, position, name)
) WITHOUT ROWID;
-- Work::claim takes the oldest work that may be claimed; Work::next_due asks when the next one will be.
CREATE INDEX work_available ON work (available_at);

-- Tasks as people see them; written only with the instance's records.
CREATE TABLE tasks (
    slot         BIGINT NOT NULL,
    instance     BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    journey      BIGINT NOT NULL,
    account      BIGINT,
    node         TEXT   NOT NULL,
    title        TEXT   NOT NULL,
    instructions TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    -- 1 while offered or claimed.
    is_open      BIGINT NOT NULL,
    team         TEXT,
    -- Who claimed or completed it, by e-mail address.
    assignee     TEXT,
    -- The one person it is offered to, by e-mail address.
    offered_to   TEXT,
    -- In whose own queue it is: who claimed it, or else the one person it is offered to.
    holder       TEXT,
    sla          TEXT   NOT NULL,
    due_at       BIGINT NOT NULL,
    priority     BIGINT NOT NULL,
    form         TEXT   NOT NULL,
    outcomes     TEXT   NOT NULL,
    outcome      TEXT,
    answers      TEXT,
    -- Why it was withdrawn.
    reason       TEXT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (slot, instance, position)
);
-- Tasks::tasks, a person's own queue by due date.
CREATE INDEX tasks_holder ON tasks (holder, is_open, due_at, instance, position) WHERE holder IS NOT NULL;
-- Tasks::tasks, a team's queue by due date.
CREATE INDEX tasks_team ON tasks (team, is_open, due_at, instance, position) WHERE team IS NOT NULL;
-- Tasks::tasks, everyone's queue by due date.
CREATE INDEX tasks_due ON tasks (is_open, due_at, instance, position);

-- What an escalation told people about a task, inside the product.
CREATE TABLE notices (
    slot     BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    position BIGINT NOT NULL,
    -- The sequence of the commit that told them, and the place within it.
    sequence BIGINT NOT NULL,
    place    BIGINT NOT NULL,
    person   TEXT,
    team     TEXT,
    about    TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (slot, instance, sequence, place)
);

CREATE TABLE accounts (
    id          INTEGER PRIMARY KEY,
    external_id TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    segment     TEXT,
    -- E-mail address of the owning user.
    owner       TEXT,
    arr         DOUBLE,
    fields      TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
-- Accounts::account_by_external_id, and what makes an import repeatable.
CREATE UNIQUE INDEX accounts_external_id ON accounts (external_id);
-- Accounts::accounts lists them by name.
CREATE INDEX accounts_name ON accounts (name, id);

-- How far an import has come, so that it can go on.
CREATE TABLE imports (
    -- Digest of the file and its mapping.
    source     TEXT   PRIMARY KEY,
    line       BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    -- In lower case.
    email         TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);
-- Directory::user_by_email, at every sign-in.
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE sessions (
    -- SHA-256 of the cookie's token.
    token_hash BLOB   PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
-- Directory::close_sessions_of signs a user out everywhere.
CREATE INDEX sessions_user ON sessions (user_id);
-- Directory::forget_expired_sessions.
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE tokens (
    id           INTEGER PRIMARY KEY,
    user_id      BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    -- SHA-256 of the token.
    token_hash   BLOB   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT
);
-- Directory::user_by_token, at every request that carries one.
CREATE UNIQUE INDEX tokens_hash ON tokens (token_hash);

CREATE TABLE teams (
    id         INTEGER PRIMARY KEY,
    name       TEXT   NOT NULL,
    -- E-mail address.
    lead       TEXT,
    created_at BIGINT NOT NULL
);
-- Owner rules name teams; a name names one.
CREATE UNIQUE INDEX teams_name ON teams (name);

CREATE TABLE team_members (
    team_id BIGINT NOT NULL,
    -- E-mail address.
    member  TEXT   NOT NULL,
    PRIMARY KEY (team_id, member)
) WITHOUT ROWID;
-- Whose teams: at every request of the team queue.
CREATE INDEX team_members_member ON team_members (member, team_id);

CREATE TABLE hooks (
    slug       TEXT   PRIMARY KEY,
    journey    BIGINT NOT NULL,
    -- The sealed signing secret; NULL when the hook was made unsigned on purpose.
    secret     BLOB,
    created_at BIGINT NOT NULL
);

-- Which instance a key opened, so that a repeated delivery finds the first.
CREATE TABLE starts (
    journey  BIGINT NOT NULL,
    key      TEXT   NOT NULL,
    instance BIGINT NOT NULL,
    PRIMARY KEY (journey, key)
) WITHOUT ROWID;

-- The first answer given under an idempotency key.
CREATE TABLE answers (
    -- Who asked for what; a key means nothing outside it.
    scope        TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    request_hash BLOB   NOT NULL,
    -- NULL while the first request is at work.
    status       BIGINT,
    body         BLOB,
    begun_at     BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
-- Idempotency::forget_answers.
CREATE INDEX answers_begun ON answers (begun_at);

CREATE TABLE connectors (
    id           INTEGER PRIMARY KEY,
    name         TEXT   NOT NULL,
    version      TEXT   NOT NULL,
    digest       TEXT   NOT NULL,
    manifest     TEXT   NOT NULL,
    component    BLOB   NOT NULL,
    -- The component compiled for this machine and compiler, named by `compiled_for`; a cache.
    compiled     BLOB,
    compiled_for TEXT,
    installed_at BIGINT NOT NULL
);
-- Connectors::install: connections name a connector; installing the name again replaces it.
CREATE UNIQUE INDEX connectors_name ON connectors (name);

CREATE TABLE connections (
    id           INTEGER PRIMARY KEY,
    name         TEXT   NOT NULL,
    -- The connector's name.
    connector    TEXT   NOT NULL,
    config       TEXT   NOT NULL,
    secret_names TEXT   NOT NULL,
    -- Sealed by the host; the store cannot read it.
    secrets      BLOB   NOT NULL,
    grants       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
-- Connectors::connection_by_name, before every call; actions name connections.
CREATE UNIQUE INDEX connections_name ON connections (name);

-- What connectors remember between calls, each connection its own.
CREATE TABLE connection_values (
    connection BIGINT NOT NULL,
    key        TEXT   NOT NULL,
    value      BLOB   NOT NULL,
    -- NULL keeps it for ever.
    expires_at BIGINT,
    PRIMARY KEY (connection, key)
);

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     BIGINT NOT NULL,
    -- E-mail address, or what acted by itself.
    actor  TEXT   NOT NULL,
    action TEXT   NOT NULL,
    object TEXT   NOT NULL,
    detail TEXT   NOT NULL
);
