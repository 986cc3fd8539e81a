-- Numbers that may have been given to somebody whom this database does not know any more: the next is above.
CREATE TABLE id_floors (
  name TEXT COLLATE "C" PRIMARY KEY,
  floor BIGINT NOT NULL
);
