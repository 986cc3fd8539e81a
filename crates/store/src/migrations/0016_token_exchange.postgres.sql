-- Token exchange (RFC 8693): a grant that came of another one dies with it. No reference: what is not there is dead.
ALTER TABLE grants ADD COLUMN parent BYTEA;
ALTER TABLE grants ADD COLUMN exchange TEXT COLLATE "C";   -- how deep, and who acts, as JSON
