-- The client's own name for a creation: one that is repeated with it, because its answer was lost, finds the upload.
ALTER TABLE "upload" ADD COLUMN "creationKey" TEXT;
CREATE UNIQUE INDEX "upload_uploaderId_lessonId_creationKey_key" ON "upload"("uploaderId", "lessonId", "creationKey");
