-- What a person proves himself with on the pages. hash is argon2id in the PHC form, its salt and cost within.
CREATE TABLE password (
    user INTEGER PRIMARY KEY REFERENCES user,
    hash TEXT NOT NULL
);

-- A link with which a user chooses a password, once. expires_on is the last date on which it is good.
CREATE TABLE invitation (
    hash       BLOB PRIMARY KEY,
    user       INTEGER NOT NULL REFERENCES user,
    expires_on TEXT NOT NULL
) WITHOUT ROWID;

-- Who has signed in: no moment, and no date but the last on which it is good.
CREATE TABLE session (
    hash       BLOB PRIMARY KEY,
    user       INTEGER NOT NULL REFERENCES user,
    expires_on TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_user ON session (user);

-- A site whose figures everybody may see, by the rules for the public.
ALTER TABLE site ADD COLUMN open INTEGER NOT NULL DEFAULT 0;

CREATE TABLE price (
    organisation INTEGER NOT NULL REFERENCES organisation,
    from_month   TEXT NOT NULL,
    euro_per_kwh REAL NOT NULL,
    tax          TEXT NOT NULL,
    source       TEXT NOT NULL,
    PRIMARY KEY (organisation, from_month)
) WITHOUT ROWID;

-- Factors that an organisation uses in the place of those that come with the program.
CREATE TABLE factor (
    organisation INTEGER NOT NULL REFERENCES organisation,
    id           TEXT NOT NULL,
    value        REAL NOT NULL,
    low          REAL NOT NULL,
    high         REAL NOT NULL,
    unit         TEXT NOT NULL,
    year         INTEGER NOT NULL,
    source       TEXT NOT NULL,
    link         TEXT NOT NULL,
    licence      TEXT NOT NULL,
    verified     INTEGER NOT NULL,
    PRIMARY KEY (organisation, id)
) WITHOUT ROWID;

CREATE TABLE target (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER NOT NULL REFERENCES organisation,
    site         INTEGER REFERENCES site,
    indicator    TEXT NOT NULL,
    value        REAL NOT NULL,
    by_month     TEXT NOT NULL,
    note         TEXT NOT NULL
);

CREATE TABLE action (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER NOT NULL REFERENCES organisation,
    site         INTEGER REFERENCES site,
    site_group   INTEGER REFERENCES site_group,
    name         TEXT NOT NULL,
    measure      TEXT NOT NULL,
    on_date      TEXT NOT NULL,
    base_from    TEXT NOT NULL,
    base_to      TEXT NOT NULL,
    owner        TEXT NOT NULL,
    note         TEXT NOT NULL
);

-- Devices of a site, counted: a line is of those of one class that were bought in one month in one way. bought '' : nobody knows.
CREATE TABLE equipment (
    site   INTEGER NOT NULL REFERENCES site,
    class  TEXT NOT NULL,
    bought TEXT NOT NULL,
    way    TEXT NOT NULL,
    count  INTEGER NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (site, class, bought, way)
) WITHOUT ROWID;
