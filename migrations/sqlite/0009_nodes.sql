-- Nodes that serve the workspace beside each other, what each holds, and events in lanes.

CREATE TABLE nodes (
    -- Counts the times a server took part; larger is later.
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL,
    version   TEXT NOT NULL,
    -- Fingerprint of the key it seals secrets with.
    key       TEXT NOT NULL,
    -- Its number in the ids it makes; no two that live have the same.
    maker     BIGINT NOT NULL,
    -- 'serving', 'draining', 'left' or 'lapsed'.
    state     TEXT NOT NULL,
    -- By the database's clock.
    joined_at BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    ended_at  BIGINT
);
CREATE INDEX nodes_alive ON nodes (id) WHERE ended_at IS NULL;

-- Who dispatches the events of a slot's accounts and opens what time opens for them; 0 is nobody.
CREATE TABLE slots (
    slot INTEGER PRIMARY KEY,
    node BIGINT NOT NULL
);

-- What a node held when its lease lapsed: a result of its own after that is one too late.
CREATE TABLE takeovers (
    slot     BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    position BIGINT NOT NULL,
    name     TEXT NOT NULL,
    node     BIGINT NOT NULL,
    -- How many records the instance had.
    sequence BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (slot, instance, position, name, node)
);

ALTER TABLE work ADD COLUMN node BIGINT NOT NULL DEFAULT 0;
UPDATE work SET lease = 0, available_at = due_at WHERE lease <> 0;
CREATE INDEX work_held ON work (node) WHERE lease <> 0;

-- The node that wrote it; 0 for a command beside the servers.
ALTER TABLE records ADD COLUMN node BIGINT NOT NULL DEFAULT 0;

ALTER TABLE pending_events ADD COLUMN slot BIGINT NOT NULL DEFAULT 0;
-- The account, whose events are dispatched one after the other; 0 for all that concern none.
ALTER TABLE pending_events ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
UPDATE pending_events SET lane = COALESCE((SELECT account FROM events WHERE id = event), 0);
UPDATE pending_events SET slot = lane % 1024;
CREATE INDEX pending_events_lane ON pending_events (slot, lane, event);

-- The lanes that have pending events; who waits longest comes first.
CREATE TABLE event_lanes (
    slot BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    PRIMARY KEY (slot, lane)
);
CREATE INDEX event_lanes_turn ON event_lanes (turn);
INSERT INTO event_lanes SELECT slot, lane, MIN(event) FROM pending_events GROUP BY slot, lane;
