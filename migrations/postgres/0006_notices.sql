-- Notices::notices lists a person's, newest first; Notices::unseen counts those since they have looked.
CREATE INDEX notices_person ON notices (person, at, instance, sequence, place) WHERE person IS NOT NULL;
-- The same for each team of a person.
CREATE INDEX notices_team ON notices (team, at, instance, sequence, place) WHERE team IS NOT NULL;
-- Notices::forget_notices takes the oldest.
CREATE INDEX notices_at ON notices (at);

-- Up to when a person has seen what they were told; who has not looked yet is not here.
CREATE TABLE notices_seen (
    -- E-mail address, in lower case.
    person   TEXT COLLATE "C" PRIMARY KEY,
    until_at BIGINT NOT NULL
);
