#!/bin/sh
# Runs once, when the database's volume is empty: the two roles of src/assembly/first-start.ts, and the database.
set -eu
psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set owner `cat /run/secrets/database_owner_password`
\set server `cat /run/secrets/database_server_password`
CREATE ROLE emanet_owner LOGIN PASSWORD :'owner';
CREATE ROLE emanet_server LOGIN PASSWORD :'server';
CREATE DATABASE emanet OWNER emanet_owner;
REVOKE CONNECT ON DATABASE emanet FROM PUBLIC;
GRANT CONNECT ON DATABASE emanet TO emanet_server;
SQL
