-- Points are brought to destinations by outboxes: how far each has come, how it is doing, and what it cannot bring.
DROP TABLE outbox; -- how far the series of earlier releases were filled, which are read from the records now

-- How far a destination has followed a stream of changes. settled <= acked; both only grow but for Rewind and DeliverAgain.
CREATE TABLE outbox_position (
    destination TEXT NOT NULL,
    stream      TEXT NOT NULL,
    acked       INTEGER NOT NULL,
    settled     INTEGER NOT NULL,
    PRIMARY KEY (destination, stream)
) WITHOUT ROWID;

-- How a destination is doing (collector.Delivery). asked grows each time that a person asks for something: the outbox then looks anew.
-- refused_gone are the points in quarantine that made room for others. advice is one sentence a line.
CREATE TABLE outbox_delivery (
    destination  TEXT PRIMARY KEY,
    behind       INTEGER NOT NULL DEFAULT 0,
    lag_s        INTEGER NOT NULL DEFAULT 0,
    delivered    INTEGER NOT NULL DEFAULT 0,
    stopped      INTEGER NOT NULL DEFAULT 0,
    error        TEXT NOT NULL DEFAULT '',
    cause        TEXT NOT NULL DEFAULT '',
    advice       TEXT NOT NULL DEFAULT '',
    compared_on  TEXT NOT NULL DEFAULT '',
    differences  INTEGER NOT NULL DEFAULT 0,
    still        INTEGER NOT NULL DEFAULT 0,
    comparison   TEXT NOT NULL DEFAULT '',
    restarts     INTEGER NOT NULL DEFAULT 0,
    restarted_on TEXT NOT NULL DEFAULT '',
    whole_on     TEXT NOT NULL DEFAULT '',
    lost_from    TEXT NOT NULL DEFAULT '',
    lost_to      TEXT NOT NULL DEFAULT '',
    said_s       INTEGER NOT NULL DEFAULT 0,
    asked        INTEGER NOT NULL DEFAULT 0,
    refused_gone INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Points that a destination never takes. point is a line of line protocol, each once.
CREATE TABLE outbox_refused (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    destination TEXT NOT NULL,
    on_date     TEXT NOT NULL,
    measurement TEXT NOT NULL,
    point       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    UNIQUE (destination, point)
);

-- What destinations are to delete, until none has anything of it any more: of machines that were erased, or became a person's, and of websites
-- that were removed. gone is the name of the tag that points have of it, number its value.
CREATE TABLE tombstone (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    gone    TEXT NOT NULL CHECK (gone IN ('machine', 'website')),
    number  INTEGER NOT NULL,
    on_date TEXT NOT NULL
);

-- Who follows runs of websites by their numbers would miss one that is given a number anew.
CREATE TABLE web_run_numbered (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    website INTEGER NOT NULL REFERENCES website,
    at      INTEGER NOT NULL,
    method  INTEGER NOT NULL REFERENCES web_method,
    body    BLOB NOT NULL,
    audit   BLOB,
    UNIQUE (website, at)
);
INSERT INTO web_run_numbered (id, website, at, method, body, audit) SELECT id, website, at, method, body, audit FROM web_run;
DROP TABLE web_run;
ALTER TABLE web_run_numbered RENAME TO web_run;
CREATE INDEX web_run_website ON web_run (website); -- the row's number comes after it: the last run is the one kept last
