-- Jobs that only one collector does at a time: until is when the right to do it ends, in seconds since 1970 by the clock of the database.
CREATE TABLE lease (
    job    TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  REAL NOT NULL
) WITHOUT ROWID;
