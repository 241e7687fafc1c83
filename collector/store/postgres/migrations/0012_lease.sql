-- Jobs that only one collector does at a time: until is when the right to do it ends, in seconds since 1970 by the clock of the database.
CREATE TABLE lease (
    job    text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    until  double precision NOT NULL
);
