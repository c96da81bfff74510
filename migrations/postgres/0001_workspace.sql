-- Times are milliseconds since 1970 in UTC. Ids are 63-bit numbers: time, counter, slot. `slot` is the low ten bits of the id (of the
-- instance's id for what belongs to an instance); it leads the key of everything that grows with the instances.

CREATE TABLE journeys (
    id          BIGINT PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    draft       TEXT COLLATE "C" NOT NULL,
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
    id           BIGINT PRIMARY KEY,
    journey      BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    mode         TEXT COLLATE "C" NOT NULL,
    note         TEXT COLLATE "C" NOT NULL,
    draft        TEXT COLLATE "C" NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT COLLATE "C" NOT NULL
);
-- Journeys::version reads one, Journeys::versions lists them newest first.
CREATE UNIQUE INDEX versions_number ON versions (journey, number);

CREATE TABLE instances (
    slot       BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    journey    BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    account    BIGINT,
    status     TEXT COLLATE "C" NOT NULL,
    outcome    TEXT COLLATE "C",
    -- How many records there are; a commit names the number it was decided on.
    sequence   BIGINT NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (slot, id)
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
    body     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (slot, instance, sequence)
);

-- What is wanted from the world, one row per call and timer, removed by the commit that takes in the answer.
CREATE TABLE work (
    slot         BIGINT NOT NULL,
    instance     BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    -- `call`, or which timer of the position.
    name         TEXT COLLATE "C" NOT NULL,
    due_at       BIGINT NOT NULL,
    -- When it may be claimed: its due time, or the end of its lease.
    available_at BIGINT NOT NULL,
    -- Number of the lease it was claimed under last; 0 before the first.
    lease        BIGINT NOT NULL,
    body         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (slot, instance, position, name)
);
-- Work::claim takes the oldest work that may be claimed; Work::next_due asks when the next one will be.
CREATE INDEX work_available ON work (available_at);

-- Tasks as people see them; written only with the instance's records.
CREATE TABLE tasks (
    slot         BIGINT NOT NULL,
    instance     BIGINT NOT NULL,
    position     BIGINT NOT NULL,
    journey      BIGINT NOT NULL,
    account      BIGINT,
    node         TEXT COLLATE "C" NOT NULL,
    title        TEXT COLLATE "C" NOT NULL,
    instructions TEXT COLLATE "C" NOT NULL,
    status       TEXT COLLATE "C" NOT NULL,
    -- 1 while offered or claimed.
    is_open      BIGINT NOT NULL,
    team         TEXT COLLATE "C",
    -- Who claimed or completed it, by e-mail address.
    assignee     TEXT COLLATE "C",
    -- The one person it is offered to, by e-mail address.
    offered_to   TEXT COLLATE "C",
    -- In whose own queue it is: who claimed it, or else the one person it is offered to.
    holder       TEXT COLLATE "C",
    sla          TEXT COLLATE "C" NOT NULL,
    due_at       BIGINT NOT NULL,
    priority     BIGINT NOT NULL,
    form         TEXT COLLATE "C" NOT NULL,
    outcomes     TEXT COLLATE "C" NOT NULL,
    outcome      TEXT COLLATE "C",
    answers      TEXT COLLATE "C",
    -- Why it was withdrawn.
    reason       TEXT COLLATE "C",
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
    person   TEXT COLLATE "C",
    team     TEXT COLLATE "C",
    about    TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (slot, instance, sequence, place)
);

CREATE TABLE accounts (
    id          BIGINT PRIMARY KEY,
    external_id TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    segment     TEXT COLLATE "C",
    -- E-mail address of the owning user.
    owner       TEXT COLLATE "C",
    arr         DOUBLE PRECISION,
    fields      TEXT COLLATE "C" NOT NULL,
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
    source     TEXT COLLATE "C" PRIMARY KEY,
    line       BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE users (
    id            BIGINT PRIMARY KEY,
    -- In lower case.
    email         TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL
);
-- Directory::user_by_email, at every sign-in.
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE sessions (
    -- SHA-256 of the cookie's token.
    token_hash BYTEA   PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
-- Directory::close_sessions_of signs a user out everywhere.
CREATE INDEX sessions_user ON sessions (user_id);
-- Directory::forget_expired_sessions.
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE tokens (
    id           BIGINT PRIMARY KEY,
    user_id      BIGINT NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the token.
    token_hash   BYTEA   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT
);
-- Directory::user_by_token, at every request that carries one.
CREATE UNIQUE INDEX tokens_hash ON tokens (token_hash);

CREATE TABLE teams (
    id         BIGINT PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    -- E-mail address.
    lead       TEXT COLLATE "C",
    created_at BIGINT NOT NULL
);
-- Owner rules name teams; a name names one.
CREATE UNIQUE INDEX teams_name ON teams (name);

CREATE TABLE team_members (
    team_id BIGINT NOT NULL,
    -- E-mail address.
    member  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (team_id, member)
);
-- Whose teams: at every request of the team queue.
CREATE INDEX team_members_member ON team_members (member, team_id);

CREATE TABLE hooks (
    slug       TEXT COLLATE "C" PRIMARY KEY,
    journey    BIGINT NOT NULL,
    -- The sealed signing secret; NULL when the hook was made unsigned on purpose.
    secret     BYTEA,
    created_at BIGINT NOT NULL
);

-- Which instance a key opened, so that a repeated delivery finds the first.
CREATE TABLE starts (
    journey  BIGINT NOT NULL,
    key      TEXT COLLATE "C" NOT NULL,
    instance BIGINT NOT NULL,
    PRIMARY KEY (journey, key)
);

-- The first answer given under an idempotency key.
CREATE TABLE answers (
    -- Who asked for what; a key means nothing outside it.
    scope        TEXT COLLATE "C" NOT NULL,
    key          TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA   NOT NULL,
    -- NULL while the first request is at work.
    status       BIGINT,
    body         BYTEA,
    begun_at     BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
-- Idempotency::forget_answers.
CREATE INDEX answers_begun ON answers (begun_at);

CREATE TABLE connectors (
    id           BIGINT PRIMARY KEY,
    name         TEXT COLLATE "C" NOT NULL,
    version      TEXT COLLATE "C" NOT NULL,
    digest       TEXT COLLATE "C" NOT NULL,
    manifest     TEXT COLLATE "C" NOT NULL,
    component    BYTEA   NOT NULL,
    -- The component compiled for this machine and compiler, named by `compiled_for`; a cache.
    compiled     BYTEA,
    compiled_for TEXT COLLATE "C",
    installed_at BIGINT NOT NULL
);
-- Connectors::install: connections name a connector; installing the name again replaces it.
CREATE UNIQUE INDEX connectors_name ON connectors (name);

CREATE TABLE connections (
    id           BIGINT PRIMARY KEY,
    name         TEXT COLLATE "C" NOT NULL,
    -- The connector's name.
    connector    TEXT COLLATE "C" NOT NULL,
    config       TEXT COLLATE "C" NOT NULL,
    secret_names TEXT COLLATE "C" NOT NULL,
    -- Sealed by the host; the store cannot read it.
    secrets      BYTEA   NOT NULL,
    grants       TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
-- Connectors::connection_by_name, before every call; actions name connections.
CREATE UNIQUE INDEX connections_name ON connections (name);

-- What connectors remember between calls, each connection its own.
CREATE TABLE connection_values (
    connection BIGINT NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    value      BYTEA   NOT NULL,
    -- NULL keeps it for ever.
    expires_at BIGINT,
    PRIMARY KEY (connection, key)
);

CREATE TABLE audit (
    id     BIGINT PRIMARY KEY,
    at     BIGINT NOT NULL,
    -- E-mail address, or what acted by itself.
    actor  TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL
);
