-- Apps that are known by the address of a document about them (OAuth Client ID Metadata Document).
CREATE TABLE client_documents (
  client_id TEXT PRIMARY KEY REFERENCES apps (client_id) ON DELETE CASCADE,
  digest BLOB NOT NULL,                     -- SHA-256 of the document as it was read last
  found_at INTEGER NOT NULL,                -- when the app came to be known
  read_at INTEGER NOT NULL,                 -- when the document was read last
  fresh_until INTEGER NOT NULL              -- until when it is not read again
) STRICT, WITHOUT ROWID;
