-- The calendar whose hours the team keeps; NULL when it keeps those of the journey it works in.
ALTER TABLE teams ADD COLUMN calendar TEXT COLLATE "C" ;
