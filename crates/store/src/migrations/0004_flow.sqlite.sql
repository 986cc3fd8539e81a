-- What an app's team sees of its requests, and how much it is used. Written behind the requests, never in their way.
-- The same for PostgreSQL stands in 0004_flow.postgres.sql.

-- An app's last requests: bounded for each app, 30 days at most; no token, code, secret or outsider in it.
CREATE TABLE flow_events (
  id INTEGER PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  happened_at INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  refused INTEGER NOT NULL,
  result TEXT NOT NULL,                     -- the error code of a refusal; else a word for what came of it
  reason TEXT NOT NULL,                     -- why exactly, for the team; empty where there is nothing to say
  person_id INTEGER REFERENCES people (id), -- only somebody of the team
  request_id TEXT NOT NULL
) STRICT;
CREATE INDEX flow_events_client ON flow_events (client_id, refused, id);
CREATE INDEX flow_events_person ON flow_events (person_id);
CREATE INDEX flow_events_age ON flow_events (happened_at);

-- Days are counted from 1970-01-01 in UTC.
CREATE TABLE usage_days (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  day INTEGER NOT NULL,
  sign_ins INTEGER NOT NULL,
  active_people INTEGER NOT NULL,
  reads INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  PRIMARY KEY (client_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_days_age ON usage_days (day);

-- Who was counted in active_people, for as long as the day may still be counted; then swept.
CREATE TABLE usage_people (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  day INTEGER NOT NULL,
  person_id INTEGER NOT NULL REFERENCES people (id),
  PRIMARY KEY (client_id, day, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_people_day ON usage_people (day);
CREATE INDEX usage_people_person ON usage_people (person_id);

ALTER TABLE consents ADD COLUMN last_read_at INTEGER;        -- when the app last read the person's data, to the hour
ALTER TABLE client_secrets ADD COLUMN last_used_at INTEGER;  -- to five minutes
