-- Apps that registered themselves (RFC 7591), and by what they manage themselves (RFC 7592).
CREATE TABLE registrations (
  client_id TEXT PRIMARY KEY REFERENCES apps (client_id) ON DELETE CASCADE,
  token BLOB NOT NULL,                      -- the hash of the registration access token
  registered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX registrations_age ON registrations (registered_at);

-- By which others may register apps, where not everybody may.
CREATE TABLE initial_access_tokens (
  hash BLOB PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  uses_left INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX initial_access_tokens_expiry ON initial_access_tokens (expires_at);
