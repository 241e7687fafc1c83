-- Jobs that only one collector does at a time: until is when the right to do it ends, in seconds since 1970 by the clock of the database.
-- The row "turn rollup" is no lease: its holder is the run of a roll-up that began last.
CREATE TABLE lease (
    job    text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    until  double precision NOT NULL
);
