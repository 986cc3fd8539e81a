-- OpenID Connect: what a sign-in was asked for, and in which session.

-- The session's hash: who signs out ends what their apps' sessions stand on. Null: made before this migration.
ALTER TABLE grants ADD COLUMN session BYTEA;
-- JSON: nonce, claims and sid of an OpenID request. Null: plain OAuth.
ALTER TABLE grants ADD COLUMN openid TEXT COLLATE "C";
-- A maintainer's mark: may have tokens from the authorisation endpoint (implicit, hybrid).
ALTER TABLE apps ADD COLUMN legacy_implicit BIGINT NOT NULL DEFAULT 0;

-- What this instance drew for itself once and for all. It opens nothing: by it pairwise subjects are made.
CREATE TABLE instance_secrets (
  name TEXT COLLATE "C" PRIMARY KEY,
  secret BYTEA NOT NULL
);
