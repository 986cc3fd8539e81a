-- The oldest program that may work beside a migration: the number of the newest migration that it knows. A node that finds
-- steps it does not know goes on where all of them say so, and stops otherwise.
CREATE TABLE migration_floors (
  number BIGINT PRIMARY KEY,
  oldest_node BIGINT NOT NULL
);
