-- What machines did: one row per machine, day and place, its records packed; pack.go says how. The records of before, one row of JSON
-- each, are packed by days_migrate.go, which then drops their table.

-- What kind of machine one was, as its records say, in JSON: each description once.
CREATE TABLE kind (
    id   INTEGER PRIMARY KEY,
    body TEXT NOT NULL UNIQUE
);

-- Where in the tree of groups a machine was, and how finely it may be described: each combination once. A machine that moves takes no
-- past with it.
CREATE TABLE place (
    id         INTEGER PRIMARY KEY,
    site       INTEGER NOT NULL REFERENCES site,
    site_group INTEGER NOT NULL, -- 0: none
    use        TEXT NOT NULL,
    simulated  INTEGER NOT NULL,
    UNIQUE (site, site_group, use, simulated)
);

-- By date first: what belongs together in time lies together, and goes together when it has served. day is days since 1970-01-01.
-- revision is that of the last change of hours of shared machines and servers, for those who follow them; 0 for personal machines,
-- whose order of arrival is kept nowhere.
CREATE TABLE day (
    day      INTEGER NOT NULL,
    machine  INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (day, machine, place)
) WITHOUT ROWID;

CREATE INDEX day_revision ON day (revision) WHERE revision > 0;
CREATE INDEX day_place ON day (place, day);

-- Few machines were installed anew; roll-ups ask for them often.
CREATE INDEX machine_replaced ON machine (replaced_by) WHERE replaced_by IS NOT NULL;

-- Days that changed since they were rolled up. rolling is 1 while they are being rolled up.
CREATE TABLE stale (
    day     INTEGER PRIMARY KEY,
    rolling INTEGER NOT NULL
);

-- Machines that were found to be an earlier number of another one since the last roll-up, or to be none after all: their days count
-- for another machine than before.
CREATE TABLE rejoined (
    machine INTEGER PRIMARY KEY
);
CREATE TRIGGER machine_rejoined AFTER UPDATE OF replaced_by ON machine WHEN old.replaced_by IS NOT new.replaced_by BEGIN
    INSERT INTO rejoined (machine) SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM rejoined WHERE machine = new.id);
END;

-- The highest number that an erased machine had: no number is given twice, or the audit log would tell of two machines under one.
CREATE TABLE erased (
    last INTEGER NOT NULL
);
INSERT INTO erased VALUES (0);
CREATE TRIGGER machine_erased AFTER DELETE ON machine BEGIN
    UPDATE erased SET last = max(last, old.id);
END;

-- What was left in the series of hours is read from the days themselves.
DELETE FROM point WHERE measurement IN ('hour_energy', 'hour_seconds');

-- Records that could not be accepted. By machine, date and hour, so that their order tells nothing; date is what the record says.
CREATE TABLE quarantine (
    machine INTEGER NOT NULL,
    date    TEXT NOT NULL,
    hour    INTEGER NOT NULL,
    site    INTEGER NOT NULL REFERENCES site,
    came_on TEXT NOT NULL,
    agent   TEXT NOT NULL,
    reason  TEXT NOT NULL,
    record  TEXT NOT NULL,
    PRIMARY KEY (machine, date, hour)
) WITHOUT ROWID;

-- The roll-ups, made from days by collector/rollup. body is a packed collector.Sum: sum.go. Months are counted from January of year 0.
CREATE TABLE group_day (
    day      INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    class    TEXT NOT NULL,
    machines INTEGER NOT NULL,
    top_mwh  INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (day, place, class)
) WITHOUT ROWID;

CREATE TABLE machine_month (
    month       INTEGER NOT NULL,
    machine     INTEGER NOT NULL,
    place       INTEGER NOT NULL,
    class       TEXT NOT NULL,
    sleep_after TEXT NOT NULL,
    body        BLOB NOT NULL,
    PRIMARY KEY (month, machine)
) WITHOUT ROWID;

-- The months of organisations that were fixed, and what may be told of them, of machines of persons by node (collector.Told):
-- days is packed by fixed.go. Whatever comes later, they stay as they are until they have served.
CREATE TABLE fixed (
    organisation INTEGER NOT NULL REFERENCES organisation,
    month        INTEGER NOT NULL,
    on_date      TEXT NOT NULL,
    PRIMARY KEY (organisation, month)
) WITHOUT ROWID;

CREATE TABLE fixed_month (
    organisation INTEGER NOT NULL,
    month        INTEGER NOT NULL,
    place        INTEGER NOT NULL,
    class        TEXT NOT NULL,
    days         BLOB NOT NULL,
    body         BLOB NOT NULL,
    PRIMARY KEY (organisation, month, place, class)
) WITHOUT ROWID;

CREATE TRIGGER fixed_stays BEFORE UPDATE ON fixed BEGIN
    SELECT RAISE(ABORT, 'a month that was fixed does not change');
END;

CREATE TRIGGER fixed_month_stays BEFORE UPDATE ON fixed_month BEGIN
    SELECT RAISE(ABORT, 'a month that was fixed does not change');
END;

CREATE TRIGGER fixed_month_is_whole BEFORE INSERT ON fixed_month
WHEN EXISTS (SELECT 1 FROM fixed f WHERE f.organisation = NEW.organisation AND f.month = NEW.month) BEGIN
    SELECT RAISE(ABORT, 'a month that was fixed does not change');
END;

-- What each run of roll-up and retention did, in JSON (collector.Run): the counters of what was deleted are kept for ever.
CREATE TABLE run (
    id   INTEGER PRIMARY KEY,
    body TEXT NOT NULL
);

-- The day up to which cells are final. One row.
CREATE TABLE closed (
    day INTEGER NOT NULL
);
