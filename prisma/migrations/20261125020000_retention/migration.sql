-- Retention, holds, erasure, re-sealing and integrity.
ALTER TABLE "school"
  ADD COLUMN "yearStartMonth" INTEGER NOT NULL DEFAULT 9,
  ADD COLUMN "yearStartDay" INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN "expiredGraceDays" INTEGER NOT NULL DEFAULT 7,
  ADD COLUMN "eraseOnWithdrawalDays" INTEGER;
ALTER TABLE "lesson" ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'lesson';
ALTER TABLE "recording" ADD COLUMN "expiredAt" TIMESTAMPTZ(3);

CREATE TABLE "retention_policy" (
    "id" UUID NOT NULL,
    "kind" TEXT,
    "schoolYear" INTEGER,
    "keepDays" INTEGER,
    "keepUntil" TIMESTAMPTZ(3),
    "createdById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "retention_policy_pkey" PRIMARY KEY ("id")
);
-- One policy for each kind and year: of two, nobody could say which counts.
CREATE UNIQUE INDEX "retention_policy_subject" ON "retention_policy" (COALESCE("kind", ''), COALESCE("schoolYear", 0));
ALTER TABLE "retention_policy" ADD CONSTRAINT "retention_policy_one_end" CHECK (("keepDays" IS NULL) <> ("keepUntil" IS NULL));

CREATE TABLE "legal_hold" (
    "id" UUID NOT NULL,
    "recordingId" UUID,
    "lessonId" UUID,
    "reason" TEXT NOT NULL,
    "endsAt" TIMESTAMPTZ(3),
    "reviewAt" TIMESTAMPTZ(3),
    "setById" TEXT NOT NULL,
    "setAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "liftedById" TEXT,
    "liftedAt" TIMESTAMPTZ(3),
    "liftedWhy" TEXT,

    CONSTRAINT "legal_hold_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "legal_hold_recordingId_idx" ON "legal_hold"("recordingId");
CREATE INDEX "legal_hold_lessonId_idx" ON "legal_hold"("lessonId");
ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_one_subject" CHECK (("recordingId" IS NULL) <> ("lessonId" IS NULL));
ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_ends_or_is_reviewed" CHECK ("endsAt" IS NOT NULL OR "reviewAt" IS NOT NULL);

CREATE TABLE "erasure" (
    "recordingId" UUID NOT NULL,
    "why" TEXT NOT NULL,
    "note" TEXT,
    "byKind" TEXT NOT NULL,
    "byId" TEXT,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'removing',
    "objects" JSONB NOT NULL,
    "retryAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "certificate" TEXT,
    "signature" TEXT,

    CONSTRAINT "erasure_pkey" PRIMARY KEY ("recordingId")
);
CREATE INDEX "erasure_state_retryAt_idx" ON "erasure"("state", "retryAt");
ALTER TABLE "erasure" ADD CONSTRAINT "erasure_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "re_seal" (
    "recordingId" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "why" TEXT NOT NULL,
    "requestedById" TEXT NOT NULL,
    "doneBytes" BIGINT NOT NULL DEFAULT 0,
    "totalBytes" BIGINT NOT NULL DEFAULT 0,
    "error" TEXT,
    "replaced" TEXT[],
    "resealed" TEXT[],
    "requestedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "re_seal_pkey" PRIMARY KEY ("recordingId")
);
ALTER TABLE "re_seal" ADD CONSTRAINT "re_seal_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "sent_digest" (
    "id" TEXT NOT NULL,
    "sentAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sent_digest_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "object_scrub" (
    "sealedId" UUID NOT NULL,
    "scrubbedAt" TIMESTAMPTZ(3) NOT NULL,
    "faultCode" TEXT,
    "faultDetail" TEXT,
    "faultSince" TIMESTAMPTZ(3),

    CONSTRAINT "object_scrub_pkey" PRIMARY KEY ("sealedId")
);
CREATE INDEX "object_scrub_scrubbedAt_idx" ON "object_scrub"("scrubbedAt");
ALTER TABLE "object_scrub" ADD CONSTRAINT "object_scrub_sealedId_fkey" FOREIGN KEY ("sealedId") REFERENCES "sealed_object"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "integrity_run" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),
    "objects" INTEGER NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "faults" INTEGER NOT NULL DEFAULT 0,
    "orphans" INTEGER NOT NULL DEFAULT 0,
    "replayed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "integrity_run_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "integrity_run_kind_startedAt_idx" ON "integrity_run"("kind", "startedAt");
