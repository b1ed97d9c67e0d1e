-- Works are found by what is heard and seen of them. Prints from before hold too little for that: such works are registered anew.
UPDATE "segment" SET "workId" = NULL;
DELETE FROM "work";
ALTER TABLE "work"
  DROP COLUMN "fingerprint",
  ADD COLUMN "number" SERIAL NOT NULL,
  ADD COLUMN "kind" TEXT NOT NULL,
  ADD COLUMN "identifiers" JSONB NOT NULL DEFAULT '{}',
  ADD COLUMN "terms" TEXT,
  ADD COLUMN "validFrom" DATE,
  ADD COLUMN "validUntil" DATE,
  ADD COLUMN "chromaprint" BYTEA,
  ADD COLUMN "sound" BYTEA,
  ADD COLUMN "pictures" BYTEA;
CREATE UNIQUE INDEX "work_number_key" ON "work" ("number");

-- Where each key stands in which work: six bytes for each place (work 4, unit of 128 ms 2, little-endian), and of pictures
-- sixteen more (the low bits of the picture), in any order.
-- `places` is in the index, so that a key that stands everywhere is passed over without being read.
CREATE TABLE "work_key" (
  "kind" SMALLINT NOT NULL,
  "key" INTEGER NOT NULL,
  "places" INTEGER NOT NULL,
  "postings" BYTEA NOT NULL,
  CONSTRAINT "work_key_pkey" PRIMARY KEY ("kind", "key") INCLUDE ("places")
);
ALTER TABLE "work_key" ALTER COLUMN "postings" SET STORAGE EXTERNAL;

-- Up to which work, and by which version of the detectors, a recording was searched.
ALTER TABLE "recording"
  ADD COLUMN "searchedWork" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "detectors" INTEGER NOT NULL DEFAULT 0;
