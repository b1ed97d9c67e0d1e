-- Captions of a recording: one row a language, and every version of the text.

-- CreateEnum
CREATE TYPE "CaptionsSource" AS ENUM ('file', 'track', 'correction');

-- CreateEnum
CREATE TYPE "CaptionsFormat" AS ENUM ('vtt', 'srt');

-- CreateTable
CREATE TABLE "captions" (
    "id" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "language" TEXT NOT NULL,
    "current" INTEGER,
    "handIds" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "captions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "captions_version" (
    "id" UUID NOT NULL,
    "captionsId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "source" "CaptionsSource" NOT NULL,
    "format" "CaptionsFormat",
    "showsSpeakers" BOOLEAN NOT NULL DEFAULT false,
    "cues" INTEGER NOT NULL,
    "sealedId" UUID NOT NULL,
    "fileId" UUID,
    "createdById" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "captions_version_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "captions_recordingId_language_key" ON "captions"("recordingId", "language");

-- CreateIndex
CREATE UNIQUE INDEX "captions_version_sealedId_key" ON "captions_version"("sealedId");

-- CreateIndex
CREATE UNIQUE INDEX "captions_version_fileId_key" ON "captions_version"("fileId");

-- CreateIndex
CREATE UNIQUE INDEX "captions_version_captionsId_number_key" ON "captions_version"("captionsId", "number");

-- AddForeignKey
ALTER TABLE "captions" ADD CONSTRAINT "captions_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "captions_version" ADD CONSTRAINT "captions_version_captionsId_fkey" FOREIGN KEY ("captionsId") REFERENCES "captions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "captions_version" ADD CONSTRAINT "captions_version_sealedId_fkey" FOREIGN KEY ("sealedId") REFERENCES "sealed_object"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "captions_version" ADD CONSTRAINT "captions_version_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "sealed_object"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What came in a file has its format; what a person wrote has that person.
ALTER TABLE "captions_version"
    ADD CONSTRAINT "captions_version_number" CHECK ("number" > 0),
    ADD CONSTRAINT "captions_version_file" CHECK (("source" = 'file') = ("format" IS NOT NULL)),
    ADD CONSTRAINT "captions_version_by" CHECK ("source" = 'track' OR "createdById" IS NOT NULL);
