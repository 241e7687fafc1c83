-- What kind of machine each one is, so that one installed anew can be found among the silent ones, and how many of its records
-- were put on disk: kept only grows, also when records are deleted.
ALTER TABLE machine ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE machine ADD COLUMN class TEXT NOT NULL DEFAULT '';
ALTER TABLE machine ADD COLUMN os TEXT NOT NULL DEFAULT '';
ALTER TABLE machine ADD COLUMN cpu TEXT NOT NULL DEFAULT '';
ALTER TABLE machine ADD COLUMN ram TEXT NOT NULL DEFAULT '';
ALTER TABLE machine ADD COLUMN agent TEXT NOT NULL DEFAULT '';
-- The date of the enrolment or record that told the kind first.
ALTER TABLE machine ADD COLUMN kind_on TEXT NOT NULL DEFAULT '';
ALTER TABLE machine ADD COLUMN revoked_on TEXT NOT NULL DEFAULT '';
-- The machine that this one is since it was installed anew.
ALTER TABLE machine ADD COLUMN replaced_by INTEGER REFERENCES machine;
-- The number of the newest machine when this one last spoke, or the administrator last said that it is one of its own: those up
-- to it are other machines. An order, and no moment.
ALTER TABLE machine ADD COLUMN apart INTEGER NOT NULL DEFAULT 0;
-- 1: the administrator said that it is no earlier machine installed anew.
ALTER TABLE machine ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;

UPDATE machine SET kept = (SELECT count(*) FROM record WHERE record.machine = machine.id);
-- Date by date: machine by machine takes the square of their number.
WITH newest AS MATERIALIZED (SELECT enrolled_on, max(id) AS id FROM machine GROUP BY enrolled_on),
    before AS MATERIALIZED (
        SELECT seen.seen_on, max(newest.id) AS id FROM (SELECT DISTINCT seen_on FROM machine) AS seen
        JOIN newest ON newest.enrolled_on < seen.seen_on GROUP BY seen.seen_on)
UPDATE machine SET apart = before.id FROM before WHERE before.seen_on = machine.seen_on;
UPDATE machine SET kind_on = newest.date,
    class = coalesce(newest.body ->> '$.class', ''), os = coalesce(newest.body ->> '$.os', ''), cpu = coalesce(newest.body ->> '$.cpu', ''),
    ram = coalesce(newest.body ->> '$.ram', ''), agent = coalesce(newest.body ->> '$.agent', '')
FROM (SELECT machine AS id, max(date) AS date, body FROM record GROUP BY machine) AS newest WHERE newest.id = machine.id;

-- In which order personal machines spoke is forgotten: it would tell who came first on each day.
UPDATE record SET revision = -1 - (abs(random()) % 4611686018427387904)
WHERE machine IN (SELECT id FROM machine WHERE use NOT IN ('shared', 'server')) OR body ->> '$.use' NOT IN ('shared', 'server');

CREATE INDEX machine_kind ON machine (site, use, class, cpu, ram);

ALTER TABLE token ADD COLUMN created_on TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN revoked_on TEXT NOT NULL DEFAULT '';
