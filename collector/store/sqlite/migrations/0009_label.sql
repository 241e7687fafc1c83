-- What others know an organisation and its sites by: '' where nobody has said.
ALTER TABLE organisation ADD COLUMN siren TEXT NOT NULL DEFAULT '';
ALTER TABLE organisation ADD COLUMN open_data INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organisation ADD COLUMN licence TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN commune TEXT NOT NULL DEFAULT '';

-- Until when an action goes on, what it was to save in a year, and the line of the label report that it is to move.
ALTER TABLE action ADD COLUMN until_date TEXT NOT NULL DEFAULT '';
ALTER TABLE action ADD COLUMN expected_kwh REAL NOT NULL DEFAULT 0;
ALTER TABLE action ADD COLUMN serves TEXT NOT NULL DEFAULT '';

-- Devices that are not in service are counted too. state '' : in service; left_month and end are of those that were retired, '' where nobody knows.
CREATE TABLE equipment_now (
    site       INTEGER NOT NULL REFERENCES site,
    class      TEXT NOT NULL,
    bought     TEXT NOT NULL,
    way        TEXT NOT NULL,
    state      TEXT NOT NULL,
    ecolabel   INTEGER NOT NULL,
    left_month TEXT NOT NULL,
    end        TEXT NOT NULL,
    count      INTEGER NOT NULL,
    source     TEXT NOT NULL,
    PRIMARY KEY (site, class, bought, way, state, ecolabel, left_month, end)
) WITHOUT ROWID;
INSERT INTO equipment_now SELECT site, class, bought, way, '', 0, '', '', count, source FROM equipment;
DROP TABLE equipment;
ALTER TABLE equipment_now RENAME TO equipment;

-- Numbers that people state, for whole months.
CREATE TABLE quantity (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER NOT NULL REFERENCES organisation,
    site         INTEGER REFERENCES site, -- NULL: of all of it
    name         TEXT NOT NULL,
    from_month   TEXT NOT NULL,
    to_month     TEXT NOT NULL,
    value        REAL NOT NULL,
    source       TEXT NOT NULL,
    owner        TEXT NOT NULL,
    note         TEXT NOT NULL
);
CREATE UNIQUE INDEX quantity_once ON quantity (organisation, name, coalesce(site, 0), from_month, to_month);

-- A number is never given twice: evidence and remarks name steps and actions by it.
CREATE TABLE step (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER NOT NULL REFERENCES organisation,
    kind         TEXT NOT NULL,
    on_date      TEXT NOT NULL,
    title        TEXT NOT NULL,
    owner        TEXT NOT NULL,
    note         TEXT NOT NULL
);

-- Where what a report says can be looked up. about is the line, the item, 'action 3' or 'step 2'.
CREATE TABLE evidence (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER NOT NULL REFERENCES organisation,
    about        TEXT NOT NULL,
    title        TEXT NOT NULL,
    place        TEXT NOT NULL,
    on_date      TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    note         TEXT NOT NULL
);
CREATE INDEX evidence_about ON evidence (organisation, about);

CREATE TABLE remark (
    organisation   INTEGER NOT NULL REFERENCES organisation,
    about          TEXT NOT NULL,
    text           TEXT NOT NULL,
    not_applicable INTEGER NOT NULL,
    by_function    TEXT NOT NULL,
    on_date        TEXT NOT NULL,
    PRIMARY KEY (organisation, about)
) WITHOUT ROWID;

-- What meters of buildings counted, from a date to another, both included.
CREATE TABLE meter_reading (
    site      INTEGER NOT NULL REFERENCES site,
    meter     TEXT NOT NULL,
    from_date TEXT NOT NULL,
    to_date   TEXT NOT NULL,
    kwh       REAL NOT NULL,
    source    TEXT NOT NULL,
    PRIMARY KEY (site, meter, from_date, to_date)
) WITHOUT ROWID;

-- The last grid of the RGESN that people have validated for a website. criteria is JSON.
CREATE TABLE rgesn_grid (
    website  INTEGER PRIMARY KEY REFERENCES website,
    on_date  TEXT NOT NULL,
    source   TEXT NOT NULL,
    criteria TEXT NOT NULL
);

CREATE TABLE template (
    organisation INTEGER NOT NULL REFERENCES organisation,
    id           TEXT NOT NULL,
    version      TEXT NOT NULL,
    added_on     TEXT NOT NULL,
    text         TEXT NOT NULL,
    PRIMARY KEY (organisation, id)
);

-- Reports as they were on a day. body comes last, so that a list does not read it.
CREATE TABLE snapshot (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER NOT NULL REFERENCES organisation,
    template     TEXT NOT NULL,
    from_month   TEXT NOT NULL,
    to_month     TEXT NOT NULL,
    made_on      TEXT NOT NULL,
    method       TEXT NOT NULL,
    simulated    INTEGER NOT NULL,
    sha256       TEXT NOT NULL,
    body         BLOB NOT NULL
);
CREATE UNIQUE INDEX snapshot_once ON snapshot (organisation, sha256);

-- What machines did before an action. It goes with its action, and not before.
CREATE TABLE baseline (
    action  INTEGER PRIMARY KEY REFERENCES action ON DELETE CASCADE,
    kept_on TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    body    BLOB NOT NULL
);

-- This holds whoever writes through SQLite; not whoever writes the file. A replacement deletes what was there without asking, so it is refused on
-- its own.
CREATE TRIGGER snapshot_update BEFORE UPDATE ON snapshot BEGIN
    SELECT raise(ABORT, 'a report that was kept is never changed');
END;
CREATE TRIGGER snapshot_replace BEFORE INSERT ON snapshot
WHEN EXISTS (SELECT 1 FROM snapshot WHERE id = new.id OR organisation = new.organisation AND sha256 = new.sha256) BEGIN
    SELECT raise(ABORT, 'a report that was kept is never replaced');
END;
CREATE TRIGGER snapshot_delete BEFORE DELETE ON snapshot BEGIN
    SELECT raise(ABORT, 'a report that was kept is never removed');
END;
CREATE TRIGGER baseline_update BEFORE UPDATE ON baseline BEGIN
    SELECT raise(ABORT, 'a baseline that was kept is never changed');
END;
CREATE TRIGGER baseline_replace BEFORE INSERT ON baseline WHEN EXISTS (SELECT 1 FROM baseline WHERE action = new.action) BEGIN
    SELECT raise(ABORT, 'a baseline that was kept is never replaced');
END;
CREATE TRIGGER baseline_delete BEFORE DELETE ON baseline WHEN EXISTS (SELECT 1 FROM action WHERE id = old.action) BEGIN
    SELECT raise(ABORT, 'a baseline goes with its action, and not before');
END;
