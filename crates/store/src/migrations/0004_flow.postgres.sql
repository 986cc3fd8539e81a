-- What an app's team sees of its requests, and how much it is used. Written behind the requests, never in their way.
-- The same for SQLite stands in 0004_flow.sqlite.sql.

-- An app's last requests: bounded for each app, 30 days at most; no token, code, secret or outsider in it.
CREATE TABLE flow_events (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  happened_at BIGINT NOT NULL,
  endpoint TEXT COLLATE "C" NOT NULL,
  refused BIGINT NOT NULL,
  result TEXT COLLATE "C" NOT NULL,                     -- the error code of a refusal; else a word for what came of it
  reason TEXT COLLATE "C" NOT NULL,                     -- why exactly, for the team; empty where there is nothing to say
  person_id BIGINT REFERENCES people (id), -- only somebody of the team
  request_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX flow_events_client ON flow_events (client_id, refused, id);
CREATE INDEX flow_events_person ON flow_events (person_id);
CREATE INDEX flow_events_age ON flow_events (happened_at);

-- Days are counted from 1970-01-01 in UTC.
CREATE TABLE usage_days (
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  day BIGINT NOT NULL,
  sign_ins BIGINT NOT NULL,
  active_people BIGINT NOT NULL,
  reads BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  PRIMARY KEY (client_id, day)
);
CREATE INDEX usage_days_age ON usage_days (day);

-- Who was counted in active_people, for as long as the day may still be counted; then swept.
CREATE TABLE usage_people (
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  day BIGINT NOT NULL,
  person_id BIGINT NOT NULL REFERENCES people (id),
  PRIMARY KEY (client_id, day, person_id)
);
CREATE INDEX usage_people_day ON usage_people (day);
CREATE INDEX usage_people_person ON usage_people (person_id);

ALTER TABLE consents ADD COLUMN last_read_at BIGINT;        -- when the app last read the person's data, to the hour
ALTER TABLE client_secrets ADD COLUMN last_used_at BIGINT;  -- to five minutes
