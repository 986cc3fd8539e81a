-- Of SQLite only. Codes and tokens in the order in which they came, found by an index of their hashes, instead of sorted
-- by their hashes: a hash falls anywhere, so that each new row, and its place in each index beside it, was a page of its own
-- to write. Now that is so for the index of the hashes alone, which is a third as large. Columns and rows are as before.

CREATE TABLE codes_in_order (
  hash BLOB PRIMARY KEY,
  grant_id BLOB NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  redirect_uri TEXT NOT NULL,
  redirect_uri_given INTEGER NOT NULL,
  challenge_method TEXT,
  challenge TEXT,
  expires_at INTEGER NOT NULL,
  redeemed_at INTEGER,
  cnf TEXT
) STRICT;
INSERT INTO codes_in_order SELECT * FROM codes;
DROP TABLE codes;
ALTER TABLE codes_in_order RENAME TO codes;
CREATE INDEX codes_grant ON codes (grant_id);

CREATE TABLE refresh_tokens_in_order (
  hash BLOB PRIMARY KEY,
  grant_id BLOB NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  generation INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  cnf TEXT
) STRICT;
INSERT INTO refresh_tokens_in_order SELECT * FROM refresh_tokens;
DROP TABLE refresh_tokens;
ALTER TABLE refresh_tokens_in_order RENAME TO refresh_tokens;
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE access_tokens_in_order (
  hash BLOB PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  grant_id BLOB REFERENCES grants (id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  cnf TEXT,
  audience TEXT
) STRICT;
INSERT INTO access_tokens_in_order SELECT * FROM access_tokens;
DROP TABLE access_tokens;
ALTER TABLE access_tokens_in_order RENAME TO access_tokens;
CREATE INDEX access_tokens_client ON access_tokens (client_id);
CREATE INDEX access_tokens_grant ON access_tokens (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);
