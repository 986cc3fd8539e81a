-- Apps that are known by the address of a document about them (OAuth Client ID Metadata Document).
CREATE TABLE client_documents (
  client_id TEXT COLLATE "C" PRIMARY KEY REFERENCES apps (client_id) ON DELETE CASCADE,
  digest BYTEA NOT NULL,                     -- SHA-256 of the document as it was read last
  found_at BIGINT NOT NULL,                  -- when the app came to be known
  read_at BIGINT NOT NULL,                   -- when the document was read last
  fresh_until BIGINT NOT NULL                -- until when it is not read again
);
