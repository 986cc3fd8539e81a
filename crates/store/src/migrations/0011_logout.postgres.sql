-- Signing out, told to the apps that want to hear of it.
-- The same for SQLite stands in 0011_logout.sqlite.sql.

-- The hash of the session's first cookie, when its person has proved again who they are; null: its own hash.
ALTER TABLE sessions ADD COLUMN root BYTEA;
CREATE INDEX sessions_root ON sessions (root);
CREATE INDEX grants_session ON grants (session);

-- An app to be told that a session with one of its people has ended (OpenID Connect Back-Channel Logout).
CREATE TABLE logout_deliveries (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  person_id BIGINT NOT NULL REFERENCES people (id),
  root BYTEA NOT NULL,                       -- the session's
  queued_at BIGINT NOT NULL,
  due_at BIGINT,                           -- when it is tried next, or whoever tries it is given up; null: done
  attempts BIGINT NOT NULL,
  done_at BIGINT,
  failure TEXT COLLATE "C"                              -- why the last attempt failed; null: it did not
);
CREATE INDEX logout_deliveries_due ON logout_deliveries (due_at);
CREATE INDEX logout_deliveries_client ON logout_deliveries (client_id, id);
CREATE INDEX logout_deliveries_person ON logout_deliveries (person_id);
CREATE INDEX logout_deliveries_done ON logout_deliveries (done_at);
