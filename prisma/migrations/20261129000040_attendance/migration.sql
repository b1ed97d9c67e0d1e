-- Attendance reports of lessons, what their rows are, and who goes from a recording.

-- CreateEnum
CREATE TYPE "AttendanceRule" AS ENUM ('upload', 'release', 'never');

-- CreateEnum
CREATE TYPE "AttendanceTool" AS ENUM ('zoom', 'teams', 'meet', 'webex', 'bigbluebutton', 'table');

-- CreateEnum
CREATE TYPE "AttendeeState" AS ENUM ('identified', 'proposed', 'ambiguous', 'device', 'phone', 'unknown');

-- CreateEnum
CREATE TYPE "AttendeeDecisionKind" AS ENUM ('persons', 'staff', 'not_a_person', 'never_admitted');

-- AlterEnum
ALTER TYPE "FindingSource" ADD VALUE 'attendance';

-- AlterTable
ALTER TABLE "school" ADD COLUMN "attendance" "AttendanceRule" NOT NULL DEFAULT 'release';

-- A school that works already has lessons without a report: it chooses when it begins to ask for them.
UPDATE "school" SET "attendance" = 'never';

-- AlterTable
ALTER TABLE "lesson" ADD COLUMN "attendance" JSONB;

-- CreateTable
CREATE TABLE "attendance_report" (
    "id" UUID NOT NULL,
    "lessonId" UUID NOT NULL,
    "tool" "AttendanceTool" NOT NULL,
    "fileName" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "sealedId" UUID NOT NULL,
    "statedCount" INTEGER,
    "resolutionMs" INTEGER NOT NULL,
    "notices" TEXT[],
    "takenById" TEXT NOT NULL,
    "takenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attendance_report_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attendance_row" (
    "id" UUID NOT NULL,
    "reportId" UUID NOT NULL,
    "line" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "originalName" TEXT,
    "emailDigest" BYTEA,
    "emailShown" TEXT,
    "account" TEXT,
    "joinedAt" TIMESTAMPTZ(3),
    "leftAt" TIMESTAMPTZ(3),
    "isWaiting" BOOLEAN NOT NULL,
    "isTelephone" BOOLEAN NOT NULL,
    "spoke" JSONB,
    "state" "AttendeeState" NOT NULL,
    "isTicked" BOOLEAN NOT NULL,
    "candidates" UUID[],
    "notes" TEXT[],
    "decision" "AttendeeDecisionKind",
    "personIds" UUID[],
    "why" TEXT,
    "decidedById" TEXT,
    "decidedAt" TIMESTAMPTZ(3),

    CONSTRAINT "attendance_row_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attendee_alias" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "schoolYear" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "emailDigest" BYTEA,
    "personIds" UUID[],
    "confirmedById" TEXT NOT NULL,
    "confirmedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attendee_alias_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attendance_mapping" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "headings" TEXT NOT NULL,
    "mapping" JSONB NOT NULL,
    "savedById" TEXT NOT NULL,
    "savedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attendance_mapping_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attendee_removal" (
    "recordingId" UUID NOT NULL,
    "personId" UUID NOT NULL,
    "why" TEXT NOT NULL,
    "decidedById" TEXT NOT NULL,
    "decidedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attendee_removal_pkey" PRIMARY KEY ("recordingId","personId")
);

-- CreateIndex
CREATE UNIQUE INDEX "attendance_report_sealedId_key" ON "attendance_report"("sealedId");

-- CreateIndex
CREATE UNIQUE INDEX "attendance_report_lessonId_sha256_key" ON "attendance_report"("lessonId", "sha256");

-- CreateIndex
CREATE INDEX "attendance_row_reportId_idx" ON "attendance_row"("reportId");

-- CreateIndex
CREATE INDEX "attendee_alias_schoolId_schoolYear_name_idx" ON "attendee_alias"("schoolId", "schoolYear", "name");

-- CreateIndex
CREATE UNIQUE INDEX "attendance_mapping_schoolId_headings_key" ON "attendance_mapping"("schoolId", "headings");

-- AddForeignKey
ALTER TABLE "attendance_report" ADD CONSTRAINT "attendance_report_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendance_report" ADD CONSTRAINT "attendance_report_sealedId_fkey" FOREIGN KEY ("sealedId") REFERENCES "sealed_object"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendance_row" ADD CONSTRAINT "attendance_row_reportId_fkey" FOREIGN KEY ("reportId") REFERENCES "attendance_report"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendee_alias" ADD CONSTRAINT "attendee_alias_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendance_mapping" ADD CONSTRAINT "attendance_mapping_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attendee_removal" ADD CONSTRAINT "attendee_removal_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Who decided stands beside what was decided, and only persons are named.
ALTER TABLE "attendance_row"
    ADD CONSTRAINT "attendance_row_decided" CHECK (("decision" IS NULL) = ("decidedById" IS NULL)
        AND ("decision" IS NULL) = ("decidedAt" IS NULL)),
    ADD CONSTRAINT "attendance_row_persons" CHECK (("decision" IS NOT DISTINCT FROM 'persons')
        = (COALESCE(array_length("personIds", 1), 0) > 0));
