-- How often something may be tried: until when what was spent is used up, in milliseconds since 1970.
CREATE TABLE rate_limits (
  bucket BLOB PRIMARY KEY,                  -- SHA-256 of what is counted
  spent_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rate_limits_end ON rate_limits (spent_until);
