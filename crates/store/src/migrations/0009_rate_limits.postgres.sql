-- How often something may be tried: until when what was spent is used up, in milliseconds since 1970.
CREATE TABLE rate_limits (
  bucket BYTEA PRIMARY KEY,                 -- SHA-256 of what is counted
  spent_until BIGINT NOT NULL
);
CREATE INDEX rate_limits_end ON rate_limits (spent_until);
