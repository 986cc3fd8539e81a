-- Teams: somebody is invited and accepts; an app has an owner, who may be another than its creator.
-- The same for PostgreSQL stands in 0007_team.postgres.sql.

ALTER TABLE apps ADD COLUMN owner_id INTEGER REFERENCES people (id);   -- null: the creator
CREATE INDEX apps_owner ON apps (owner_id);

-- What a person has yet to answer: whether they join a team, or, being on it, become the app's owner.
CREATE TABLE invitations (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  person_id INTEGER NOT NULL REFERENCES people (id),
  as_owner INTEGER NOT NULL,
  invited_by INTEGER NOT NULL REFERENCES people (id),
  invited_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (client_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitations_person ON invitations (person_id);
CREATE INDEX invitations_inviter ON invitations (invited_by);
CREATE INDEX invitations_expiry ON invitations (expires_at);

-- What people are told has more kinds than two.
ALTER TABLE notices ADD COLUMN what TEXT NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN about TEXT NOT NULL DEFAULT '';         -- the username of whom it concerns, if another
UPDATE notices SET what = CASE added WHEN 1 THEN 'added' ELSE 'removed' END;
ALTER TABLE notices DROP COLUMN added;

-- A signed-in browser, as its person knows it again.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';       -- in words: the browser and the system
ALTER TABLE sessions ADD COLUMN last_active_at INTEGER;                -- to five minutes
