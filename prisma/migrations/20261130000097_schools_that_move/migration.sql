-- A school can be taken out of this installation, and put into another one (docs/decisions/0044-schools-that-move.md).
--
-- Numbers that sequences of the installation give, and digests of texts, name a row within its school alone: those that a school
-- brings along stay what they were, and meet no row of another school.
ALTER TABLE "audit_entry" DROP CONSTRAINT "audit_entry_arrival_fkey";
ALTER TABLE "audit_arrival" DROP CONSTRAINT "audit_arrival_pkey", ADD CONSTRAINT "audit_arrival_pkey" PRIMARY KEY ("schoolId", "arrival");
DROP INDEX "audit_arrival_entry_id_key";
CREATE UNIQUE INDEX "audit_arrival_schoolId_entry_id_key" ON "audit_arrival"("schoolId", "entry_id");
DROP INDEX "audit_entry_arrival_key";
CREATE UNIQUE INDEX "audit_entry_schoolId_arrival_key" ON "audit_entry"("schoolId", "arrival");
DROP INDEX "audit_entry_entry_id_key";
CREATE UNIQUE INDEX "audit_entry_schoolId_entry_id_key" ON "audit_entry"("schoolId", "entry_id");
ALTER TABLE "audit_entry" ADD CONSTRAINT "audit_entry_schoolId_arrival_fkey" FOREIGN KEY ("schoolId", "arrival") REFERENCES "audit_arrival"("schoolId", "arrival") ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE "audit_address" DROP CONSTRAINT "audit_address_pkey", ADD CONSTRAINT "audit_address_pkey" PRIMARY KEY ("schoolId", "arrival");

ALTER TABLE "decision" DROP CONSTRAINT "decision_pkey", ADD CONSTRAINT "decision_pkey" PRIMARY KEY ("schoolId", "id");
DROP INDEX "work_number_key";
CREATE UNIQUE INDEX "work_schoolId_number_key" ON "work"("schoolId", "number");
DROP INDEX "sheet_code_key";
CREATE UNIQUE INDEX "sheet_schoolId_code_key" ON "sheet"("schoolId", "code");

-- Terms are named by what they say, and two schools may say the same.
ALTER TABLE "course_terms" DROP CONSTRAINT "course_terms_digest_fkey";
ALTER TABLE "request" DROP CONSTRAINT "request_digest_fkey";
ALTER TABLE "permission" DROP CONSTRAINT "permission_digest_fkey";
ALTER TABLE "terms" DROP CONSTRAINT "terms_pkey", ADD CONSTRAINT "terms_pkey" PRIMARY KEY ("schoolId", "digest");
ALTER TABLE "course_terms" ADD CONSTRAINT "course_terms_schoolId_digest_fkey" FOREIGN KEY ("schoolId", "digest") REFERENCES "terms"("schoolId", "digest") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "request" ADD CONSTRAINT "request_schoolId_digest_fkey" FOREIGN KEY ("schoolId", "digest") REFERENCES "terms"("schoolId", "digest") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "permission" ADD CONSTRAINT "permission_schoolId_digest_fkey" FOREIGN KEY ("schoolId", "digest") REFERENCES "terms"("schoolId", "digest") ON DELETE RESTRICT ON UPDATE CASCADE;

-- As before; an arrival is one of its school.
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
           AND NOT EXISTS (SELECT 1 FROM "audit_entry" t WHERE t."schoolId" = school AND t."arrival" = a."arrival")
         ORDER BY a."arrival" LIMIT most) new;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken > 0 THEN
    INSERT INTO "audit_mention" ("schoolId", "person", "seq")
    SELECT DISTINCT school, match[1], e."seq"
      FROM "audit_entry" e JOIN "audit_arrival" a USING ("schoolId", "arrival"),
           regexp_matches(a."canonical", '"(person-[A-Za-z0-9_-]{22})"', 'g') AS match
     WHERE e."schoolId" = school AND e."seq" > placed;
    -- A full batch may have left some behind that are older than the horizon.
    INSERT INTO "audit_batch" ("schoolId", "size", "horizon") VALUES (school, placed + taken, CASE WHEN taken < most THEN running ELSE since END);
  END IF;
  RETURN placed + taken;
END $$;

-- A school that was taken out is kept as it was then, until somebody removes it: its log goes on elsewhere, under the same key.
-- Two continuations of one log would each be signed, so the database takes no entry more, whoever asks.
ALTER TABLE "school" ADD COLUMN "takenOutAt" TIMESTAMPTZ(3);

CREATE FUNCTION audit_arrival_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- Whoever takes the school out holds this lock alone: what is being written is committed before.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('log ' || NEW."schoolId", 0));
  IF EXISTS (SELECT 1 FROM "school" s WHERE s."id" = NEW."schoolId" AND s."takenOutAt" IS NOT NULL) THEN
    RAISE EXCEPTION 'the school % was taken out of this installation: its log goes on elsewhere', NEW."schoolId"
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "audit_arrival_stays" BEFORE INSERT ON "audit_arrival" FOR EACH ROW EXECUTE FUNCTION audit_arrival_stays();

-- Nobody works for a school that was taken out.
CREATE OR REPLACE FUNCTION every_school() RETURNS SETOF UUID
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT "id" FROM "school" WHERE "takenOutAt" IS NULL ORDER BY "createdAt", "id"
$$;

-- Only a restore, as the owner, opens it again.
CREATE FUNCTION stay_taken_out() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT pg_has_role(current_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = TG_RELID), 'USAGE') THEN
    RAISE EXCEPTION 'the school % was taken out of this installation: only a restore opens it again', OLD."id"
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "stay_taken_out" BEFORE UPDATE ON "school" FOR EACH ROW
  WHEN (OLD."takenOutAt" IS NOT NULL AND NEW."takenOutAt" IS DISTINCT FROM OLD."takenOutAt") EXECUTE FUNCTION stay_taken_out();
