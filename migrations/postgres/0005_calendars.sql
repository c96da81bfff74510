-- Business calendars, which durations name.
CREATE TABLE calendars (
    name       TEXT COLLATE "C" PRIMARY KEY,
    -- Time zone, hours, holidays and exceptions.
    body       TEXT COLLATE "C" NOT NULL,
    -- Counts the saves; a save names the revision it was made from.
    revision   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
