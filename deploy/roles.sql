-- Once, as the database's administrator: psql --file deploy/roles.sql
-- Then give each of the two a password: psql --command '\password nst_grader'

-- What a worker may do is given to this role; nobody logs in as it.
CREATE ROLE nst_worker NOLOGIN;

-- The one who grades: owns the queue, and the gradebook if it lies here.
CREATE ROLE nst_grader LOGIN;

-- The workers of one place. Give each place one of its own, so that you can tell them apart, and take one away.
CREATE ROLE nst_lab LOGIN IN ROLE nst_worker;

CREATE DATABASE nst OWNER nst_grader;
REVOKE ALL ON DATABASE nst FROM PUBLIC;
GRANT CONNECT ON DATABASE nst TO nst_worker;
