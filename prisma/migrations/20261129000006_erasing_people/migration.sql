-- People who are erased: what is left of them, and that nothing of them comes back. Why a guardianship ended.

-- CreateEnum
CREATE TYPE "PersonErasureReason" AS ENUM ('request', 'left', 'mistake');

-- AlterTable
ALTER TABLE "person" ADD COLUMN "erasedAt" TIMESTAMPTZ(3);
ALTER TABLE "guardianship" ADD COLUMN "endedWhy" TEXT;

-- CreateTable
CREATE TABLE "person_erasure" (
    "personId" UUID NOT NULL,
    "why" "PersonErasureReason" NOT NULL,
    "byId" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "state" "ErasureState" NOT NULL DEFAULT 'removing',
    "bodies" TEXT[],
    "keys" TEXT[],
    "retryAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "person_erasure_pkey" PRIMARY KEY ("personId")
);

-- CreateIndex
CREATE INDEX "person_erasure_state_retryAt_idx" ON "person_erasure"("state", "retryAt");

-- AddForeignKey
ALTER TABLE "person_erasure" ADD CONSTRAINT "person_erasure_personId_fkey" FOREIGN KEY ("personId") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Of somebody who is erased the row says nothing but when.
ALTER TABLE "person" ADD CONSTRAINT "person_erased" CHECK ("erasedAt" IS NULL OR
    ("name" = '—' AND "folded" = '' AND "roles" = '{}' AND "schoolNumber" IS NULL AND "adultFrom" IS NULL AND "language" IS NULL));

-- What was on its way when somebody was erased does not bring them back. The error is the one of a transaction that came
-- too late, so that it begins again and finds nobody.
CREATE FUNCTION stay_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'this person is erased' USING ERRCODE = 'serialization_failure';
END $$;
CREATE TRIGGER "stay_erased" BEFORE UPDATE OR DELETE ON "person" FOR EACH ROW WHEN (OLD."erasedAt" IS NOT NULL) EXECUTE FUNCTION stay_erased();

-- The arguments are the columns that name a person.
CREATE FUNCTION refuse_erased_person() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  found TIMESTAMPTZ;
BEGIN
  FOR found IN
    SELECT p."erasedAt" FROM "person" p
     WHERE p."id" IN (SELECT (to_jsonb(NEW) ->> c)::uuid FROM unnest(TG_ARGV) AS c) FOR KEY SHARE
  LOOP
    IF found IS NOT NULL THEN
      RAISE EXCEPTION 'this person is erased' USING ERRCODE = 'serialization_failure';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER "not_of_the_erased" BEFORE INSERT ON "contact" FOR EACH ROW EXECUTE FUNCTION refuse_erased_person('personId');
CREATE TRIGGER "not_of_the_erased" BEFORE INSERT ON "person_source" FOR EACH ROW EXECUTE FUNCTION refuse_erased_person('personId');
CREATE TRIGGER "not_of_the_erased" BEFORE INSERT ON "class_member" FOR EACH ROW EXECUTE FUNCTION refuse_erased_person('personId');
CREATE TRIGGER "not_of_the_erased" BEFORE INSERT ON "participant" FOR EACH ROW EXECUTE FUNCTION refuse_erased_person('personId');
CREATE TRIGGER "not_of_the_erased" BEFORE INSERT ON "signer_link" FOR EACH ROW EXECUTE FUNCTION refuse_erased_person('personId');
CREATE TRIGGER "not_of_the_erased" BEFORE INSERT ON "request" FOR EACH ROW EXECUTE FUNCTION refuse_erased_person('signerId');
CREATE TRIGGER "not_of_the_erased" BEFORE INSERT ON "guardianship" FOR EACH ROW EXECUTE FUNCTION refuse_erased_person('pupilId', 'guardianId');
CREATE TRIGGER "not_of_the_erased" BEFORE INSERT ON "task" FOR EACH ROW EXECUTE FUNCTION refuse_erased_person('personId', 'otherId');

-- An answer about somebody who is erased, or by them, has no words and no names any more.
CREATE FUNCTION refuse_erased_participant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM "participant" t JOIN "person" p ON p."id" = t."personId"
              WHERE t."id" = NEW."participantId" AND p."erasedAt" IS NOT NULL) THEN
    RAISE EXCEPTION 'this person is erased' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "not_of_the_erased" BEFORE INSERT ON "permission" FOR EACH ROW EXECUTE FUNCTION refuse_erased_participant();
CREATE TRIGGER "not_about_the_erased" BEFORE INSERT ON "request" FOR EACH ROW EXECUTE FUNCTION refuse_erased_participant();

-- The history of an answer stays append-only, with one exception: the note of an answer about somebody who is erased, or by
-- them, may be emptied (docs/decisions/0029-erasing-people.md).
DROP TRIGGER "append_only" ON "permission_event";
CREATE TRIGGER "append_only" BEFORE DELETE OR TRUNCATE OR UPDATE OF "id", "permissionId", "at", "status", "actorId" ON "permission_event"
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION empty_note_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."note" IS NOT NULL
     OR (NEW."id", NEW."permissionId", NEW."at", NEW."status", NEW."actorId")
        IS DISTINCT FROM (OLD."id", OLD."permissionId", OLD."at", OLD."status", OLD."actorId")
     OR NOT EXISTS (SELECT FROM "permission" a LEFT JOIN "participant" t ON t."id" = a."participantId"
                      JOIN "person" p ON p."id" IN (t."personId", a."guardianId")
                     WHERE a."id" = OLD."permissionId" AND p."erasedAt" IS NOT NULL) THEN
    RAISE EXCEPTION 'table permission_event is append-only: UPDATE refused' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "append_only_but_notes" BEFORE UPDATE ON "permission_event" FOR EACH ROW EXECUTE FUNCTION empty_note_of_erased();
