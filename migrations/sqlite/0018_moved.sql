-- Where a workspace was taken from here: at most one row, and what is here is served only when somebody says so.
CREATE TABLE moved (
    target TEXT   NOT NULL,
    at     BIGINT NOT NULL
);
