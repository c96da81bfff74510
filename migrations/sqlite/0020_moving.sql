-- 0 from before the other database has it until after: a move that did not come to its end is repeated.
ALTER TABLE moved ADD COLUMN is_done BIGINT NOT NULL DEFAULT 1;
