-- What the server's role appends is looked at when it arrives (docs/audit-log.md, Append-only): one row that cannot be taken
-- apart later would stop the sequencer for ever, and no one could take it away again.

-- The one way to write a value (RFC 8785), for what stands on the log: keys of printable ASCII, and numbers that are written
-- without an exponent. Null for anything else.
CREATE FUNCTION audit_canonical(e JSONB) RETURNS TEXT
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  number NUMERIC;
BEGIN
  CASE jsonb_typeof(e)
    WHEN 'object' THEN
      RETURN (SELECT CASE WHEN COALESCE(bool_and(m.one IS NOT NULL AND m.key ~ '^[ -~]*$'), true)
                          THEN '{' || COALESCE(string_agg(to_json(m.key)::text || ':' || m.one, ',' ORDER BY m.key COLLATE "C"), '') || '}' END
                FROM (SELECT key, audit_canonical(value) AS one FROM jsonb_each(e) OFFSET 0) m);
    WHEN 'array' THEN
      RETURN (SELECT CASE WHEN COALESCE(bool_and(m.one IS NOT NULL), true)
                          THEN '[' || COALESCE(string_agg(m.one, ',' ORDER BY m.at), '') || ']' END
                FROM (SELECT at, audit_canonical(value) AS one FROM jsonb_array_elements(e) WITH ORDINALITY t(value, at) OFFSET 0) m);
    WHEN 'string' THEN
      RETURN to_json(e #>> '{}')::text;
    WHEN 'number' THEN
      number := (e #>> '{}')::numeric;
      IF abs(number) >= 1e21 OR (number <> 0 AND abs(number) < 1e-6) THEN RETURN NULL; END IF;
      RETURN trim_scale(number::float8::text::numeric)::text;
    ELSE
      RETURN e::text;
  END CASE;
END $$;

-- The entry that a text is, or null. Never an error: what cannot be read is no entry.
CREATE FUNCTION audit_read(canonical TEXT) RETURNS JSONB
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN canonical::jsonb;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END $$;

CREATE FUNCTION audit_is_text(e JSONB, most INTEGER) RETURNS BOOLEAN
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT e IS NULL OR (jsonb_typeof(e) = 'string' AND octet_length(e #>> '{}') BETWEEN 1 AND most)
$$;

-- What is wrong with a text as an entry of the log; null: nothing. `entry_id` is its id. One block catches whatever cannot be
-- read: each such block costs a subtransaction, and this runs for every entry.
CREATE FUNCTION audit_arrival_fault(canonical TEXT, OUT fault TEXT, OUT entry_id TEXT)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  e JSONB;
BEGIN
  e := canonical::jsonb;
  entry_id := e ->> 'id';
  fault := CASE
    WHEN jsonb_typeof(e) <> 'object' THEN 'it is no JSON object'
    WHEN jsonb_path_exists(e, '$.**{16}') THEN 'it is nested too deeply'
    WHEN e -> 'v' IS DISTINCT FROM '1' THEN 'it is of another version'
    WHEN e - '{v,id,at,actor,action,outcome,object,details}'::text[] <> '{}' THEN 'it has a member that is not known'
    WHEN COALESCE(entry_id, '') !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN 'it has no id'
    WHEN COALESCE(e ->> 'at', '') !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$'
      OR to_char((e ->> 'at')::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') <> e ->> 'at' THEN 'it has no time'
    WHEN COALESCE(e ->> 'action', '') !~ '^[a-z]{1,32}\.[a-z_]{1,48}$' THEN 'it has no action'
    WHEN COALESCE(e ->> 'outcome', '') NOT IN ('done', 'refused', 'failed') THEN 'it has no outcome'
    WHEN jsonb_typeof(e -> 'actor') IS DISTINCT FROM 'object' OR e #> '{actor,kind}' IS NULL
      OR NOT (audit_is_text(e #> '{actor,kind}', 32) AND audit_is_text(e #> '{actor,id}', 128)) THEN 'it does not say who acted'
    WHEN e ? 'object' AND (jsonb_typeof(e -> 'object') <> 'object' OR e #> '{object,kind}' IS NULL OR e #> '{object,id}' IS NULL
      OR NOT (audit_is_text(e #> '{object,kind}', 64) AND audit_is_text(e #> '{object,id}', 256)
              AND audit_is_text(e #> '{object,recordingId}', 64) AND audit_is_text(e #> '{object,lessonId}', 64)))
      THEN 'it does not say what was acted on'
    WHEN e ? 'details' AND jsonb_typeof(e -> 'details') <> 'object' THEN 'its details are none'
    WHEN audit_canonical(e) IS DISTINCT FROM canonical THEN 'it is not in canonical form'
  END;
EXCEPTION WHEN OTHERS THEN
  fault := 'it cannot be taken apart';
END $$;

-- An id stands on the log once; a second one would meet the index of "audit_entry" only when it gets its place. Null in rows from
-- before the check.
ALTER TABLE "audit_arrival" ADD COLUMN "entry_id" TEXT;
CREATE UNIQUE INDEX "audit_arrival_entry_id_key" ON "audit_arrival"("entry_id");

CREATE FUNCTION audit_arrival_fits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  found RECORD;
BEGIN
  IF octet_length(NEW."canonical") > 65535 THEN
    RAISE EXCEPTION 'no entry of the log (audit_arrival_fits): it is too long' USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_arrival_fits';
  END IF;
  SELECT * INTO found FROM audit_arrival_fault(NEW."canonical");
  IF found.fault IS NOT NULL THEN
    RAISE EXCEPTION 'no entry of the log (audit_arrival_fits): %', found.fault USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_arrival_fits';
  END IF;
  NEW."entry_id" := found.entry_id;
  RETURN NEW;
END $$;
CREATE TRIGGER "audit_arrival_fits" BEFORE INSERT ON "audit_arrival" FOR EACH ROW EXECUTE FUNCTION audit_arrival_fits();

-- As before, but for rows from before the check: one that is no entry gets its place under its number, and stops nobody.
CREATE OR REPLACE FUNCTION audit_integrate(most INTEGER) RETURNS BIGINT
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  running BIGINT;
  ahead BIGINT;
  since BIGINT;
  placed BIGINT;
  taken BIGINT;
BEGIN
  PERFORM pg_advisory_xact_lock(7305808869231651);
  SELECT (pg_snapshot_xmin(s)::text)::bigint, (pg_snapshot_xmax(s)::text)::bigint INTO running, ahead
    FROM pg_current_snapshot() AS s;
  SELECT COALESCE(max(e."seq"), 0) INTO placed FROM "audit_entry" e;
  SELECT b."horizon" INTO since FROM "audit_batch" b ORDER BY b."size" DESC LIMIT 1;
  IF since IS NULL OR since > ahead THEN
    since := 0;
    ahead := 9223372036854775807;
  END IF;
  INSERT INTO "audit_entry" ("seq", "arrival", "leaf_hash", "entry_id", "at", "action", "outcome", "actor_id",
                             "object_kind", "object_id", "recording_id", "lesson_id", "words")
  SELECT placed + row_number() OVER (ORDER BY new."arrival"), new."arrival",
         -- RFC 6962, 2.1: a leaf is hashed behind a zero octet.
         sha256('\x00'::bytea || convert_to(new."canonical", 'UTF8')),
         COALESCE(left(new.e ->> 'id', 64), 'arrival-' || new."arrival"), COALESCE(left(new.e ->> 'at', 32), ''),
         COALESCE(left(new.e ->> 'action', 96), 'unreadable'), COALESCE(left(new.e ->> 'outcome', 32), 'failed'),
         left(new.e #>> '{actor,id}', 128), left(new.e #>> '{object,kind}', 64), left(new.e #>> '{object,id}', 256),
         left(new.e #>> '{object,recordingId}', 64), left(new.e #>> '{object,lessonId}', 64),
         jsonb_to_tsvector('simple', COALESCE(new.e -> 'details', '{}'), '["string", "numeric", "boolean"]')
  FROM (SELECT a."arrival", a."canonical", audit_read(a."canonical") AS e
          FROM "audit_arrival" a
         WHERE a."xid" >= since AND a."xid" <= ahead
           AND NOT EXISTS (SELECT 1 FROM "audit_entry" t WHERE t."arrival" = a."arrival")
         ORDER BY a."arrival" LIMIT most) new;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken > 0 THEN
    INSERT INTO "audit_mention" ("person", "seq")
    SELECT DISTINCT match[1], e."seq"
      FROM "audit_entry" e JOIN "audit_arrival" a USING ("arrival"),
           regexp_matches(a."canonical", '"(person-[A-Za-z0-9_-]{22})"', 'g') AS match
     WHERE e."seq" > placed;
    -- A full batch may have left some behind that are older than the horizon.
    INSERT INTO "audit_batch" ("size", "horizon") VALUES (placed + taken, CASE WHEN taken < most THEN running ELSE since END);
  END IF;
  RETURN placed + taken;
END $$;
