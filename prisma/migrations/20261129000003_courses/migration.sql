-- Permission is given to a course: courses, terms, requests, answers with their evidence.

-- Lessons from before courses hold addresses of families in plain text, which only the server could lock.
DO $$
BEGIN
  IF EXISTS (SELECT FROM "lesson") THEN
    RAISE EXCEPTION 'this database holds lessons from before courses, which this version does not take over; start with an empty database';
  END IF;
END $$;

ALTER TYPE "PermissionStatus" ADD VALUE 'invalidated';
ALTER TYPE "ContactKind" ADD VALUE 'other';
ALTER TYPE "PersonKind" ADD VALUE 'signer';
ALTER TYPE "ActorKind" ADD VALUE 'signer' BEFORE 'system';
ALTER TYPE "TaskKind" ADD VALUE 'decide_conflict';
ALTER TYPE "TaskKind" ADD VALUE 'correct_address';
ALTER TYPE "TaskKind" ADD VALUE 'ask_of_age';

-- CreateEnum
CREATE TYPE "EvidenceEvent" AS ENUM ('answered', 'withdrawn', 'objected');

-- CreateEnum
CREATE TYPE "TextKind" AS ENUM ('notice', 'consent');

-- CreateEnum
CREATE TYPE "RequestState" AS ENUM ('open', 'answered', 'lapsed', 'cancelled', 'superseded');

-- CreateEnum
CREATE TYPE "DeliveryState" AS ENUM ('queued', 'accepted', 'refused', 'bounced', 'unknown');

-- CreateEnum
CREATE TYPE "DeliveryKind" AS ENUM ('asked', 'reminder', 'told');

DROP TABLE "guardian";
ALTER TABLE "permission" DROP CONSTRAINT "permission_one_subject";
ALTER TABLE "permission" DROP COLUMN "lessonId", DROP COLUMN "siteId", DROP COLUMN "participantId";
DROP TABLE "participant";
DROP TABLE "site";
ALTER TABLE "lesson" DROP CONSTRAINT "lesson_has_reason";
ALTER TABLE "lesson" DROP COLUMN "channelId", DROP COLUMN "reason", DROP COLUMN "supervisorName";
ALTER TABLE "lesson" ADD COLUMN "courseId" UUID NOT NULL;
ALTER TABLE "permission"
    ADD COLUMN "courseId" UUID NOT NULL,
    ADD COLUMN "siteId" UUID,
    ADD COLUMN "participantId" UUID,
    ADD COLUMN "declined" "Purpose"[],
    ADD COLUMN "declinedTo" "Audience"[],
    ADD COLUMN "isDatedByDay" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "inHandAt" TIMESTAMPTZ(3),
    ADD COLUMN "assurance" INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN "digest" TEXT,
    ADD COLUMN "requestId" UUID,
    ADD COLUMN "alternativeAt" TIMESTAMPTZ(3);
ALTER TABLE "person" ADD COLUMN "adultFrom" DATE, ADD COLUMN "language" TEXT;
ALTER TABLE "contact" ADD COLUMN "undeliverableAt" TIMESTAMPTZ(3), ADD COLUMN "undeliverableWhy" TEXT;
ALTER TABLE "task" ADD COLUMN "courseId" UUID;
ALTER TABLE "school" ADD COLUMN "permissionRules" JSONB;

-- CreateTable
CREATE TABLE "course" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "isSingle" BOOLEAN NOT NULL,
    "channelId" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "teacherId" TEXT NOT NULL,
    "supervisorName" TEXT NOT NULL,
    "purposes" "Purpose"[],
    "audiences" "Audience"[],
    "from" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "keptUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "course_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "course_class" (
    "courseId" UUID NOT NULL,
    "classId" UUID NOT NULL,

    CONSTRAINT "course_class_pkey" PRIMARY KEY ("courseId", "classId")
);

-- CreateTable
CREATE TABLE "site" (
    "id" UUID NOT NULL,
    "courseId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "SiteKind" NOT NULL,
    "contact" TEXT NOT NULL,
    "addedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "site_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "participant" (
    "id" UUID NOT NULL,
    "courseId" UUID NOT NULL,
    "personId" UUID NOT NULL,
    "classId" UUID,
    "lessonId" UUID,
    "kind" "ParticipantKind" NOT NULL,
    "isMinor" BOOLEAN NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3),
    "addedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "participant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "terms" (
    "digest" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "canonical" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sealedId" UUID,

    CONSTRAINT "terms_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "course_terms" (
    "id" UUID NOT NULL,
    "courseId" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "createdById" TEXT NOT NULL,

    CONSTRAINT "course_terms_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "school_text" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "kind" "TextKind" NOT NULL,
    "language" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "createdById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "school_text_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "unrecorded_seat" (
    "lessonId" UUID NOT NULL,
    "participantId" UUID NOT NULL,
    "markedById" TEXT NOT NULL,
    "markedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "unrecorded_seat_pkey" PRIMARY KEY ("lessonId", "participantId")
);

-- CreateTable
CREATE TABLE "request" (
    "id" UUID NOT NULL,
    "courseId" UUID NOT NULL,
    "participantId" UUID,
    "siteId" UUID,
    "signerId" UUID,
    "capacity" "SignerCapacity" NOT NULL,
    "digest" TEXT NOT NULL,
    "state" "RequestState" NOT NULL DEFAULT 'open',
    "askedAt" TIMESTAMPTZ(3) NOT NULL,
    "answerBy" TIMESTAMPTZ(3) NOT NULL,
    "openedAt" TIMESTAMPTZ(3),
    "answeredAt" TIMESTAMPTZ(3),
    "reminders" INTEGER NOT NULL DEFAULT 0,
    "remindAt" TIMESTAMPTZ(3),

    CONSTRAINT "request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signer_link" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "personId" UUID,
    "siteId" UUID,
    "tokenDigest" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "replacedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lockedUntil" TIMESTAMPTZ(3),

    CONSTRAINT "signer_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery" (
    "id" UUID NOT NULL,
    "linkId" UUID NOT NULL,
    "state" "DeliveryState" NOT NULL,
    "kind" "DeliveryKind" NOT NULL,
    "contactId" UUID,
    "addressDigest" BYTEA NOT NULL,
    "addressMask" TEXT NOT NULL,
    "queuedAt" TIMESTAMPTZ(3) NOT NULL,
    "claimedAt" TIMESTAMPTZ(3),
    "settledAt" TIMESTAMPTZ(3),
    "messageId" TEXT,
    "reply" TEXT,

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivered_request" (
    "deliveryId" UUID NOT NULL,
    "requestId" UUID NOT NULL,

    CONSTRAINT "delivered_request_pkey" PRIMARY KEY ("deliveryId", "requestId")
);

-- CreateTable
CREATE TABLE "evidence" (
    "id" UUID NOT NULL,
    "permissionId" UUID NOT NULL,
    "event" "EvidenceEvent" NOT NULL,
    "sha256" TEXT NOT NULL,
    "locked" BYTEA NOT NULL,
    "receipt" BYTEA,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "evidence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "objection" (
    "id" UUID NOT NULL,
    "lessonId" UUID NOT NULL,
    "participantId" UUID NOT NULL,
    "guardianId" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "liftedAt" TIMESTAMPTZ(3),

    CONSTRAINT "objection_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "course_teacherId_idx" ON "course"("teacherId");

-- CreateIndex
CREATE INDEX "course_class_classId_idx" ON "course_class"("classId");

-- CreateIndex
CREATE INDEX "site_courseId_idx" ON "site"("courseId");

-- CreateIndex
CREATE INDEX "participant_courseId_idx" ON "participant"("courseId");

-- CreateIndex
CREATE INDEX "participant_personId_idx" ON "participant"("personId");

-- CreateIndex
CREATE INDEX "participant_classId_idx" ON "participant"("classId");

-- CreateIndex
CREATE INDEX "participant_lessonId_idx" ON "participant"("lessonId");

-- CreateIndex
CREATE UNIQUE INDEX "terms_id_key" ON "terms"("id");

-- CreateIndex
CREATE UNIQUE INDEX "terms_sealedId_key" ON "terms"("sealedId");

-- CreateIndex
CREATE INDEX "course_terms_courseId_since_idx" ON "course_terms"("courseId", "since");

-- CreateIndex
CREATE UNIQUE INDEX "school_text_schoolId_kind_language_version_key" ON "school_text"("schoolId", "kind", "language", "version");

-- CreateIndex
CREATE INDEX "unrecorded_seat_participantId_idx" ON "unrecorded_seat"("participantId");

-- CreateIndex
CREATE INDEX "request_courseId_idx" ON "request"("courseId");

-- CreateIndex
CREATE INDEX "request_participantId_idx" ON "request"("participantId");

-- CreateIndex
CREATE INDEX "request_siteId_idx" ON "request"("siteId");

-- CreateIndex
CREATE INDEX "request_signerId_state_idx" ON "request"("signerId", "state");

-- CreateIndex
CREATE INDEX "request_state_remindAt_idx" ON "request"("state", "remindAt");

-- CreateIndex
CREATE UNIQUE INDEX "signer_link_tokenDigest_key" ON "signer_link"("tokenDigest");

-- CreateIndex
CREATE INDEX "signer_link_personId_idx" ON "signer_link"("personId");

-- CreateIndex
CREATE INDEX "signer_link_siteId_idx" ON "signer_link"("siteId");

-- CreateIndex
CREATE UNIQUE INDEX "delivery_messageId_key" ON "delivery"("messageId");

-- CreateIndex
CREATE INDEX "delivery_linkId_idx" ON "delivery"("linkId");

-- CreateIndex
CREATE INDEX "delivered_request_requestId_idx" ON "delivered_request"("requestId");

-- CreateIndex
CREATE INDEX "evidence_permissionId_idx" ON "evidence"("permissionId");

-- CreateIndex
CREATE INDEX "objection_lessonId_idx" ON "objection"("lessonId");

-- CreateIndex
CREATE INDEX "objection_participantId_idx" ON "objection"("participantId");

-- CreateIndex
CREATE INDEX "lesson_courseId_idx" ON "lesson"("courseId");

-- CreateIndex
CREATE INDEX "permission_courseId_idx" ON "permission"("courseId");

-- CreateIndex
CREATE INDEX "permission_participantId_idx" ON "permission"("participantId");

-- CreateIndex
CREATE INDEX "permission_siteId_idx" ON "permission"("siteId");

-- CreateIndex
CREATE INDEX "permission_guardianId_idx" ON "permission"("guardianId");

-- AddForeignKey
ALTER TABLE "course" ADD CONSTRAINT "course_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "course" ADD CONSTRAINT "course_channelId_fkey" FOREIGN KEY ("channelId") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "course_class" ADD CONSTRAINT "course_class_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "course"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "course_class" ADD CONSTRAINT "course_class_classId_fkey" FOREIGN KEY ("classId") REFERENCES "class"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "site" ADD CONSTRAINT "site_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "course"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "participant" ADD CONSTRAINT "participant_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "course"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "participant" ADD CONSTRAINT "participant_personId_fkey" FOREIGN KEY ("personId") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "participant" ADD CONSTRAINT "participant_classId_fkey" FOREIGN KEY ("classId") REFERENCES "class"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "participant" ADD CONSTRAINT "participant_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "terms" ADD CONSTRAINT "terms_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "terms" ADD CONSTRAINT "terms_sealedId_fkey" FOREIGN KEY ("sealedId") REFERENCES "sealed_object"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "course_terms" ADD CONSTRAINT "course_terms_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "course"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "course_terms" ADD CONSTRAINT "course_terms_digest_fkey" FOREIGN KEY ("digest") REFERENCES "terms"("digest") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "school_text" ADD CONSTRAINT "school_text_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unrecorded_seat" ADD CONSTRAINT "unrecorded_seat_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unrecorded_seat" ADD CONSTRAINT "unrecorded_seat_participantId_fkey" FOREIGN KEY ("participantId") REFERENCES "participant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request" ADD CONSTRAINT "request_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "course"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request" ADD CONSTRAINT "request_participantId_fkey" FOREIGN KEY ("participantId") REFERENCES "participant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request" ADD CONSTRAINT "request_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "site"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request" ADD CONSTRAINT "request_signerId_fkey" FOREIGN KEY ("signerId") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request" ADD CONSTRAINT "request_digest_fkey" FOREIGN KEY ("digest") REFERENCES "terms"("digest") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "signer_link" ADD CONSTRAINT "signer_link_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "signer_link" ADD CONSTRAINT "signer_link_personId_fkey" FOREIGN KEY ("personId") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "signer_link" ADD CONSTRAINT "signer_link_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "site"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_linkId_fkey" FOREIGN KEY ("linkId") REFERENCES "signer_link"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivered_request" ADD CONSTRAINT "delivered_request_deliveryId_fkey" FOREIGN KEY ("deliveryId") REFERENCES "delivery"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivered_request" ADD CONSTRAINT "delivered_request_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "request"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_permissionId_fkey" FOREIGN KEY ("permissionId") REFERENCES "permission"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "objection" ADD CONSTRAINT "objection_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "objection" ADD CONSTRAINT "objection_participantId_fkey" FOREIGN KEY ("participantId") REFERENCES "participant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "course"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission" ADD CONSTRAINT "permission_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "course"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission" ADD CONSTRAINT "permission_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "site"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission" ADD CONSTRAINT "permission_participantId_fkey" FOREIGN KEY ("participantId") REFERENCES "participant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission" ADD CONSTRAINT "permission_digest_fkey" FOREIGN KEY ("digest") REFERENCES "terms"("digest") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission" ADD CONSTRAINT "permission_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "request"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- A permission and a request are of one site or of one participant, never of both or none; a link of one signer.
ALTER TABLE "permission" ADD CONSTRAINT "permission_one_subject" CHECK (("siteId" IS NULL) <> ("participantId" IS NULL));
ALTER TABLE "request" ADD CONSTRAINT "request_one_subject" CHECK (("siteId" IS NULL) <> ("participantId" IS NULL));
ALTER TABLE "signer_link" ADD CONSTRAINT "signer_link_one_signer" CHECK (("siteId" IS NULL) <> ("personId" IS NULL));
ALTER TABLE "course" ADD CONSTRAINT "course_has_reason" CHECK (btrim("reason") <> '');
ALTER TABLE "course" ADD CONSTRAINT "course_ends_after_start" CHECK ("until" > "from");
ALTER TABLE "permission" ADD CONSTRAINT "permission_assurance" CHECK ("assurance" BETWEEN 1 AND 5);
-- One open request for a signer, a subject and a version of the terms; one link that answers for a signer.
CREATE UNIQUE INDEX "request_open_once" ON "request" ("participantId", "siteId", "signerId", "digest") NULLS NOT DISTINCT WHERE "state" = 'open';
CREATE UNIQUE INDEX "signer_link_of_person" ON "signer_link" ("personId") WHERE "personId" IS NOT NULL AND "replacedAt" IS NULL AND "revokedAt" IS NULL;
CREATE UNIQUE INDEX "signer_link_of_site" ON "signer_link" ("siteId") WHERE "siteId" IS NOT NULL AND "replacedAt" IS NULL AND "revokedAt" IS NULL;
-- What a signer read and how they answered is never rewritten.
CREATE FUNCTION refuse_other_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW."digest" <> OLD."digest" OR NEW."canonical" <> OLD."canonical" THEN
    RAISE EXCEPTION 'terms are immutable';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "immutable" BEFORE UPDATE OR DELETE ON "terms" FOR EACH ROW EXECUTE FUNCTION refuse_other_terms();
