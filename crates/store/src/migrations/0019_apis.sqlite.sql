-- APIs that take our access tokens (RFC 8707), what apps ask of them, and for whom a token is.
CREATE TABLE resources (
  id TEXT PRIMARY KEY,
  uri TEXT NOT NULL,                        -- as it was registered
  uri_normal TEXT NOT NULL UNIQUE,          -- as the same one is always written
  owner_id INTEGER NOT NULL REFERENCES people (id),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  format TEXT NOT NULL CHECK (format IN ('opaque', 'jwt')),
  signing_alg TEXT NOT NULL,
  token_seconds INTEGER NOT NULL,
  max_age INTEGER,                                 -- in seconds; null: however long ago somebody signed in
  introspected_by TEXT REFERENCES apps (client_id) ON DELETE SET NULL,
  is_open INTEGER NOT NULL,                        -- whether apps need no consent of its owner
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX resources_owner ON resources (owner_id, id);
CREATE INDEX resources_app ON resources (introspected_by);

-- Everything that an app can ask of an API, by a name that is there once: its identifier, its scopes, and its types of
-- authorization_details (RFC 9396).
CREATE TABLE resource_names (
  name TEXT PRIMARY KEY,
  resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('uri', 'scope', 'details')),
  description TEXT NOT NULL,
  details_schema TEXT                          -- of a type
) STRICT, WITHOUT ROWID;
CREATE INDEX resource_names_resource ON resource_names (resource_id, position);

-- What apps ask of APIs, and what the APIs' owners say to it. No reference to the name: an app may ask before there is one.
CREATE TABLE app_scopes (
  client_id TEXT NOT NULL REFERENCES apps (client_id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  approved INTEGER,                                -- null: nobody has decided
  decided_by INTEGER REFERENCES people (id),
  decided_at INTEGER,
  comment TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (client_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_scopes_name ON app_scopes (name, client_id);

ALTER TABLE grants ADD COLUMN apis TEXT;          -- what it is about APIs beside its scope; null: nothing
ALTER TABLE access_tokens ADD COLUMN audience TEXT; -- for whom it is; null: our own endpoints
ALTER TABLE consents ADD COLUMN declined_scopes TEXT NOT NULL DEFAULT '';
