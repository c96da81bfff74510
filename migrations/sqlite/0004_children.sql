-- The instance above, the position it waits at, and which of that position's instances this is; all three or none.
ALTER TABLE instances ADD COLUMN parent BIGINT;
ALTER TABLE instances ADD COLUMN parent_position BIGINT;
ALTER TABLE instances ADD COLUMN parent_index BIGINT;
-- Commits starts one instance for a place below; Instances::children lists those of a position.
CREATE UNIQUE INDEX instances_parent ON instances (parent, parent_position, parent_index) WHERE parent IS NOT NULL;
