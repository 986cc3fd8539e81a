-- Review in full: drafts and apps sent back to their team, claims, notes among maintainers; consents with what was left
-- out; test people. 'pending' in apps.standing is every app before its first verdict: the stage says how far it is.
ALTER TABLE apps ADD COLUMN stage TEXT NOT NULL DEFAULT 'submitted' CHECK (stage IN ('draft', 'submitted', 'returned'));
ALTER TABLE apps ADD COLUMN claimed_by INTEGER REFERENCES people (id);
ALTER TABLE apps ADD COLUMN claimed_at INTEGER;
UPDATE apps SET stage = 'returned' WHERE standing = 'rejected';
ALTER TABLE review_events ADD COLUMN for_maintainers INTEGER NOT NULL DEFAULT 0;

ALTER TABLE consents ADD COLUMN declined TEXT NOT NULL DEFAULT '';   -- optional data points that were left out
ALTER TABLE consents ADD COLUMN scopes TEXT NOT NULL DEFAULT '';     -- of APIs

-- The app that a test person was made for; null of everybody else. No reference: the person outlives a deleted app.
ALTER TABLE people ADD COLUMN test_of TEXT;
CREATE INDEX people_test ON people (test_of, id);

-- What a name looks like, so that a reviewer sees who else is called nearly so; empty of versions made before.
ALTER TABLE manifests ADD COLUMN look TEXT NOT NULL DEFAULT '';
CREATE INDEX manifests_look ON manifests (look);
