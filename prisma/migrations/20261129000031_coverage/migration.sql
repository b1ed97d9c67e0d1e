-- What of the original each reviewer played: a memory of the review, not an access.

-- CreateTable
CREATE TABLE "coverage" (
    "recordingId" UUID NOT NULL,
    "reviewerId" TEXT NOT NULL,
    "played" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "coverage_pkey" PRIMARY KEY ("recordingId", "reviewerId")
);

-- AddForeignKey
ALTER TABLE "coverage" ADD CONSTRAINT "coverage_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
