-- The series: one row per field of a point. tags is "name=value" sorted by name, separated by the unit separator.
CREATE TABLE point (
    measurement TEXT NOT NULL,
    time        INTEGER NOT NULL, -- nanoseconds since 1970, UTC
    tags        TEXT NOT NULL,
    field       TEXT NOT NULL,
    value       REAL NOT NULL,
    PRIMARY KEY (measurement, time, tags, field)
) WITHOUT ROWID;
