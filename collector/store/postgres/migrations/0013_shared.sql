-- What the keys are that machines and agents rely on, when several collectors share a ledger: a key is 256 random bits, so its hash tells
-- nothing of it.
CREATE TABLE key_print (
    name  text COLLATE "C" PRIMARY KEY,
    print text COLLATE "C" NOT NULL
);

-- Where this ledger is being copied from, as veille-collector migrate says it; done is 1 when everything was compared. No row: it was not copied.
CREATE TABLE moving (
    source text COLLATE "C" NOT NULL,
    done   bigint NOT NULL
);
