-- To whom a code, a refresh token or an access token is bound: the claim cnf (RFC 7800), by the thumbprint of a key
-- (RFC 9449) or of a certificate (RFC 8705). Null: to nobody.
ALTER TABLE codes ADD COLUMN cnf TEXT COLLATE "C";
ALTER TABLE refresh_tokens ADD COLUMN cnf TEXT COLLATE "C";
ALTER TABLE access_tokens ADD COLUMN cnf TEXT COLLATE "C";
