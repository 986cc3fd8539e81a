-- How often each thing that nodes keep in memory has changed: raised in the transaction that changes it.
CREATE TABLE changes (
  topic TEXT COLLATE "C" PRIMARY KEY,
  number BIGINT NOT NULL
);

-- SHA-256 of the text, by which a node knows that it has read it before. Null: written by an older program.
ALTER TABLE manifests ADD COLUMN digest BYTEA;
