-- What the keys are that machines and agents rely on, when several collectors share a ledger: a key is 256 random bits, so its hash tells
-- nothing of it.
CREATE TABLE key_print (
    name  TEXT PRIMARY KEY,
    print TEXT NOT NULL
) WITHOUT ROWID;

-- Where this ledger is being copied from, as veille-collector migrate says it; done is 1 when everything was compared. No row: it was not copied.
CREATE TABLE moving (
    source TEXT NOT NULL,
    done   INTEGER NOT NULL
);
