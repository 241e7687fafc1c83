-- The ledger: who there is, and what was acknowledged.
CREATE TABLE organisation (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE site (
    id           INTEGER PRIMARY KEY,
    organisation INTEGER NOT NULL REFERENCES organisation,
    name         TEXT NOT NULL,
    time_zone    TEXT NOT NULL,
    UNIQUE (organisation, name)
);

-- Tokens and passwords are random and long, so their plain SHA-256 tells nothing of them.
CREATE TABLE token (
    hash       BLOB PRIMARY KEY,
    site       INTEGER NOT NULL REFERENCES site,
    quota      INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used <= quota),
    expires_on TEXT NOT NULL
) WITHOUT ROWID;

-- seen_on is a date: the time of day of an upload is kept nowhere.
CREATE TABLE machine (
    id          INTEGER PRIMARY KEY,
    site        INTEGER NOT NULL REFERENCES site,
    pseudonym   BLOB NOT NULL UNIQUE,
    credential  BLOB NOT NULL UNIQUE,
    use         TEXT NOT NULL,
    enrolled_on TEXT NOT NULL,
    seen_on     TEXT NOT NULL
);

-- One row per machine and day, or hour; hour -1 is the whole day. revision numbers the changes, for those who follow them.
-- site is where the machine was when the record first came: a machine that moves takes no past with it.
CREATE TABLE record (
    machine   INTEGER NOT NULL REFERENCES machine,
    date      TEXT NOT NULL,
    hour      INTEGER NOT NULL,
    site      INTEGER NOT NULL REFERENCES site,
    covered_s INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (machine, date, hour)
) WITHOUT ROWID;

CREATE UNIQUE INDEX record_revision ON record (revision);

-- The number of the last change. It only grows, also when the newest record is deleted.
CREATE TABLE revision (
    last INTEGER NOT NULL
);
INSERT INTO revision VALUES (0);

CREATE TABLE page (
    url      TEXT PRIMARY KEY,
    added_on TEXT NOT NULL,
    next_on  TEXT NOT NULL,
    problem  TEXT NOT NULL
) WITHOUT ROWID;

-- How far each destination has followed the changes.
CREATE TABLE outbox (
    destination TEXT PRIMARY KEY,
    revision    INTEGER NOT NULL
) WITHOUT ROWID;
