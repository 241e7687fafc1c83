-- When each site is open, and what it asks of its agents beyond that, as collector.Calendar and collector.Limits in JSON. A site
-- that nobody has said anything of has no row.
CREATE TABLE calendar (
    site     INTEGER PRIMARY KEY REFERENCES site,
    calendar TEXT NOT NULL DEFAULT '{}',
    limits   TEXT NOT NULL DEFAULT '{}'
);

-- The policy that each site's agents were given last, without its number. A number is never given twice.
CREATE TABLE policy (
    site   INTEGER PRIMARY KEY REFERENCES site,
    serial INTEGER NOT NULL,
    body   BLOB NOT NULL
);

-- What a notice says of who answers for the data.
ALTER TABLE organisation ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE organisation ADD COLUMN dpo TEXT NOT NULL DEFAULT '';
ALTER TABLE organisation ADD COLUMN address TEXT NOT NULL DEFAULT '';
