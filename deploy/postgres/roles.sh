#!/bin/sh
# The roles of src/assembly/first-start.ts, and the database. Runs when the database's volume is empty; what is there stays.
# After an upgrade that brings a role: docker compose exec postgres sh /docker-entrypoint-initdb.d/roles.sh
set -eu
psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set owner `cat /run/secrets/database_owner_password`
\set server `cat /run/secrets/database_server_password`
\set web `cat /run/secrets/database_web_password`
\set worker `cat /run/secrets/database_worker_password`
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', role, password)
  FROM (VALUES ('emanet_owner', :'owner'), ('emanet_server', :'server'), ('emanet_web', :'web'), ('emanet_worker', :'worker')) AS wanted(role, password)
 WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role) \gexec
SELECT 'CREATE DATABASE emanet OWNER emanet_owner' WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = 'emanet') \gexec
REVOKE CONNECT ON DATABASE emanet FROM PUBLIC;
GRANT CONNECT ON DATABASE emanet TO emanet_server, emanet_web, emanet_worker;
SQL
