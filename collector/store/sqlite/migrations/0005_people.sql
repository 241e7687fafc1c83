-- Parts of a site: a building, or a type of room. The number of a group is never given again, and a group that was removed stays, since
-- what its machines did is kept under its number.
CREATE TABLE site_group (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    site       INTEGER NOT NULL REFERENCES site,
    kind       TEXT NOT NULL CHECK (kind IN ('building', 'room')),
    name       TEXT NOT NULL,
    removed_on TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX site_group_name ON site_group (site, name) WHERE removed_on = '';

-- The group that a machine is in, and that in which a token puts those that it enrols; NULL: none.
ALTER TABLE machine ADD COLUMN site_group INTEGER REFERENCES site_group;
ALTER TABLE token ADD COLUMN site_group INTEGER REFERENCES site_group;
CREATE INDEX machine_site_group ON machine (site_group) WHERE site_group IS NOT NULL;

-- Named persons. roles are words separated by commas, sorted; site is the only one that it may see, NULL for all of the organisation.
-- A name is given once in the collector, capitals or not, and not to another person while the audit log may say it. What a person proves himself with is kept apart, each kind
-- in a table of its own.
CREATE TABLE user (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER NOT NULL REFERENCES organisation,
    name         TEXT NOT NULL COLLATE NOCASE UNIQUE,
    roles        TEXT NOT NULL,
    site         INTEGER REFERENCES site,
    added_on     TEXT NOT NULL,
    removed_on   TEXT NOT NULL DEFAULT ''
);

-- Keys of the API are random and long, so their plain SHA-256 tells nothing of them.
CREATE TABLE user_key (
    hash       BLOB PRIMARY KEY,
    user       INTEGER NOT NULL REFERENCES user,
    created_on TEXT NOT NULL,
    expires_on TEXT NOT NULL, -- the first date on which it is refused
    revoked_on TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- Who did what, on which date; never at which time. organisation 0 is the whole collector.
CREATE TABLE audit (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    date         TEXT NOT NULL,
    organisation INTEGER NOT NULL,
    who          TEXT NOT NULL,
    what         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    reason       TEXT NOT NULL
);

-- Entries are added, and go when they are twelve months old. This holds whoever writes through SQLite; not whoever writes the file.
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'an entry of the audit log is never changed');
END;
CREATE TRIGGER audit_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id) BEGIN
    SELECT raise(ABORT, 'an entry of the audit log is never replaced');
END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit WHEN old.date > date('now', '-12 months') BEGIN
    SELECT raise(ABORT, 'an entry of the audit log is kept for twelve months');
END;

-- Which organisation had a page measured. The pages of before are those of the only organisation there is; where there are several,
-- nobody knows whose they are.
CREATE TABLE organisation_page (
    organisation INTEGER NOT NULL REFERENCES organisation,
    url          TEXT NOT NULL REFERENCES page,
    PRIMARY KEY (organisation, url)
) WITHOUT ROWID;
INSERT INTO organisation_page SELECT organisation.id, page.url FROM organisation, page WHERE (SELECT count(*) FROM organisation) = 1;
