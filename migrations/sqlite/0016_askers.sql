-- The node that does what was asked for under a key; 0 for one that is gone.
ALTER TABLE answers ADD COLUMN node INTEGER NOT NULL DEFAULT 0;
