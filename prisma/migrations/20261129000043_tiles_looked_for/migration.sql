-- How far the search for somebody's tiles is.

-- AlterTable
ALTER TABLE "attendee_removal" ADD COLUMN "tilesState" "CheckState";
