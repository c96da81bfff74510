-- Ids sort by time and slots do not: with the instance first, what is written at the same time lies on the same pages, and a commit writes few.
CREATE TABLE records_in_time (
    slot     BIGINT NOT NULL,
    instance BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    -- The node that wrote it; 0 for a command beside the servers.
    node     BIGINT NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (instance, slot, sequence)
) WITHOUT ROWID;
INSERT INTO records_in_time (slot, instance, sequence, node, body)
SELECT slot, instance, sequence, node, body FROM records ORDER BY instance, sequence;
DROP TABLE records;
ALTER TABLE records_in_time RENAME TO records;

CREATE TABLE tasks_in_time (
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
    PRIMARY KEY (instance, slot, position)
);
INSERT INTO tasks_in_time (slot, instance, position, journey, account, node, title, instructions, status, is_open, team, assignee, offered_to, holder, sla, due_at, priority, form, outcomes,
    outcome, answers, reason, created_at, updated_at)
SELECT slot, instance, position, journey, account, node, title, instructions, status, is_open, team, assignee, offered_to, holder, sla, due_at, priority, form, outcomes,
    outcome, answers, reason, created_at, updated_at
FROM tasks ORDER BY instance, position;
DROP TABLE tasks;
ALTER TABLE tasks_in_time RENAME TO tasks;
-- Tasks::tasks, a person's own queue by due date.
CREATE INDEX tasks_holder ON tasks (holder, is_open, due_at, instance, position) WHERE holder IS NOT NULL;
-- Tasks::tasks, a team's queue by due date.
CREATE INDEX tasks_team ON tasks (team, is_open, due_at, instance, position) WHERE team IS NOT NULL;
-- Tasks::tasks, everyone's queue by due date.
CREATE INDEX tasks_due ON tasks (is_open, due_at, instance, position);
