-- What must not keep others waiting: kind of work / journey / share of the accounts, and for calls / connection. Only what is in a lane waits
-- behind what is in it; `other` is what a release before this one writes.
ALTER TABLE work ADD COLUMN lane TEXT NOT NULL DEFAULT 'other/0/0';
UPDATE work SET lane = CASE
    WHEN name = 'call' THEN 'call/0/0/' || json_extract(body, '$.connection')
    WHEN INSTR(name, ':') > 0 THEN SUBSTR(name, 1, INSTR(name, ':') - 1) || '/0/0'
    ELSE name || '/0/0' END;
-- WorkQueue::lanes hops along it from lane to lane, WorkQueue::claim takes the oldest of each.
CREATE INDEX work_lanes ON work (lane, available_at);

-- How many calls of the connection may be out at the same time, and how many may go out in a second; NULL is as many as there are.
ALTER TABLE connections ADD COLUMN calls_at_once BIGINT NOT NULL DEFAULT 64;
ALTER TABLE connections ADD COLUMN calls_per_second DOUBLE;
