-- How somebody goes from a recording, and when it began, stay known: parts that have to go may be found later.

-- CreateEnum
CREATE TYPE "RemovalWay" AS ENUM ('cut', 'mute_and_cover');

-- AlterTable
ALTER TABLE "attendee_removal" ADD COLUMN "how" "RemovalWay";
ALTER TABLE "attendee_removal" ADD COLUMN "recordedFrom" TIMESTAMPTZ(3);

-- The parts that were proposed say how.
UPDATE "attendee_removal" r
   SET "how" = CASE
           WHEN EXISTS (
               SELECT FROM "finding" f
                WHERE f."recordingId" = r."recordingId" AND f."key" LIKE 'attendance:' || r."personId" || ':cover:%')
           THEN 'mute_and_cover'::"RemovalWay"
           ELSE 'cut'::"RemovalWay"
       END;

-- AlterTable
ALTER TABLE "attendee_removal" ALTER COLUMN "how" SET NOT NULL;
