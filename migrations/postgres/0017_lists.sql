-- What lists narrow to is few among many: each of these keeps the few alone, or in the order in which they are listed.

-- Instances::instances lists shadows newest first; live instances are not in it.
CREATE INDEX instances_shadows ON instances (id) WHERE shadow_journey IS NOT NULL;
-- Accounts::accounts lists those of a segment by name.
CREATE INDEX accounts_segment_name ON accounts (segment, name, id) WHERE segment IS NOT NULL;
-- Tasks::tasks lists by due date what somebody is at, and what was taken back.
CREATE INDEX tasks_claimed ON tasks (due_at, instance, position) WHERE status = 'claimed';
CREATE INDEX tasks_cancelled ON tasks (due_at, instance, position) WHERE status = 'cancelled';
