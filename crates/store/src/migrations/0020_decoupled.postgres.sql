-- Requests that are answered elsewhere than where they were asked: of devices (RFC 8628), and of apps to a person (CIBA).
-- The same for SQLite stands in 0020_decoupled.sqlite.sql.

CREATE TABLE decoupled_requests (
  code BYTEA PRIMARY KEY,                    -- SHA-256 of what the app polls with
  user_code BYTEA UNIQUE,                    -- SHA-256 of what the person types in; null: an app asks the person itself
  door TEXT COLLATE "C" NOT NULL,
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  params TEXT COLLATE "C" NOT NULL,                     -- JSON: pairs of name and value, in order
  person_id BIGINT REFERENCES people (id), -- who alone may answer; null: whoever has the user code
  poll_seconds BIGINT NOT NULL,            -- between two questions
  asked_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,                      -- pending, denied, allowed, redeemed
  polled_at BIGINT,
  grant_id BYTEA REFERENCES grants (id) ON DELETE SET NULL,
  notify BYTEA,                              -- what the app is told of the answer with, sealed; null: it polls
  notify_at BIGINT,                        -- when it is told next; null: nothing to tell
  notify_attempts BIGINT NOT NULL
);
CREATE INDEX decoupled_requests_client ON decoupled_requests (client_id);
CREATE INDEX decoupled_requests_person ON decoupled_requests (person_id, expires_at);
CREATE INDEX decoupled_requests_grant ON decoupled_requests (grant_id);
CREATE INDEX decoupled_requests_end ON decoupled_requests (expires_at);
CREATE INDEX decoupled_requests_notify ON decoupled_requests (notify_at);

-- The decoupled request that a parked one came of.
ALTER TABLE parked_requests ADD COLUMN decoupled BYTEA;
