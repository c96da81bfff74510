-- The audit log in a chain: lines are sealed in stretches, each with the hash of the one before.

ALTER TABLE audit ADD COLUMN seal BIGINT;
CREATE INDEX audit_unsealed ON audit (id) WHERE seal IS NULL;
CREATE INDEX audit_sealed ON audit (seal, id) WHERE seal IS NOT NULL;

CREATE TABLE audit_seals (
    number INTEGER PRIMARY KEY,
    lines  BIGINT NOT NULL,
    -- In hexadecimal; see store::audit::chain.
    hash   TEXT NOT NULL,
    at     BIGINT NOT NULL
);

-- Inventory::handled.
CREATE INDEX reactions_moved ON reactions (id) WHERE event IS NOT NULL AND kind IN ('started', 'woke');
