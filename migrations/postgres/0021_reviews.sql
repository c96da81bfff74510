-- What the workspace as a whole is set to; what is not here is as the program has it.
CREATE TABLE settings (
    name       TEXT COLLATE "C" PRIMARY KEY,
    value      TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Reviews of drafts by a second person.
CREATE TABLE reviews (
    id         BIGINT PRIMARY KEY,
    journey    BIGINT NOT NULL,
    -- Of the draft that was frozen.
    revision   BIGINT NOT NULL,
    -- 'live' or 'shadow': what it is to be published as.
    mode       TEXT COLLATE "C" NOT NULL,
    -- 'open', 'approved', 'sent_back', 'withdrawn' or 'published'.
    state      TEXT COLLATE "C" NOT NULL,
    note       TEXT COLLATE "C" NOT NULL,
    asked_at   BIGINT NOT NULL,
    -- E-mail addresses; who saved the draft last is not always known.
    asked_by   TEXT COLLATE "C" NOT NULL,
    drawn_by   TEXT COLLATE "C",
    -- When and by whom it was approved, sent back or withdrawn, and what was said.
    decided_at BIGINT,
    decided_by TEXT COLLATE "C",
    comment    TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- Number of the version that was published under it.
    version    BIGINT,
    -- The draft and what it depends on, as JSON; never changes.
    bundle     TEXT COLLATE "C" NOT NULL
);
-- Reviews::ask_review lets a journey have one open review at a time.
CREATE UNIQUE INDEX reviews_open ON reviews (journey) WHERE state = 'open';
-- Reviews::open_reviews lists those of all journeys, newest first.
CREATE INDEX reviews_waiting ON reviews (id) WHERE state = 'open';
-- Reviews::reviews lists a journey's, newest first.
CREATE INDEX reviews_journey ON reviews (journey, id);
-- Reviews::approved_review finds the newest approval.
CREATE INDEX reviews_approved ON reviews (journey, mode, id) WHERE state = 'approved';

-- Audit::who_saved finds who saved a draft last.
CREATE INDEX audit_saved ON audit (object, id) WHERE action IN ('journey.create', 'journey.import', 'journey.save');
