-- The first schema. Moments are seconds since 1970; yes and no are 1 and 0; hashes are SHA-256 (32 bytes).
-- Texts are compared and sorted by their bytes, as SQLite does, and not by rules that change with the system's.
-- The same tables for SQLite stand in 0001_initial.sqlite.sql: keep the two alike (a test compares them).

-- Disabled, never deleted: a number (userId on the wire) never becomes someone else's.
CREATE TABLE people (
  id BIGINT PRIMARY KEY,
  username TEXT COLLATE "C" NOT NULL,
  username_folded TEXT COLLATE "C" NOT NULL UNIQUE,     -- lower case: no two people differ by case alone
  password_hash TEXT COLLATE "C" NOT NULL,              -- a PHC string
  is_maintainer BIGINT NOT NULL,
  is_developer BIGINT NOT NULL,
  data TEXT COLLATE "C" NOT NULL,                       -- JSON: data point -> value
  disabled_at BIGINT,
  created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
  hash BYTEA PRIMARY KEY,
  person_id BIGINT NOT NULL REFERENCES people (id),
  auth_time BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE apps (
  client_id TEXT COLLATE "C" PRIMARY KEY,
  creator_id BIGINT NOT NULL REFERENCES people (id),
  standing TEXT COLLATE "C" NOT NULL CHECK (standing IN ('pending', 'rejected', 'approved', 'suspended')),
  live_version BIGINT,
  proposed_version BIGINT,
  last_version BIGINT NOT NULL,
  legacy_plain_pkce BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  submitted_at BIGINT NOT NULL,            -- when it took its place in the review queue
  decided_at BIGINT,                       -- when a maintainer last decided
  CHECK (live_version IS NOT NULL OR proposed_version IS NOT NULL)
);
CREATE INDEX apps_queue ON apps (submitted_at, client_id);

-- Never changed once written. Name and logo are the manifest's own, beside it for lists and searches.
CREATE TABLE manifests (
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  manifest TEXT COLLATE "C" NOT NULL,                   -- JSON
  name TEXT COLLATE "C" NOT NULL,                       -- the manifest's, for lists
  name_folded TEXT COLLATE "C" NOT NULL,                -- in lower case, for search
  logo TEXT COLLATE "C",
  made_at BIGINT NOT NULL,
  made_by BIGINT REFERENCES people (id),   -- null: the operator
  PRIMARY KEY (client_id, number)
);
CREATE INDEX manifests_logo ON manifests (logo);

CREATE TABLE client_secrets (
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  id BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  prefix TEXT COLLATE "C" NOT NULL,                     -- what its team tells it apart by
  created_at BIGINT NOT NULL,
  expires_at BIGINT,                       -- null: until it is rotated
  PRIMARY KEY (client_id, id)
);
CREATE INDEX client_secrets_expiry ON client_secrets (expires_at);

CREATE TABLE team (
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  person_id BIGINT NOT NULL REFERENCES people (id),
  since BIGINT NOT NULL,
  PRIMARY KEY (client_id, person_id)
);
CREATE INDEX team_person ON team (person_id);

CREATE TABLE review_events (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  happened_at BIGINT NOT NULL,
  actor_id BIGINT REFERENCES people (id),  -- null: the operator
  what TEXT COLLATE "C" NOT NULL,
  comment TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX review_events_client ON review_events (client_id);

-- The root of a tree: codes, refresh tokens and access tokens hang from it and die with it.
CREATE TABLE grants (
  id BYTEA PRIMARY KEY,                      -- a UUID of version 7
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  person_id BIGINT NOT NULL REFERENCES people (id),
  scope TEXT COLLATE "C" NOT NULL,
  data_points TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  auth_time BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  generation BIGINT NOT NULL,
  rotated_out BYTEA,
  rotated_out_at BIGINT,
  dies_at BIGINT NOT NULL                  -- when the last of what hangs from it is dead: then it may be swept
);
CREATE INDEX grants_client ON grants (client_id, person_id);
CREATE INDEX grants_person ON grants (person_id);
CREATE INDEX grants_death ON grants (dies_at);

-- A code lives as long as its grant, so that using it again kills whatever it led to.
CREATE TABLE codes (
  hash BYTEA PRIMARY KEY,
  grant_id BYTEA NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  redirect_uri TEXT COLLATE "C" NOT NULL,
  redirect_uri_given BIGINT NOT NULL,
  challenge_method TEXT COLLATE "C",
  challenge TEXT COLLATE "C",
  expires_at BIGINT NOT NULL,
  redeemed_at BIGINT
);
CREATE INDEX codes_grant ON codes (grant_id);

CREATE TABLE refresh_tokens (
  hash BYTEA PRIMARY KEY,
  grant_id BYTEA NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  generation BIGINT NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE access_tokens (
  hash BYTEA PRIMARY KEY,
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  grant_id BYTEA REFERENCES grants (id) ON DELETE CASCADE,   -- null: the client's own (client_credentials)
  scope TEXT COLLATE "C" NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX access_tokens_client ON access_tokens (client_id);
CREATE INDEX access_tokens_grant ON access_tokens (grant_id);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

CREATE TABLE consents (
  person_id BIGINT NOT NULL REFERENCES people (id),
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  version BIGINT NOT NULL,
  data_points TEXT COLLATE "C" NOT NULL,
  since BIGINT NOT NULL,                   -- the first time
  given_at BIGINT NOT NULL,                -- the last time
  PRIMARY KEY (person_id, client_id)
);
CREATE INDEX consents_client ON consents (client_id);

CREATE TABLE parked_requests (
  hash BYTEA PRIMARY KEY,
  door TEXT COLLATE "C" NOT NULL,
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  params TEXT COLLATE "C" NOT NULL,                     -- JSON: pairs of name and value, in order
  version BIGINT NOT NULL,
  parked_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX parked_requests_client ON parked_requests (client_id);
CREATE INDEX parked_requests_expiry ON parked_requests (expires_at);

-- What a person is told on their home page: they were added to or removed from a team.
CREATE TABLE notices (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id BIGINT NOT NULL REFERENCES people (id),
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  added BIGINT NOT NULL,
  app_name TEXT COLLATE "C" NOT NULL,                   -- as it was called then
  actor_id BIGINT REFERENCES people (id),  -- null: the operator
  happened_at BIGINT NOT NULL
);
CREATE INDEX notices_person ON notices (person_id);
CREATE INDEX notices_client ON notices (client_id);

CREATE TABLE logos (
  digest TEXT COLLATE "C" PRIMARY KEY,                  -- SHA-256 in hexadecimal
  put_at BIGINT NOT NULL,
  png BYTEA NOT NULL
);
