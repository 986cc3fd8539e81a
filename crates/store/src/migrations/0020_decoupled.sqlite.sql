-- Requests that are answered elsewhere than where they were asked: of devices (RFC 8628), and of apps to a person (CIBA).
-- The same for PostgreSQL stands in 0020_decoupled.postgres.sql.

CREATE TABLE decoupled_requests (
  code BLOB PRIMARY KEY,                    -- SHA-256 of what the app polls with
  user_code BLOB UNIQUE,                    -- SHA-256 of what the person types in; null: an app asks the person itself
  door TEXT NOT NULL,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  params TEXT NOT NULL,                     -- JSON: pairs of name and value, in order
  person_id INTEGER REFERENCES people (id), -- who alone may answer; null: whoever has the user code
  poll_seconds INTEGER NOT NULL,            -- between two questions
  asked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL,                      -- pending, denied, allowed, redeemed
  polled_at INTEGER,
  grant_id BLOB REFERENCES grants (id) ON DELETE SET NULL,
  notify BLOB,                              -- what the app is told of the answer with, sealed; null: it polls
  notify_at INTEGER,                        -- when it is told next; null: nothing to tell
  notify_attempts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX decoupled_requests_client ON decoupled_requests (client_id);
CREATE INDEX decoupled_requests_person ON decoupled_requests (person_id, expires_at);
CREATE INDEX decoupled_requests_grant ON decoupled_requests (grant_id);
CREATE INDEX decoupled_requests_end ON decoupled_requests (expires_at);
CREATE INDEX decoupled_requests_notify ON decoupled_requests (notify_at);

-- The decoupled request that a parked one came of.
ALTER TABLE parked_requests ADD COLUMN decoupled BLOB;
