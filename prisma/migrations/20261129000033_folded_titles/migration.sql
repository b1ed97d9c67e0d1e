-- The database folds the titles of lessons itself, as it does for the search: no writer can forget it.

-- AlterTable
ALTER TABLE "lesson" DROP COLUMN "folded";
ALTER TABLE "lesson" ADD COLUMN "folded" TEXT GENERATED ALWAYS AS (search_fold("title")) STORED;
