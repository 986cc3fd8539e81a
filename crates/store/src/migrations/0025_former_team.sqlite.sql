-- Who was on an app's team and is not any more: of an app that changes itself, they may still hold what it does so by.
CREATE TABLE former_team (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  person_id INTEGER NOT NULL REFERENCES people (id),
  left_at INTEGER NOT NULL,
  PRIMARY KEY (client_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_team_person ON former_team (person_id);

-- What people were told is forgotten after a while, the oldest first.
CREATE INDEX notices_happened ON notices (happened_at);
