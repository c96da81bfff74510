-- The first record of an instance below another had two members `at`, so that it could not be read: the second is the node.
UPDATE records SET body = REPLACE(body, '"fact":"started_below","at":', '"fact":"started_below","node":')
WHERE sequence = 0 AND body LIKE '%"fact":"started_below","at":%';
