-- Which lines are meters, and of what. tags are "name=value", by_tags names, sorted, each after the other with the unit separator between. since is
-- when the rule was added, in milliseconds since 1970. A rule is barred when the machine behind its plug became a person's or was erased: for ever,
-- so that no wider rule takes its lines. A machine that is erased takes what its plug said with it, and the name.
CREATE TABLE meter_rule (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    site        INTEGER NOT NULL REFERENCES site,
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    measurement TEXT NOT NULL,
    tags        TEXT NOT NULL,
    by_tags     TEXT NOT NULL,
    field       TEXT NOT NULL,
    unit        TEXT NOT NULL,
    machine     INTEGER REFERENCES machine,
    added_on    TEXT NOT NULL,
    since       INTEGER NOT NULL,
    removed_on  TEXT NOT NULL DEFAULT '',
    barred      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX meter_rule_site ON meter_rule (site);
CREATE INDEX meter_rule_machine ON meter_rule (machine);

-- tag_values are those of the rule's by_tags, as those are written. past is what is left of samples that were deleted, in JSON: see collector.MeterPast.
CREATE TABLE meter (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    rule       INTEGER NOT NULL REFERENCES meter_rule ON DELETE CASCADE,
    tag_values TEXT NOT NULL,
    past       TEXT NOT NULL DEFAULT '',
    UNIQUE (rule, tag_values)
);

CREATE TABLE meter_token (
    hash       BLOB PRIMARY KEY,
    site       INTEGER NOT NULL REFERENCES site,
    note       TEXT NOT NULL,
    created_on TEXT NOT NULL,
    expires_on TEXT NOT NULL,
    revoked_on TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- What came, post by post. It goes when it is folded into blocks and every destination has it.
CREATE TABLE meter_post (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    bytes INTEGER NOT NULL, -- of body
    body  BLOB NOT NULL
);

-- What one meter said on one day in UTC, counted from 1970.
CREATE TABLE meter_block (
    meter   INTEGER NOT NULL REFERENCES meter ON DELETE CASCADE,
    day     INTEGER NOT NULL,
    samples INTEGER NOT NULL, -- in body
    body    BLOB NOT NULL,
    PRIMARY KEY (meter, day)
) WITHOUT ROWID;
CREATE INDEX meter_block_day ON meter_block (day, meter, samples);

-- Days in UTC whose blocks have changed since the accounts of days were made.
CREATE TABLE meter_stale (
    meter INTEGER NOT NULL REFERENCES meter ON DELETE CASCADE,
    day   INTEGER NOT NULL,
    PRIMARY KEY (meter, day)
) WITHOUT ROWID;

-- What a meter counted on a date of its site.
CREATE TABLE meter_day (
    meter     INTEGER NOT NULL REFERENCES meter ON DELETE CASCADE,
    date      TEXT NOT NULL,
    wh        REAL NOT NULL,
    covered_s INTEGER NOT NULL,
    samples   INTEGER NOT NULL,
    resets    INTEGER NOT NULL,
    PRIMARY KEY (meter, date)
) WITHOUT ROWID;
CREATE INDEX meter_day_date ON meter_day (date);

-- One row. rules grows with each change of a rule; posts up to folded are in blocks; turn grows with each change of blocks, so that two that
-- fold at once find each other.
CREATE TABLE meter_state (
    rules  INTEGER NOT NULL,
    folded INTEGER NOT NULL,
    turn   INTEGER NOT NULL
);
INSERT INTO meter_state (rules, folded, turn) VALUES (0, 0, 0);

CREATE TRIGGER machine_plug BEFORE DELETE ON machine WHEN EXISTS (SELECT 1 FROM meter_rule WHERE machine = old.id) BEGIN
    DELETE FROM meter WHERE rule IN (SELECT id FROM meter_rule WHERE machine = old.id);
    UPDATE meter_rule SET machine = NULL, barred = 1, name = '(erased)' WHERE machine = old.id;
    UPDATE meter_state SET rules = rules + 1, turn = turn + 1;
END;
