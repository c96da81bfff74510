-- Back-tests: drafts tried on the history of the workspace.
CREATE TABLE backtests (
    id       BIGINT PRIMARY KEY,
    -- None when the draft is no journey's.
    journey  BIGINT,
    -- The draft's.
    name     TEXT COLLATE "C" NOT NULL,
    -- The history it is tried on: from the one moment to the other.
    from_at  BIGINT NOT NULL,
    to_at    BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    -- E-mail address.
    asked_by TEXT COLLATE "C" NOT NULL,
    -- 'running', 'done', 'failed' or 'cancelled'.
    state    TEXT COLLATE "C" NOT NULL,
    -- Events of the history it has gone through, and how many there are.
    done     BIGINT NOT NULL DEFAULT 0,
    total    BIGINT NOT NULL DEFAULT 0,
    -- When whoever runs it was heard of last.
    seen_at  BIGINT NOT NULL,
    ended_at BIGINT,
    -- Why it failed, in a sentence.
    failure  TEXT COLLATE "C",
    -- What is tried, as JSON; never changes.
    draft    TEXT COLLATE "C" NOT NULL,
    -- What came of it as a whole, as JSON; none until it is done.
    summary  TEXT COLLATE "C"
);
-- Backtests::backtests lists a journey's, newest first; Backtests::keep_backtest finds its old ones, also where there is no journey.
CREATE INDEX backtests_journey ON backtests (journey, id);

-- What the drafts would have done, run by run. Backtests::backtest_runs lists them by their numbers.
CREATE TABLE backtest_runs (
    backtest BIGINT NOT NULL,
    -- From 0 on, without a gap.
    number   BIGINT NOT NULL,
    -- As JSON; never changes.
    run      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (backtest, number)
);
