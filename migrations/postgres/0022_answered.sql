-- Whether something that was asked for under the key is done: written with it, so that a repeat does not do it again when its answer was lost.
ALTER TABLE answers ADD COLUMN done BIGINT NOT NULL DEFAULT 0;
