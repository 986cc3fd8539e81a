-- Teams: somebody is invited and accepts; an app has an owner, who may be another than its creator.
-- The same for SQLite stands in 0007_team.sqlite.sql.

ALTER TABLE apps ADD COLUMN owner_id BIGINT REFERENCES people (id);   -- null: the creator
CREATE INDEX apps_owner ON apps (owner_id);

-- What a person has yet to answer: whether they join a team, or, being on it, become the app's owner.
CREATE TABLE invitations (
  client_id TEXT COLLATE "C" NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  person_id BIGINT NOT NULL REFERENCES people (id),
  as_owner BIGINT NOT NULL,
  invited_by BIGINT NOT NULL REFERENCES people (id),
  invited_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (client_id, person_id)
);
CREATE INDEX invitations_person ON invitations (person_id);
CREATE INDEX invitations_inviter ON invitations (invited_by);
CREATE INDEX invitations_expiry ON invitations (expires_at);

-- What people are told has more kinds than two.
ALTER TABLE notices ADD COLUMN what TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN about TEXT COLLATE "C" NOT NULL DEFAULT '';         -- the username of whom it concerns, if another
UPDATE notices SET what = CASE added WHEN 1 THEN 'added' ELSE 'removed' END;
ALTER TABLE notices DROP COLUMN added;

-- A signed-in browser, as its person knows it again.
ALTER TABLE sessions ADD COLUMN device TEXT COLLATE "C" NOT NULL DEFAULT '';       -- in words: the browser and the system
ALTER TABLE sessions ADD COLUMN last_active_at BIGINT;                -- to five minutes
