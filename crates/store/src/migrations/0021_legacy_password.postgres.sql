-- Whether an app may ask people for their password itself (RFC 6749 section 4.3), as a maintainer marks it.
ALTER TABLE apps ADD COLUMN legacy_password BIGINT NOT NULL DEFAULT 0;
