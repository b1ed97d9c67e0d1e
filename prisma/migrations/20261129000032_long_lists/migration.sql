-- Lists of recordings and lessons, a page at a time.

-- AlterTable
ALTER TABLE "lesson" ADD COLUMN "folded" TEXT;

-- As `foldForSearch` of `domain/person.ts` does it: blanks one by one, no marks, every i the same, small letters.
UPDATE "lesson" SET "folded" = lower(translate(regexp_replace(normalize(btrim(regexp_replace("title", '\s+', ' ', 'g')), NFKD), '[\u0300-\u036F]', '', 'g'), 'Iı', 'ii'));

ALTER TABLE "lesson" ALTER COLUMN "folded" SET NOT NULL;

-- DropIndex
DROP INDEX "lesson_teacherId_idx";

-- DropIndex
DROP INDEX "recording_state_idx";

-- CreateIndex
CREATE INDEX "lesson_plannedStart_id_idx" ON "lesson"("plannedStart", "id");

-- CreateIndex
CREATE INDEX "lesson_teacherId_plannedStart_id_idx" ON "lesson"("teacherId", "plannedStart", "id");

-- CreateIndex
CREATE INDEX "recording_createdAt_id_idx" ON "recording"("createdAt", "id");

-- CreateIndex
CREATE INDEX "recording_state_createdAt_id_idx" ON "recording"("state", "createdAt", "id");

-- Few segments wait; most recordings have none that does.
CREATE INDEX "segment_open" ON "segment"("recordingId") WHERE "isOpen";
