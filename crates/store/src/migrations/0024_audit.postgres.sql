-- Every administrative act, each event tied to the one before it by a hash. No references: it outlives what it tells of.
CREATE TABLE audit_events (
  number BIGINT PRIMARY KEY,             -- from 1, none left out
  happened_at BIGINT NOT NULL,
  act TEXT COLLATE "C" NOT NULL,
  actor_kind TEXT COLLATE "C" NOT NULL,
  actor_id TEXT COLLATE "C" NOT NULL,
  actor_name TEXT COLLATE "C" NOT NULL,
  address TEXT COLLATE "C",
  request TEXT COLLATE "C",
  subject_kind TEXT COLLATE "C" NOT NULL,
  subject_id TEXT COLLATE "C" NOT NULL,
  subject_name TEXT COLLATE "C" NOT NULL,
  was TEXT COLLATE "C" NOT NULL,                      -- JSON
  became TEXT COLLATE "C" NOT NULL,                   -- JSON
  previous BYTEA NOT NULL,
  hash BYTEA NOT NULL
);
CREATE INDEX audit_events_subject ON audit_events (subject_kind, subject_id, number);
CREATE INDEX audit_events_actor ON audit_events (actor_kind, actor_id, number);

-- Where the chain ends: whoever adds to it moves this on, so that one adds after another.
CREATE TABLE audit_heads (
  chain TEXT COLLATE "C" PRIMARY KEY,
  number BIGINT NOT NULL,
  hash BYTEA NOT NULL
);
