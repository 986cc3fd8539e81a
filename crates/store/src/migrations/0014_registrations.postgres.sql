-- Apps that registered themselves (RFC 7591), and by what they manage themselves (RFC 7592).
CREATE TABLE registrations (
  client_id TEXT COLLATE "C" PRIMARY KEY REFERENCES apps (client_id) ON DELETE CASCADE,
  token BYTEA NOT NULL,                      -- the hash of the registration access token
  registered_at BIGINT NOT NULL
);
CREATE INDEX registrations_age ON registrations (registered_at);

-- By which others may register apps, where not everybody may.
CREATE TABLE initial_access_tokens (
  hash BYTEA PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  uses_left BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX initial_access_tokens_expiry ON initial_access_tokens (expires_at);
