-- Web sites and single pages that are measured. websites_migrate.go brings the pages and the scores of before into these tables, and drops
-- theirs.

-- rules is a collector.WebsiteRules in JSON; url is the one in it. A number is never given twice.
CREATE TABLE website (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER REFERENCES organisation, -- NULL: nobody knows whose it is
    site         INTEGER REFERENCES site,         -- of the organisation, whose own it is; NULL: of all of it
    kind         TEXT NOT NULL CHECK (kind IN ('site', 'page')),
    name         TEXT NOT NULL CHECK (name <> ''),
    url          TEXT NOT NULL CHECK (url <> ''),
    contact      TEXT NOT NULL,
    rules        TEXT NOT NULL,
    every_days   INTEGER NOT NULL CHECK (every_days BETWEEN 1 AND 365),
    open         INTEGER NOT NULL CHECK (open IN (0, 1)),
    added_on     TEXT NOT NULL,
    next_on      TEXT NOT NULL,
    asked        INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)),
    tries        INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    problem      TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX website_name ON website (coalesce(organisation, 0), name);
CREATE UNIQUE INDEX website_url ON website (coalesce(organisation, 0), url, kind);
CREATE INDEX website_asked ON website (id) WHERE asked = 1;

-- How something was measured: each combination once.
CREATE TABLE web_method (
    id       INTEGER PRIMARY KEY,
    mode     TEXT NOT NULL CHECK (mode IN ('two-speed', 'static', 'browser')),
    protocol TEXT NOT NULL,
    version  TEXT NOT NULL, -- '': of a program that did not say it
    UNIQUE (mode, protocol, version)
);

-- Addresses of pages, so that rows of the history hold a number only. first_at is no later than its oldest score; NULL: it has none.
CREATE TABLE web_address (
    id       INTEGER PRIMARY KEY,
    website  INTEGER NOT NULL REFERENCES website,
    url      TEXT NOT NULL CHECK (url <> ''),
    first_at INTEGER,
    UNIQUE (website, url)
);
CREATE INDEX web_address_first ON web_address (first_at) WHERE first_at IS NOT NULL;

-- Measures of websites. Moments are seconds since 1970, UTC. body is a run's figures, packed: webpack.go. audit comes last, so that who does not
-- want it does not read it, and only the last run of a website has one.
CREATE TABLE web_run (
    id      INTEGER PRIMARY KEY,
    website INTEGER NOT NULL REFERENCES website,
    at      INTEGER NOT NULL,
    method  INTEGER NOT NULL REFERENCES web_method,
    body    BLOB NOT NULL,
    audit   BLOB,
    UNIQUE (website, at)
);
CREATE INDEX web_run_website ON web_run (website); -- the row's number comes after it: the last run is the one kept last

-- Pages as the last run of their website found them. at is NULL where no figures hold.
CREATE TABLE web_page (
    address          INTEGER PRIMARY KEY REFERENCES web_address,
    template         INTEGER NOT NULL,
    score            REAL NOT NULL CHECK (score BETWEEN 0 AND 100),
    dom              INTEGER NOT NULL CHECK (dom >= 0),
    requests         INTEGER NOT NULL CHECK (requests >= 0),
    size_kb          REAL NOT NULL CHECK (size_kb >= 0),
    browser_dom      INTEGER CHECK (browser_dom >= 0),
    browser_requests INTEGER CHECK (browser_requests >= 0),
    browser_size_kb  REAL CHECK (browser_size_kb >= 0),
    at               INTEGER,
    seen_at          INTEGER,
    code             TEXT NOT NULL,
    problem          TEXT NOT NULL,
    CHECK ((browser_dom IS NULL) = (browser_requests IS NULL) AND (browser_dom IS NULL) = (browser_size_kb IS NULL))
);

-- What those pages could do better, packed. It is apart, so that a list of pages does not read it.
CREATE TABLE web_audit (
    address INTEGER PRIMARY KEY REFERENCES web_page,
    body    BLOB NOT NULL
);

-- The history of pages, also of those that are gone. What belongs to one page lies together.
CREATE TABLE web_score (
    address  INTEGER NOT NULL REFERENCES web_address,
    at       INTEGER NOT NULL,
    method   INTEGER NOT NULL REFERENCES web_method,
    dom      INTEGER NOT NULL CHECK (dom >= 0),
    requests INTEGER NOT NULL CHECK (requests >= 0),
    size_kb  REAL NOT NULL CHECK (size_kb >= 0),
    raw      REAL NOT NULL CHECK (raw BETWEEN 0 AND 100),
    PRIMARY KEY (address, at)
) WITHOUT ROWID;

-- Hosts of an intranet that an administrator lets be measured, by organisation.
CREATE TABLE web_host (
    organisation INTEGER NOT NULL REFERENCES organisation,
    host         TEXT NOT NULL CHECK (host <> ''),
    PRIMARY KEY (organisation, host)
) WITHOUT ROWID;
