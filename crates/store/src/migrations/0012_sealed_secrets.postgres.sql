-- The secret itself, sealed, of an app that proves itself by HMAC (client_secret_jwt): a hash cannot check one. Null: not kept.
ALTER TABLE client_secrets ADD COLUMN sealed BYTEA;
