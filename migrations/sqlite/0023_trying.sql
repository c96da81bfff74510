-- Whether designers may try operations of a connection: what is behind it is there for that.
ALTER TABLE connections ADD COLUMN for_tests BIGINT NOT NULL DEFAULT 0;
