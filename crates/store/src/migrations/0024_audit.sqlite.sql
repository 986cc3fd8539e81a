-- Every administrative act, each event tied to the one before it by a hash. No references: it outlives what it tells of.
CREATE TABLE audit_events (
  number INTEGER PRIMARY KEY,             -- from 1, none left out
  happened_at INTEGER NOT NULL,
  act TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  address TEXT,
  request TEXT,
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  was TEXT NOT NULL,                      -- JSON
  became TEXT NOT NULL,                   -- JSON
  previous BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_events_subject ON audit_events (subject_kind, subject_id, number);
CREATE INDEX audit_events_actor ON audit_events (actor_kind, actor_id, number);

-- Where the chain ends: whoever adds to it moves this on, so that one adds after another.
CREATE TABLE audit_heads (
  chain TEXT PRIMARY KEY,
  number INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;
