-- Signed tokens that may be used once and have been (RFC 7523 section 3, RFC 9449 section 11.1), until they have ended.
CREATE TABLE used_jtis (
  hash BLOB PRIMARY KEY,                    -- of the maker and the token's own name
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_jtis_expiry ON used_jtis (expires_at);
