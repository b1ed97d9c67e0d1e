-- Rows of many schools: every table but those of the installation says which school a row belongs to, and the walls of
-- ../../walls.sql show a connection the rows of one school alone (docs/decisions/0040-many-schools.md).

-- What there is one of. The first school takes this id; until then the log of the installation is kept under it.
CREATE TABLE "installation" (
    "only" BOOLEAN NOT NULL DEFAULT true,
    "homeSchoolId" UUID NOT NULL,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("only"),
    CONSTRAINT "installation_one" CHECK ("only")
);
INSERT INTO "installation" ("homeSchoolId") SELECT COALESCE((SELECT "id" FROM "school"), gen_random_uuid());

DROP INDEX "school_only_one";

-- The school that a connection works for; null where none was named: it then sees no row and can add none.
CREATE OR REPLACE FUNCTION current_school() RETURNS UUID
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT nullif(current_setting('emanet.school', true), '')::uuid
$$;

ALTER TABLE "school" ALTER COLUMN "id" SET DEFAULT current_school();

-- The rows that are there belong to the only school: a constant as the first default rewrites no table and fires no trigger.
DO $$
DECLARE
  home UUID := (SELECT "homeSchoolId" FROM "installation");
  name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'attendance_report',
    'attendance_row',
    'attendee_voice',
    'attendee_removal',
    'captions',
    'captions_version',
    'course_class',
    'site',
    'participant',
    'course_terms',
    'object_scrub',
    'integrity_run',
    'paused_job',
    'unrecorded_seat',
    'audit_arrival',
    'audit_entry',
    'audit_batch',
    'audit_tile',
    'audit_checkpoint',
    'person_key',
    'audit_mention',
    'audit_cosignature',
    'audit_address',
    'sheet',
    'permission',
    'permission_event',
    'evidence',
    'objection',
    'person_erasure',
    'contact',
    'guardianship',
    'class_member',
    'recording',
    'rendition',
    'release',
    'viewer_link',
    'request',
    'delivery',
    'delivered_request',
    'erasure',
    're_seal',
    'sent_digest',
    'work_key',
    'segment',
    'finding',
    'decision',
    'coverage',
    'risk_assessment',
    'rewrap_run',
    'upload',
    'upload_part'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN "schoolId" UUID NOT NULL DEFAULT %L', name, home);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN "schoolId" SET DEFAULT current_school()', name);
  END LOOP;
END $$;

-- Numbers that every school counts for itself.
ALTER TABLE "paused_job" DROP CONSTRAINT "paused_job_pkey", ADD CONSTRAINT "paused_job_pkey" PRIMARY KEY ("schoolId", "kind");
ALTER TABLE "audit_entry" DROP CONSTRAINT "audit_entry_pkey", ADD CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("schoolId", "seq");
ALTER TABLE "audit_batch" DROP CONSTRAINT "audit_batch_pkey", ADD CONSTRAINT "audit_batch_pkey" PRIMARY KEY ("schoolId", "size");
ALTER TABLE "audit_tile" DROP CONSTRAINT "audit_tile_pkey", ADD CONSTRAINT "audit_tile_pkey" PRIMARY KEY ("schoolId", "level", "index");
ALTER TABLE "audit_checkpoint" DROP CONSTRAINT "audit_checkpoint_pkey", ADD CONSTRAINT "audit_checkpoint_pkey" PRIMARY KEY ("schoolId", "size");
ALTER TABLE "person_key" DROP CONSTRAINT "person_key_pkey", ADD CONSTRAINT "person_key_pkey" PRIMARY KEY ("schoolId", "kind", "id");
ALTER TABLE "audit_mention" DROP CONSTRAINT "audit_mention_pkey", ADD CONSTRAINT "audit_mention_pkey" PRIMARY KEY ("schoolId", "person", "seq");
ALTER TABLE "audit_cosignature" DROP CONSTRAINT "audit_cosignature_pkey", ADD CONSTRAINT "audit_cosignature_pkey" PRIMARY KEY ("schoolId", "size", "witness");
ALTER TABLE "sent_digest" DROP CONSTRAINT "sent_digest_pkey", ADD CONSTRAINT "sent_digest_pkey" PRIMARY KEY ("schoolId", "id");
ALTER TABLE "work_key" DROP CONSTRAINT "work_key_pkey", ADD CONSTRAINT "work_key_pkey" PRIMARY KEY ("schoolId", "kind", "key") INCLUDE ("places");

-- The log is read along these, a school at a time.
DROP INDEX "audit_entry_at_seq_action_outcome_idx";
CREATE INDEX "audit_entry_schoolId_at_seq_action_outcome_idx" ON "audit_entry"("schoolId", "at", "seq", "action", "outcome");
DROP INDEX "audit_entry_action_seq_outcome_idx";
CREATE INDEX "audit_entry_schoolId_action_seq_outcome_idx" ON "audit_entry"("schoolId", "action", "seq", "outcome");
DROP INDEX "audit_entry_outcome_seq_idx";
CREATE INDEX "audit_entry_schoolId_outcome_seq_idx" ON "audit_entry"("schoolId", "outcome", "seq");
DROP INDEX "audit_entry_actor_id_seq_action_outcome_idx";
CREATE INDEX "audit_entry_schoolId_actor_id_seq_action_outcome_idx" ON "audit_entry"("schoolId", "actor_id", "seq", "action", "outcome");
DROP INDEX "audit_entry_object_id_seq_idx";
CREATE INDEX "audit_entry_schoolId_object_id_seq_idx" ON "audit_entry"("schoolId", "object_id", "seq");
DROP INDEX "audit_entry_recording_id_seq_actor_id_action_outcome_idx";
CREATE INDEX "audit_entry_schoolId_recording_id_seq_actor_id_idx" ON "audit_entry"("schoolId", "recording_id", "seq", "actor_id", "action", "outcome");
DROP INDEX "audit_entry_lesson_id_seq_actor_id_action_outcome_idx";
CREATE INDEX "audit_entry_schoolId_lesson_id_seq_actor_id_action_outcome_idx" ON "audit_entry"("schoolId", "lesson_id", "seq", "actor_id", "action", "outcome");
DROP INDEX "audit_arrival_xid_idx";
CREATE INDEX "audit_arrival_schoolId_xid_idx" ON "audit_arrival"("schoolId", "xid");

-- The same work may be in the registry of every school.
DROP INDEX "work_sha256_key";
CREATE UNIQUE INDEX "work_schoolId_sha256_key" ON "work"("schoolId", "sha256");

-- A task of nobody in particular is one for each school.
DROP INDEX "task_open";
CREATE UNIQUE INDEX "task_open" ON "task"("schoolId", "kind", "personId", "otherId", "courseId") NULLS NOT DISTINCT WHERE "doneAt" IS NULL;

-- As before, for one school: it runs as the owner, who sees every row.
CREATE OR REPLACE FUNCTION audit_integrate(most INTEGER) RETURNS BIGINT
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  school UUID := current_school();
  running BIGINT;
  ahead BIGINT;
  since BIGINT;
  placed BIGINT;
  taken BIGINT;
BEGIN
  IF school IS NULL THEN
    RAISE EXCEPTION 'no school was named, and every school has a log of its own' USING ERRCODE = 'no_data_found';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('sequencer ' || school, 0));
  SELECT (pg_snapshot_xmin(s)::text)::bigint, (pg_snapshot_xmax(s)::text)::bigint INTO running, ahead
    FROM pg_current_snapshot() AS s;
  SELECT COALESCE(max(e."seq"), 0) INTO placed FROM "audit_entry" e WHERE e."schoolId" = school;
  SELECT b."horizon" INTO since FROM "audit_batch" b WHERE b."schoolId" = school ORDER BY b."size" DESC LIMIT 1;
  IF since IS NULL OR since > ahead THEN
    since := 0;
    ahead := 9223372036854775807;
  END IF;
  INSERT INTO "audit_entry" ("schoolId", "seq", "arrival", "leaf_hash", "entry_id", "at", "action", "outcome", "actor_id",
                             "object_kind", "object_id", "recording_id", "lesson_id", "words")
  SELECT school, placed + row_number() OVER (ORDER BY new."arrival"), new."arrival",
         -- RFC 6962, 2.1: a leaf is hashed behind a zero octet.
         sha256('\x00'::bytea || convert_to(new."canonical", 'UTF8')),
         COALESCE(left(new.e ->> 'id', 64), 'arrival-' || new."arrival"), COALESCE(left(new.e ->> 'at', 32), ''),
         COALESCE(left(new.e ->> 'action', 96), 'unreadable'), COALESCE(left(new.e ->> 'outcome', 32), 'failed'),
         left(new.e #>> '{actor,id}', 128), left(new.e #>> '{object,kind}', 64), left(new.e #>> '{object,id}', 256),
         left(new.e #>> '{object,recordingId}', 64), left(new.e #>> '{object,lessonId}', 64),
         jsonb_to_tsvector('simple', COALESCE(new.e -> 'details', '{}'), '["string", "numeric", "boolean"]')
  FROM (SELECT a."arrival", a."canonical", audit_read(a."canonical") AS e
          FROM "audit_arrival" a
         WHERE a."schoolId" = school AND a."xid" >= since AND a."xid" <= ahead
           AND NOT EXISTS (SELECT 1 FROM "audit_entry" t WHERE t."arrival" = a."arrival")
         ORDER BY a."arrival" LIMIT most) new;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken > 0 THEN
    INSERT INTO "audit_mention" ("schoolId", "person", "seq")
    SELECT DISTINCT school, match[1], e."seq"
      FROM "audit_entry" e JOIN "audit_arrival" a USING ("arrival"),
           regexp_matches(a."canonical", '"(person-[A-Za-z0-9_-]{22})"', 'g') AS match
     WHERE e."schoolId" = school AND e."seq" > placed;
    -- A full batch may have left some behind that are older than the horizon.
    INSERT INTO "audit_batch" ("schoolId", "size", "horizon") VALUES (school, placed + taken, CASE WHEN taken < most THEN running ELSE since END);
  END IF;
  RETURN placed + taken;
END $$;

CREATE OR REPLACE FUNCTION audit_checkpoint_fits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW."size" > (SELECT COALESCE(max(e."seq"), 0) FROM "audit_entry" e WHERE e."schoolId" = NEW."schoolId")
     OR NEW."size" <= (SELECT COALESCE(max(c."size"), -1) FROM "audit_checkpoint" c WHERE c."schoolId" = NEW."schoolId") THEN
    RAISE EXCEPTION 'no checkpoint over % entries now', NEW."size" USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
