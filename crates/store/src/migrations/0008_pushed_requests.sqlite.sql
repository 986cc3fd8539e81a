-- Authorisation requests that a client pushed before it sends the browser (RFC 9126).
CREATE TABLE pushed_requests (
  hash BLOB PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  params TEXT NOT NULL,                     -- JSON: pairs of name and value, in order
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pushed_requests_client ON pushed_requests (client_id);
CREATE INDEX pushed_requests_expiry ON pushed_requests (expires_at);
-- The pushed request that a waiting one came of: it ends with it. Null: none.
ALTER TABLE parked_requests ADD COLUMN pushed BLOB;
