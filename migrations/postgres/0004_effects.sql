-- The instance above, the position it waits at, and which of that position's instances this is; all three or none.
ALTER TABLE instances ADD COLUMN parent BIGINT;
ALTER TABLE instances ADD COLUMN parent_position BIGINT;
ALTER TABLE instances ADD COLUMN parent_index BIGINT;
-- Commits starts one instance for a place below; Instances::children lists those of a position.
CREATE UNIQUE INDEX instances_parent ON instances (slot, parent, parent_position, parent_index) WHERE parent IS NOT NULL;
-- Journeys::journeys_named, when a journey calls another by its name.
CREATE INDEX journeys_name ON journeys (name);

-- Which messages went to whom, one row per recipient; kept for as long as caps count them.
CREATE TABLE messages (
    slot      BIGINT NOT NULL,
    instance  BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    -- E-mail address.
    recipient TEXT COLLATE "C" NOT NULL,
    journey   BIGINT NOT NULL,
    node      TEXT COLLATE "C" NOT NULL,
    at        BIGINT NOT NULL,
    -- 1 once the mail server has taken it.
    sent      BIGINT NOT NULL,
    PRIMARY KEY (slot, instance, position, recipient)
);
-- Messages::take_share counts a day of a node's messages to a recipient.
CREATE INDEX messages_cap ON messages (journey, node, recipient, at);
-- Messages::forget_messages.
CREATE INDEX messages_at ON messages (at);

-- The shadow version for which it runs: itself, or what the instance above follows. NULL for a live one.
ALTER TABLE instances ADD COLUMN shadow_journey BIGINT;
ALTER TABLE instances ADD COLUMN shadow_version BIGINT;
-- Fields of the account as a shadow instance would have written them, for itself alone.
ALTER TABLE instances ADD COLUMN overlay TEXT COLLATE "C" ;
-- WouldHaves::stale_shadows.
CREATE INDEX instances_shadow ON instances (status, shadow_journey, shadow_version) WHERE shadow_journey IS NOT NULL;

-- What shadow versions would have done; written with the instance's records.
CREATE TABLE would_have (
    id        BIGINT PRIMARY KEY,
    journey   BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    instance  BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    node      TEXT COLLATE "C" NOT NULL,
    account   BIGINT,
    at        BIGINT NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    -- In words.
    summary   TEXT COLLATE "C" NOT NULL,
    body      TEXT COLLATE "C" NOT NULL,
    -- What a person thinks of it; NULL until someone does.
    mark      TEXT COLLATE "C",
    note      TEXT COLLATE "C",
    -- E-mail address.
    marked_by TEXT COLLATE "C",
    marked_at BIGINT
);
-- WouldHaves::would_have lists a version's, newest first, and those of a kind or with a mark; WouldHaves::tally counts them.
CREATE INDEX would_have_version ON would_have (journey, version, id);
CREATE INDEX would_have_kind ON would_have (journey, version, kind, id);
CREATE INDEX would_have_mark ON would_have (journey, version, mark, id);
CREATE INDEX would_have_account ON would_have (account, journey, version, id) WHERE account IS NOT NULL;
