-- The first schema. Moments are seconds since 1970; yes and no are 1 and 0; hashes are SHA-256 (32 bytes).
-- The same tables for PostgreSQL stand in 0001_initial.postgres.sql: keep the two alike (a test compares them).

-- Disabled, never deleted: a number (userId on the wire) never becomes someone else's.
CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL,
  username_folded TEXT NOT NULL UNIQUE,     -- lower case: no two people differ by case alone
  password_hash TEXT NOT NULL,              -- a PHC string
  is_maintainer INTEGER NOT NULL,
  is_developer INTEGER NOT NULL,
  data TEXT NOT NULL,                       -- JSON: data point -> value
  disabled_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  hash BLOB PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES people (id),
  auth_time INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE apps (
  client_id TEXT PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES people (id),
  standing TEXT NOT NULL CHECK (standing IN ('pending', 'rejected', 'approved', 'suspended')),
  live_version INTEGER,
  proposed_version INTEGER,
  last_version INTEGER NOT NULL,
  legacy_plain_pkce INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  submitted_at INTEGER NOT NULL,            -- when it took its place in the review queue
  decided_at INTEGER,                       -- when a maintainer last decided
  CHECK (live_version IS NOT NULL OR proposed_version IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX apps_queue ON apps (submitted_at, client_id);

-- Never changed once written. Name and logo are the manifest's own, beside it for lists and searches.
CREATE TABLE manifests (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  manifest TEXT NOT NULL,                   -- JSON
  name TEXT NOT NULL,                       -- the manifest's, for lists
  name_folded TEXT NOT NULL,                -- in lower case, for search
  logo TEXT,
  made_at INTEGER NOT NULL,
  made_by INTEGER REFERENCES people (id),   -- null: the operator
  PRIMARY KEY (client_id, number)
) STRICT;
CREATE INDEX manifests_logo ON manifests (logo);

CREATE TABLE client_secrets (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  id INTEGER NOT NULL,
  hash BLOB NOT NULL,
  prefix TEXT NOT NULL,                     -- what its team tells it apart by
  created_at INTEGER NOT NULL,
  expires_at INTEGER,                       -- null: until it is rotated
  PRIMARY KEY (client_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_secrets_expiry ON client_secrets (expires_at);

CREATE TABLE team (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  person_id INTEGER NOT NULL REFERENCES people (id),
  since INTEGER NOT NULL,
  PRIMARY KEY (client_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_person ON team (person_id);

CREATE TABLE review_events (
  id INTEGER PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  happened_at INTEGER NOT NULL,
  actor_id INTEGER REFERENCES people (id),  -- null: the operator
  what TEXT NOT NULL,
  comment TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX review_events_client ON review_events (client_id);

-- The root of a tree: codes, refresh tokens and access tokens hang from it and die with it.
CREATE TABLE grants (
  id BLOB PRIMARY KEY,                      -- a UUID of version 7
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  person_id INTEGER NOT NULL REFERENCES people (id),
  scope TEXT NOT NULL,
  data_points TEXT NOT NULL,
  version INTEGER NOT NULL,
  auth_time INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER,
  generation INTEGER NOT NULL,
  rotated_out BLOB,
  rotated_out_at INTEGER,
  dies_at INTEGER NOT NULL                  -- when the last of what hangs from it is dead: then it may be swept
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_client ON grants (client_id, person_id);
CREATE INDEX grants_person ON grants (person_id);
CREATE INDEX grants_death ON grants (dies_at);

-- A code lives as long as its grant, so that using it again kills whatever it led to.
CREATE TABLE codes (
  hash BLOB PRIMARY KEY,
  grant_id BLOB NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  redirect_uri TEXT NOT NULL,
  redirect_uri_given INTEGER NOT NULL,
  challenge_method TEXT,
  challenge TEXT,
  expires_at INTEGER NOT NULL,
  redeemed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_grant ON codes (grant_id);

CREATE TABLE refresh_tokens (
  hash BLOB PRIMARY KEY,
  grant_id BLOB NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  generation INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE access_tokens (
  hash BLOB PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  grant_id BLOB REFERENCES grants (id) ON DELETE CASCADE,   -- null: the client's own (client_credentials)
  scope TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_client ON access_tokens (client_id);
CREATE INDEX access_tokens_grant ON access_tokens (grant_id);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

CREATE TABLE consents (
  person_id INTEGER NOT NULL REFERENCES people (id),
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  data_points TEXT NOT NULL,
  since INTEGER NOT NULL,                   -- the first time
  given_at INTEGER NOT NULL,                -- the last time
  PRIMARY KEY (person_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_client ON consents (client_id);

CREATE TABLE parked_requests (
  hash BLOB PRIMARY KEY,
  door TEXT NOT NULL,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  params TEXT NOT NULL,                     -- JSON: pairs of name and value, in order
  version INTEGER NOT NULL,
  parked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_requests_client ON parked_requests (client_id);
CREATE INDEX parked_requests_expiry ON parked_requests (expires_at);

-- What a person is told on their home page: they were added to or removed from a team.
CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES people (id),
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  added INTEGER NOT NULL,
  app_name TEXT NOT NULL,                   -- as it was called then
  actor_id INTEGER REFERENCES people (id),  -- null: the operator
  happened_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notices_person ON notices (person_id);
CREATE INDEX notices_client ON notices (client_id);

CREATE TABLE logos (
  digest TEXT PRIMARY KEY,                  -- SHA-256 in hexadecimal
  put_at INTEGER NOT NULL,
  png BLOB NOT NULL
) STRICT;
