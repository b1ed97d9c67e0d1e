-- When an attendee is heard in a recording, from a sound file with their voice alone; the sound itself is not kept.

-- CreateTable
CREATE TABLE "attendee_voice" (
    "rowId" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "sha256" TEXT NOT NULL,
    "startMs" INTEGER NOT NULL,
    "endMs" INTEGER NOT NULL,
    "heard" JSONB NOT NULL,
    "takenById" TEXT NOT NULL,
    "takenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attendee_voice_pkey" PRIMARY KEY ("rowId","recordingId","sha256")
);

-- CreateIndex
CREATE INDEX "attendee_voice_recordingId_idx" ON "attendee_voice"("recordingId");

-- AddForeignKey
ALTER TABLE "attendee_voice" ADD CONSTRAINT "attendee_voice_rowId_fkey" FOREIGN KEY ("rowId") REFERENCES "attendance_row"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendee_voice" ADD CONSTRAINT "attendee_voice_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
