-- Numbers that may have been given to somebody whom this database does not know any more: the next is above.
CREATE TABLE id_floors (
  name TEXT PRIMARY KEY,
  floor INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
