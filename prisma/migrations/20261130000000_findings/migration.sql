-- A segment holds one finding or several that a reviewer decides on together.
CREATE TABLE "finding" (
    "id" UUID NOT NULL,
    "segmentId" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "startMs" INTEGER NOT NULL,
    "endMs" INTEGER NOT NULL,
    "title" TEXT,
    "rightsHolder" TEXT,
    "workId" UUID,
    "confidence" DOUBLE PRECISION NOT NULL,
    "evidence" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "finding_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "finding_range" CHECK ("startMs" >= 0 AND "endMs" >= "startMs"),
    CONSTRAINT "finding_segmentId_fkey" FOREIGN KEY ("segmentId") REFERENCES "segment"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "finding_workId_fkey" FOREIGN KEY ("workId") REFERENCES "work"("id") ON DELETE SET NULL ON UPDATE CASCADE
);

INSERT INTO "finding"
  SELECT "id", "id", "recordingId", "findingKey", "source", "startMs", "endMs", "title", "rightsHolder", "workId", "confidence", "evidence", "createdAt"
  FROM "segment";

DROP INDEX "segment_recordingId_findingKey_key";
ALTER TABLE "segment"
  DROP COLUMN "findingKey",
  DROP COLUMN "source",
  DROP COLUMN "title",
  DROP COLUMN "rightsHolder",
  DROP COLUMN "workId",
  DROP COLUMN "confidence",
  DROP COLUMN "evidence";

CREATE INDEX "segment_recordingId_idx" ON "segment"("recordingId");
CREATE UNIQUE INDEX "finding_recordingId_key_key" ON "finding"("recordingId", "key");
CREATE INDEX "finding_segmentId_idx" ON "finding"("segmentId");

-- What is looked for: names in pictures, least confidence by detector, how close findings are one segment. Null: as delivered.
ALTER TABLE "school" ADD COLUMN "detection" JSONB;
