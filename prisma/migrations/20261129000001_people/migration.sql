-- People that the school knows, their classes, who stands for them, and rosters that were taken in.

-- A person of the school stands on the log under a pseudonym too.
ALTER TYPE "PersonKind" ADD VALUE 'person';

-- CreateEnum
CREATE TYPE "PersonRole" AS ENUM ('pupil', 'staff', 'guest', 'guardian', 'contact');

-- CreateEnum
CREATE TYPE "ContactKind" AS ENUM ('email', 'phone');

-- CreateEnum
CREATE TYPE "Relation" AS ENUM ('mother', 'father', 'carer', 'other');

-- CreateEnum
CREATE TYPE "Authority" AS ENUM ('may_sign', 'contact_only', 'none');

-- CreateEnum
CREATE TYPE "RosterFormat" AS ENUM ('oneroster', 'sds', 'e_okul', 'table');

-- CreateEnum
CREATE TYPE "TaskKind" AS ENUM ('decide_guardianship', 'guardian_not_listed', 'pupil_not_listed');

-- CreateTable
CREATE TABLE "person" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "name" TEXT NOT NULL,
    "folded" TEXT NOT NULL,
    "roles" "PersonRole"[],
    "schoolNumber" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person_source" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "personId" UUID NOT NULL,
    "format" "RosterFormat" NOT NULL,
    "sourceId" TEXT NOT NULL,

    CONSTRAINT "person_source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "contact" (
    "id" UUID NOT NULL,
    "personId" UUID NOT NULL,
    "kind" "ContactKind" NOT NULL,
    "locked" BYTEA NOT NULL,
    "digest" BYTEA NOT NULL,
    "importId" UUID,
    "file" TEXT,
    "line" INTEGER,
    "addedById" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contact_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "guardianship" (
    "id" UUID NOT NULL,
    "pupilId" UUID NOT NULL,
    "guardianId" UUID NOT NULL,
    "relation" "Relation" NOT NULL,
    "authority" "Authority" NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3),
    "importId" UUID,
    "file" TEXT,
    "line" INTEGER,
    "changedById" TEXT,

    CONSTRAINT "guardianship_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "class" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "schoolYear" INTEGER NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "class_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "class_source" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "classId" UUID NOT NULL,
    "format" "RosterFormat" NOT NULL,
    "sourceId" TEXT NOT NULL,

    CONSTRAINT "class_source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "class_member" (
    "id" UUID NOT NULL,
    "classId" UUID NOT NULL,
    "personId" UUID NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3),
    "importId" UUID,

    CONSTRAINT "class_member_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "roster_import" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "format" "RosterFormat" NOT NULL,
    "fileName" TEXT,
    "fileSha256" TEXT NOT NULL,
    "schoolYear" INTEGER NOT NULL,
    "importedById" TEXT NOT NULL,
    "importedAt" TIMESTAMPTZ(3) NOT NULL,
    "added" INTEGER NOT NULL,
    "changed" INTEGER NOT NULL,
    "ended" INTEGER NOT NULL,

    CONSTRAINT "roster_import_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "kind" "TaskKind" NOT NULL,
    "personId" UUID NOT NULL,
    "otherId" UUID,
    "importId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "doneAt" TIMESTAMPTZ(3),
    "doneById" TEXT,

    CONSTRAINT "task_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "people_key" (
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "wrappedKey" BYTEA NOT NULL,
    "recipients" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "people_key_pkey" PRIMARY KEY ("schoolId")
);

-- CreateIndex
CREATE INDEX "person_schoolId_folded_id_idx" ON "person"("schoolId", "folded", "id");

-- CreateIndex
CREATE UNIQUE INDEX "person_source_schoolId_format_sourceId_key" ON "person_source"("schoolId", "format", "sourceId");

-- CreateIndex
CREATE INDEX "person_source_personId_idx" ON "person_source"("personId");

-- CreateIndex
CREATE UNIQUE INDEX "contact_personId_kind_digest_key" ON "contact"("personId", "kind", "digest");

-- CreateIndex
CREATE INDEX "contact_digest_idx" ON "contact"("digest");

-- CreateIndex
CREATE INDEX "guardianship_pupilId_idx" ON "guardianship"("pupilId");

-- CreateIndex
CREATE INDEX "guardianship_guardianId_idx" ON "guardianship"("guardianId");

-- CreateIndex
CREATE UNIQUE INDEX "class_schoolId_schoolYear_name_key" ON "class"("schoolId", "schoolYear", "name");

-- CreateIndex
CREATE UNIQUE INDEX "class_source_schoolId_format_sourceId_key" ON "class_source"("schoolId", "format", "sourceId");

-- CreateIndex
CREATE INDEX "class_source_classId_idx" ON "class_source"("classId");

-- CreateIndex
CREATE INDEX "class_member_classId_idx" ON "class_member"("classId");

-- CreateIndex
CREATE INDEX "class_member_personId_idx" ON "class_member"("personId");

-- CreateIndex
CREATE INDEX "roster_import_importedAt_idx" ON "roster_import"("importedAt");

-- CreateIndex
CREATE INDEX "task_doneAt_createdAt_idx" ON "task"("doneAt", "createdAt");

-- AddForeignKey
ALTER TABLE "person" ADD CONSTRAINT "person_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_source" ADD CONSTRAINT "person_source_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_source" ADD CONSTRAINT "person_source_personId_fkey" FOREIGN KEY ("personId") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contact" ADD CONSTRAINT "contact_personId_fkey" FOREIGN KEY ("personId") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contact" ADD CONSTRAINT "contact_importId_fkey" FOREIGN KEY ("importId") REFERENCES "roster_import"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "guardianship" ADD CONSTRAINT "guardianship_pupilId_fkey" FOREIGN KEY ("pupilId") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "guardianship" ADD CONSTRAINT "guardianship_guardianId_fkey" FOREIGN KEY ("guardianId") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "guardianship" ADD CONSTRAINT "guardianship_importId_fkey" FOREIGN KEY ("importId") REFERENCES "roster_import"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "class" ADD CONSTRAINT "class_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "class_source" ADD CONSTRAINT "class_source_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "class_source" ADD CONSTRAINT "class_source_classId_fkey" FOREIGN KEY ("classId") REFERENCES "class"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "class_member" ADD CONSTRAINT "class_member_classId_fkey" FOREIGN KEY ("classId") REFERENCES "class"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "class_member" ADD CONSTRAINT "class_member_personId_fkey" FOREIGN KEY ("personId") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "class_member" ADD CONSTRAINT "class_member_importId_fkey" FOREIGN KEY ("importId") REFERENCES "roster_import"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "roster_import" ADD CONSTRAINT "roster_import_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_personId_fkey" FOREIGN KEY ("personId") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_otherId_fkey" FOREIGN KEY ("otherId") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_importId_fkey" FOREIGN KEY ("importId") REFERENCES "roster_import"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "people_key" ADD CONSTRAINT "people_key_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- One guardianship of two people at a time, and one membership; what ended stays beside it.
CREATE UNIQUE INDEX "guardianship_in_force" ON "guardianship"("pupilId", "guardianId") WHERE "until" IS NULL;
CREATE UNIQUE INDEX "class_member_in_force" ON "class_member"("classId", "personId") WHERE "until" IS NULL;

-- Nobody stands for themselves.
ALTER TABLE "guardianship" ADD CONSTRAINT "guardianship_two_people" CHECK ("pupilId" <> "guardianId");

-- The same task is open once.
CREATE UNIQUE INDEX "task_open" ON "task"("kind", "personId", "otherId") NULLS NOT DISTINCT WHERE "doneAt" IS NULL;
