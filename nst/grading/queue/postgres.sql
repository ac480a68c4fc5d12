-- What the course adds to procrastinate's tables, in the same schema: submissions that wait, and what they came to.
-- `nst worker --prepare` runs it, again after each upgrade; the owner of the schema is the one who grades.
--
-- A worker has no right to any table. Its role, nst_worker, may call the functions at the end, which run with the
-- owner's rights: take a job, tell that it lives, tell an outcome that is not there yet. An outcome that is there stays.

CREATE TABLE IF NOT EXISTS nst_prepared (by text NOT NULL);

CREATE TABLE IF NOT EXISTS nst_parcel (
    key text PRIMARY KEY CHECK (key ~ '^[0-9a-f]{64}$'),
    data bytea,  -- NULL once there is an outcome: nobody needs it any more
    since timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS nst_outcome (
    key text PRIMARY KEY REFERENCES nst_parcel,
    data bytea NOT NULL,
    worker text NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);

-- Other outcomes of the same key: they change nothing, and are kept so that somebody can look.
CREATE TABLE IF NOT EXISTS nst_other_outcome (
    key text NOT NULL REFERENCES nst_outcome ON DELETE CASCADE,
    number integer NOT NULL CHECK (number BETWEEN 1 AND 4),
    data bytea NOT NULL,
    worker text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, number)
);

-- Why a job could not be done, in the last worker's words.
CREATE TABLE IF NOT EXISTS nst_trouble (
    key text PRIMARY KEY REFERENCES nst_parcel ON DELETE CASCADE,
    reason text NOT NULL,
    worker text NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);

CREATE OR REPLACE FUNCTION nst_prepared_by() RETURNS text
    LANGUAGE sql STABLE AS $$ SELECT by FROM nst_prepared $$;

CREATE OR REPLACE FUNCTION nst_take_parcel(wanted text) RETURNS bytea
    LANGUAGE sql STABLE AS $$ SELECT data FROM nst_parcel WHERE key = wanted $$;

-- How many jobs wait in queues other than these.
CREATE OR REPLACE FUNCTION nst_elsewhere(own text[]) RETURNS bigint
    LANGUAGE sql STABLE AS $$
        SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND NOT queue_name = ANY (own)
    $$;

CREATE OR REPLACE FUNCTION nst_tell_outcome(of text, told bytea, by text) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    who text := session_user || ' ' || left(by, 100);
    there bytea;
    taken integer;
BEGIN
    IF octet_length(told) > 128 * 1024 * 1024 THEN
        RAISE 'An outcome has at most 128 MB, this one %', octet_length(told);
    END IF;
    INSERT INTO nst_outcome (key, data, worker) VALUES (of, told, who) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        UPDATE nst_parcel SET data = NULL WHERE key = of;
        RETURN 'kept';
    END IF;
    SELECT data INTO there FROM nst_outcome WHERE key = of;
    IF there = told THEN
        RETURN 'kept';  -- it was told before, and the answer was lost on the way
    END IF;
    SELECT count(*) INTO taken FROM nst_other_outcome WHERE key = of;
    IF taken < 4 AND NOT EXISTS (SELECT 1 FROM nst_other_outcome WHERE key = of AND data = told) THEN
        INSERT INTO nst_other_outcome (key, number, data, worker) VALUES (of, taken + 1, told, who)
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN 'another is there';
END
$$;

CREATE OR REPLACE FUNCTION nst_tell_trouble(of text, told text, by text) RETURNS void
    LANGUAGE sql AS $$
        INSERT INTO nst_trouble (key, reason, worker) VALUES (of, left(told, 2000), session_user || ' ' || left(by, 100))
        ON CONFLICT (key) DO UPDATE SET reason = excluded.reason, worker = excluded.worker, since = now()
    $$;

DO $$
DECLARE
    own record;
    there boolean := EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'nst_worker');
BEGIN
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', current_schema);
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC', current_schema);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC', current_schema);
    IF there THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO nst_worker', current_schema);
    END IF;
    FOR own IN
        SELECT oid::regprocedure AS signature FROM pg_proc
        WHERE pronamespace = current_schema::regnamespace AND (
            proname ~ '^nst_' OR proname ~
            '^procrastinate_(fetch_job|finish_job|retry_job|(un)?register_worker|update_heartbeat|prune_stalled_workers)_v'
        )
    LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %I, pg_temp', own.signature, current_schema);
        IF there THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO nst_worker', own.signature);
        END IF;
    END LOOP;
END
$$;
