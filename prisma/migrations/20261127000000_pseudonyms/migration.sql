-- People stand on the log under a pseudonym (docs/audit-log.md). Whose it is can be told while the person's key exists.

CREATE TABLE "person_key" (
    "kind" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "key" BYTEA NOT NULL,
    "pseudonym" TEXT NOT NULL,

    CONSTRAINT "person_key_pkey" PRIMARY KEY ("kind", "id"),
    CONSTRAINT "person_key_whole" CHECK (octet_length("key") = 32)
);
CREATE UNIQUE INDEX "person_key_pseudonym_key" ON "person_key"("pseudonym");

CREATE TABLE "audit_mention" (
    "person" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "audit_mention_pkey" PRIMARY KEY ("person", "seq")
);
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_mention" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE "audit_cosignature" (
    "size" BIGINT NOT NULL,
    "witness" TEXT NOT NULL,
    "lines" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_cosignature_pkey" PRIMARY KEY ("size", "witness")
);
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_cosignature" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What filters are combined with stands in the index, behind the number: an entry that does not match is passed over there.
DROP INDEX "audit_entry_at_seq_idx";
DROP INDEX "audit_entry_action_seq_idx";
DROP INDEX "audit_entry_actor_id_seq_idx";
DROP INDEX "audit_entry_recording_id_seq_idx";
DROP INDEX "audit_entry_lesson_id_seq_idx";
CREATE INDEX "audit_entry_at_seq_action_outcome_idx" ON "audit_entry"("at", "seq", "action", "outcome");
CREATE INDEX "audit_entry_action_seq_outcome_idx" ON "audit_entry"("action", "seq", "outcome");
CREATE INDEX "audit_entry_outcome_seq_idx" ON "audit_entry"("outcome", "seq");
CREATE INDEX "audit_entry_actor_id_seq_action_outcome_idx" ON "audit_entry"("actor_id", "seq", "action", "outcome");
CREATE INDEX "audit_entry_recording_id_seq_actor_id_action_outcome_idx" ON "audit_entry"("recording_id", "seq", "actor_id", "action", "outcome");
CREATE INDEX "audit_entry_lesson_id_seq_actor_id_action_outcome_idx" ON "audit_entry"("lesson_id", "seq", "actor_id", "action", "outcome");

-- As in 20261126000000_merkle_log, and who is named in an entry.
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
         new.e ->> 'id', new.e ->> 'at', new.e ->> 'action', new.e ->> 'outcome', new.e #>> '{actor,id}',
         new.e #>> '{object,kind}', new.e #>> '{object,id}', new.e #>> '{object,recordingId}', new.e #>> '{object,lessonId}',
         jsonb_to_tsvector('simple', COALESCE(new.e -> 'details', '{}'), '["string", "numeric", "boolean"]')
  FROM (SELECT a."arrival", a."canonical", a."canonical"::jsonb AS e
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
