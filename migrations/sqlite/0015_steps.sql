-- A step's records lie in one row under the number of the last. Such rows are large, and a table without rowids would keep no more than a quarter
-- of a page of each in its place: they lie in the order they are written, and are found by an index.
CREATE TABLE records_of_steps (
    slot     BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    -- Of the last record.
    sequence BIGINT NOT NULL,
    -- The node that wrote it; 0 for a command beside the servers.
    node     BIGINT NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (instance, slot, sequence)
);
INSERT INTO records_of_steps (slot, instance, sequence, node, body)
SELECT slot, instance, sequence, node, body FROM records ORDER BY instance, sequence;
DROP TABLE records;
ALTER TABLE records_of_steps RENAME TO records;

-- As records and tasks: with the instance first, the work of what happens at the same time lies on the same pages.
CREATE TABLE work_in_time (
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
    -- The node that holds it; 0 when nobody does.
    node         BIGINT NOT NULL,
    -- What it takes its turn with.
    lane         TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    PRIMARY KEY (instance, slot, position, name)
) WITHOUT ROWID;
INSERT INTO work_in_time (slot, instance, position, name, due_at, available_at, lease, node, lane, body)
SELECT slot, instance, position, name, due_at, available_at, lease, node, lane, body FROM work ORDER BY instance, position;
DROP TABLE work;
ALTER TABLE work_in_time RENAME TO work;
-- WorkQueue::next_due asks when the next may be claimed.
CREATE INDEX work_available ON work (available_at);
-- What a node holds is freed when it is gone.
CREATE INDEX work_held ON work (node) WHERE lease <> 0;
-- WorkQueue::lanes hops along it from lane to lane, WorkQueue::claim takes the oldest of each.
CREATE INDEX work_lanes ON work (lane, available_at);
