-- Signing out, told to the apps that want to hear of it.
-- The same for PostgreSQL stands in 0011_logout.postgres.sql.

-- The hash of the session's first cookie, when its person has proved again who they are; null: its own hash.
ALTER TABLE sessions ADD COLUMN root BLOB;
CREATE INDEX sessions_root ON sessions (root);
CREATE INDEX grants_session ON grants (session);

-- An app to be told that a session with one of its people has ended (OpenID Connect Back-Channel Logout).
CREATE TABLE logout_deliveries (
  id INTEGER PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  person_id INTEGER NOT NULL REFERENCES people (id),
  root BLOB NOT NULL,                       -- the session's
  queued_at INTEGER NOT NULL,
  due_at INTEGER,                           -- when it is tried next, or whoever tries it is given up; null: done
  attempts INTEGER NOT NULL,
  done_at INTEGER,
  failure TEXT                              -- why the last attempt failed; null: it did not
) STRICT;
CREATE INDEX logout_deliveries_due ON logout_deliveries (due_at);
CREATE INDEX logout_deliveries_client ON logout_deliveries (client_id, id);
CREATE INDEX logout_deliveries_person ON logout_deliveries (person_id);
CREATE INDEX logout_deliveries_done ON logout_deliveries (done_at);
