-- Our own keys: for signing, and for what is encrypted to us. Which of an algorithm's keys is next, current or retired follows
-- from these moments alone, so every node sees it change at the same second.
CREATE TABLE signing_keys (
  kid TEXT COLLATE "C" PRIMARY KEY,                     -- the public key's RFC 7638 thumbprint
  algorithm TEXT COLLATE "C" NOT NULL,                  -- RS256, ..., RSA-OAEP-256, ...
  generation BIGINT NOT NULL,              -- from 1, one more with each rotation
  sealed BYTEA NOT NULL,                     -- the private key in PKCS#8, encrypted (AES-256-GCM)
  created_at BIGINT NOT NULL,
  active_at BIGINT NOT NULL,               -- from when it signs
  ends_at BIGINT,                          -- from when it is of no use; null: no key follows it yet
  UNIQUE (algorithm, generation)
);
