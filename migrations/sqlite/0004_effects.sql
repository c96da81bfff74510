-- The instance above, the position it waits at, and which of that position's instances this is; all three or none.
ALTER TABLE instances ADD COLUMN parent BIGINT;
ALTER TABLE instances ADD COLUMN parent_position BIGINT;
ALTER TABLE instances ADD COLUMN parent_index BIGINT;
-- Commits starts one instance for a place below; Instances::children lists those of a position.
CREATE UNIQUE INDEX instances_parent ON instances (parent, parent_position, parent_index) WHERE parent IS NOT NULL;
-- Journeys::journeys_named, when a journey calls another by its name.
CREATE INDEX journeys_name ON journeys (name);

-- Which messages went to whom, one row per recipient; kept for as long as caps count them.
CREATE TABLE messages (
    slot      BIGINT NOT NULL,
    instance  BIGINT NOT NULL,
    position  BIGINT NOT NULL,
    -- E-mail address.
    recipient TEXT   NOT NULL,
    journey   BIGINT NOT NULL,
    node      TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    -- 1 once the mail server has taken it.
    sent      BIGINT NOT NULL,
    PRIMARY KEY (slot, instance, position, recipient)
) WITHOUT ROWID;
-- Messages::take_share counts a day of a node's messages to a recipient.
CREATE INDEX messages_cap ON messages (journey, node, recipient, at);
-- Messages::forget_messages.
CREATE INDEX messages_at ON messages (at);
