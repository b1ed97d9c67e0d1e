-- CreateEnum
CREATE TYPE "StaffRole" AS ENUM ('teacher', 'reviewer', 'administrator', 'auditor');

-- CreateEnum
CREATE TYPE "ParticipantKind" AS ENUM ('pupil', 'teacher', 'guest');

-- CreateEnum
CREATE TYPE "PermissionStatus" AS ENUM ('requested', 'granted', 'refused', 'withdrawn', 'expired');

-- CreateEnum
CREATE TYPE "RecordingState" AS ENUM ('receiving', 'sealed', 'in_review', 'cleared', 'approved', 'released', 'quarantined', 'rejected', 'expired', 'erased');

-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "twoFactorEnabled" BOOLEAN DEFAULT false,
    "roles" "StaffRole"[],
    "language" TEXT NOT NULL DEFAULT 'tr',
    "disabledAt" TIMESTAMPTZ(3),

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "token" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "userId" TEXT NOT NULL,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" TIMESTAMPTZ(3),
    "refreshTokenExpiresAt" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "two_factor" (
    "id" TEXT NOT NULL,
    "secret" TEXT NOT NULL,
    "backupCodes" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "verified" BOOLEAN DEFAULT true,
    "failedVerificationCount" INTEGER DEFAULT 0,
    "lockedUntil" TIMESTAMPTZ(3),

    CONSTRAINT "two_factor_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "roles" "StaffRole"[],
    "tokenDigest" TEXT NOT NULL,
    "invitedById" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "acceptedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "scopes" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "lastUsedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_failure" (
    "emailDigest" TEXT NOT NULL,
    "failures" INTEGER NOT NULL,
    "lastAt" TIMESTAMPTZ(3) NOT NULL,
    "lockedUntil" TIMESTAMPTZ(3),

    CONSTRAINT "sign_in_failure_pkey" PRIMARY KEY ("emailDigest")
);

-- CreateTable
CREATE TABLE "school" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "language" TEXT NOT NULL DEFAULT 'tr',
    "requireAllGuardians" BOOLEAN NOT NULL DEFAULT false,
    "requirePupilSignature" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "school_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channel" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "approved" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "channel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "risk_assessment" (
    "id" UUID NOT NULL,
    "channelId" UUID NOT NULL,
    "assessedBy" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "validFrom" TIMESTAMPTZ(3) NOT NULL,
    "validUntil" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "risk_assessment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lesson" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL,
    "channelId" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "plannedStart" TIMESTAMPTZ(3) NOT NULL,
    "plannedEnd" TIMESTAMPTZ(3) NOT NULL,
    "teacherId" TEXT NOT NULL,
    "supervisorName" TEXT NOT NULL,
    "announcedAt" TIMESTAMPTZ(3),
    "announcedBy" TEXT,
    "announcedHow" TEXT,
    "announcedSecond" INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "lesson_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "site" (
    "id" UUID NOT NULL,
    "lessonId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "contact" TEXT NOT NULL,
    "addedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "site_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "participant" (
    "id" UUID NOT NULL,
    "lessonId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "ParticipantKind" NOT NULL,
    "isMinor" BOOLEAN NOT NULL,
    "addedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "participant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "guardian" (
    "id" UUID NOT NULL,
    "participantId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "contact" TEXT NOT NULL,

    CONSTRAINT "guardian_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "permission" (
    "id" UUID NOT NULL,
    "lessonId" UUID NOT NULL,
    "siteId" UUID,
    "participantId" UUID,
    "status" "PermissionStatus" NOT NULL,
    "purposes" TEXT[],
    "releaseTo" TEXT[],
    "route" TEXT NOT NULL,
    "signerName" TEXT,
    "signerCapacity" TEXT,
    "guardianId" UUID,
    "signedAt" TIMESTAMPTZ(3),
    "validUntil" TIMESTAMPTZ(3),
    "reason" TEXT NOT NULL,
    "noticeVersion" TEXT NOT NULL,
    "noticeLanguage" TEXT NOT NULL,
    "documentSha256" TEXT,
    "documentId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "permission_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "permission_event" (
    "id" UUID NOT NULL,
    "permissionId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" "PermissionStatus" NOT NULL,
    "actorId" TEXT,
    "note" TEXT,

    CONSTRAINT "permission_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sealed_object" (
    "id" UUID NOT NULL,
    "bodyKey" TEXT NOT NULL,
    "envelope" BYTEA NOT NULL,
    "salt" BYTEA NOT NULL,
    "chunkOctet" INTEGER NOT NULL,
    "framing" TEXT NOT NULL,
    "bodyBytes" BIGINT NOT NULL,
    "bodySha256" TEXT NOT NULL,
    "envelopeSha256" TEXT NOT NULL,
    "mediaBytes" BIGINT NOT NULL,
    "mediaSha256" TEXT NOT NULL,
    "commitment" TEXT NOT NULL,
    "sealedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sealed_object_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "recording" (
    "id" UUID NOT NULL,
    "lessonId" UUID NOT NULL,
    "uploaderId" TEXT NOT NULL,
    "state" "RecordingState" NOT NULL,
    "fileName" TEXT,
    "declaredType" TEXT,
    "declaredBytes" BIGINT,
    "leaseUntil" TIMESTAMPTZ(3),
    "sealedId" UUID,
    "probe" JSONB,
    "mediaType" TEXT,
    "declaredDurationMs" INTEGER,
    "analysedDurationMs" INTEGER,
    "checkState" TEXT NOT NULL DEFAULT 'waiting',
    "checkedMs" INTEGER,
    "checkError" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sealedAt" TIMESTAMPTZ(3),
    "clearedById" TEXT,
    "clearedAt" TIMESTAMPTZ(3),
    "approvedById" TEXT,
    "approvedAt" TIMESTAMPTZ(3),
    "stateReason" TEXT,

    CONSTRAINT "recording_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "work" (
    "id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "rightsHolder" TEXT NOT NULL,
    "licence" TEXT,
    "sha256" TEXT NOT NULL,
    "durationMs" INTEGER NOT NULL,
    "fingerprint" BYTEA NOT NULL,
    "registeredById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "work_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "segment" (
    "id" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "findingKey" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "startMs" INTEGER NOT NULL,
    "endMs" INTEGER NOT NULL,
    "title" TEXT,
    "rightsHolder" TEXT,
    "claimedGround" TEXT,
    "workId" UUID,
    "confidence" DOUBLE PRECISION NOT NULL,
    "evidence" JSONB NOT NULL,
    "declaredById" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "segment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "decision" (
    "id" BIGSERIAL NOT NULL,
    "segmentId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "ground" TEXT,
    "note" TEXT,
    "decidedById" TEXT NOT NULL,
    "decidedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rendition" (
    "id" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "edits" JSONB NOT NULL,
    "mediaType" TEXT,
    "durationMs" INTEGER,
    "renderedMs" INTEGER,
    "error" TEXT,
    "sealedId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "supersededAt" TIMESTAMPTZ(3),

    CONSTRAINT "rendition_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "release" (
    "id" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "renditionId" UUID NOT NULL,
    "audience" TEXT NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "releasedById" TEXT NOT NULL,
    "releasedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),
    "endedWhy" TEXT,

    CONSTRAINT "release_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "viewer_link" (
    "id" UUID NOT NULL,
    "releaseId" UUID NOT NULL,
    "viewerName" TEXT NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "createdById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "viewer_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "seq" BIGINT NOT NULL,
    "canonical" TEXT NOT NULL,
    "leaf_hash" BYTEA NOT NULL,
    "chain_hash" BYTEA NOT NULL,
    "entry_id" TEXT NOT NULL GENERATED ALWAYS AS ("canonical"::jsonb ->> 'id') STORED,
    "at" TEXT NOT NULL GENERATED ALWAYS AS ("canonical"::jsonb ->> 'at') STORED,
    "action" TEXT NOT NULL GENERATED ALWAYS AS ("canonical"::jsonb ->> 'action') STORED,
    "outcome" TEXT NOT NULL GENERATED ALWAYS AS ("canonical"::jsonb ->> 'outcome') STORED,
    "actor_id" TEXT GENERATED ALWAYS AS ("canonical"::jsonb #>> '{actor,id}') STORED,
    "object_kind" TEXT GENERATED ALWAYS AS ("canonical"::jsonb #>> '{object,kind}') STORED,
    "object_id" TEXT GENERATED ALWAYS AS ("canonical"::jsonb #>> '{object,id}') STORED,
    "recording_id" TEXT GENERATED ALWAYS AS ("canonical"::jsonb #>> '{object,recordingId}') STORED,
    "lesson_id" TEXT GENERATED ALWAYS AS ("canonical"::jsonb #>> '{object,lessonId}') STORED,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "audit_address" (
    "seq" BIGINT NOT NULL,
    "address" TEXT NOT NULL,
    "salt" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_address_pkey" PRIMARY KEY ("seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE INDEX "session_userId_idx" ON "session"("userId");

-- CreateIndex
CREATE INDEX "account_userId_idx" ON "account"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "account_providerId_accountId_key" ON "account"("providerId", "accountId");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE INDEX "two_factor_secret_idx" ON "two_factor"("secret");

-- CreateIndex
CREATE INDEX "two_factor_userId_idx" ON "two_factor"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_tokenDigest_key" ON "invitation"("tokenDigest");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_tokenDigest_key" ON "api_token"("tokenDigest");

-- CreateIndex
CREATE INDEX "api_token_userId_idx" ON "api_token"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "channel_schoolId_name_key" ON "channel"("schoolId", "name");

-- CreateIndex
CREATE INDEX "risk_assessment_channelId_idx" ON "risk_assessment"("channelId");

-- CreateIndex
CREATE INDEX "lesson_teacherId_idx" ON "lesson"("teacherId");

-- CreateIndex
CREATE INDEX "site_lessonId_idx" ON "site"("lessonId");

-- CreateIndex
CREATE INDEX "participant_lessonId_idx" ON "participant"("lessonId");

-- CreateIndex
CREATE INDEX "guardian_participantId_idx" ON "guardian"("participantId");

-- CreateIndex
CREATE UNIQUE INDEX "permission_documentId_key" ON "permission"("documentId");

-- CreateIndex
CREATE INDEX "permission_lessonId_idx" ON "permission"("lessonId");

-- CreateIndex
CREATE INDEX "permission_event_permissionId_idx" ON "permission_event"("permissionId");

-- CreateIndex
CREATE UNIQUE INDEX "sealed_object_bodyKey_key" ON "sealed_object"("bodyKey");

-- CreateIndex
CREATE UNIQUE INDEX "recording_sealedId_key" ON "recording"("sealedId");

-- CreateIndex
CREATE INDEX "recording_lessonId_idx" ON "recording"("lessonId");

-- CreateIndex
CREATE INDEX "recording_state_idx" ON "recording"("state");

-- CreateIndex
CREATE UNIQUE INDEX "work_sha256_key" ON "work"("sha256");

-- CreateIndex
CREATE UNIQUE INDEX "segment_recordingId_findingKey_key" ON "segment"("recordingId", "findingKey");

-- CreateIndex
CREATE INDEX "decision_segmentId_idx" ON "decision"("segmentId");

-- CreateIndex
CREATE UNIQUE INDEX "rendition_sealedId_key" ON "rendition"("sealedId");

-- CreateIndex
CREATE INDEX "rendition_recordingId_idx" ON "rendition"("recordingId");

-- CreateIndex
CREATE INDEX "release_recordingId_idx" ON "release"("recordingId");

-- CreateIndex
CREATE UNIQUE INDEX "viewer_link_tokenDigest_key" ON "viewer_link"("tokenDigest");

-- CreateIndex
CREATE INDEX "viewer_link_releaseId_idx" ON "viewer_link"("releaseId");

-- CreateIndex
CREATE UNIQUE INDEX "audit_entry_entry_id_key" ON "audit_entry"("entry_id");

-- CreateIndex
CREATE INDEX "audit_entry_at_idx" ON "audit_entry"("at");

-- CreateIndex
CREATE INDEX "audit_entry_action_seq_idx" ON "audit_entry"("action", "seq");

-- CreateIndex
CREATE INDEX "audit_entry_actor_id_seq_idx" ON "audit_entry"("actor_id", "seq");

-- CreateIndex
CREATE INDEX "audit_entry_object_id_seq_idx" ON "audit_entry"("object_id", "seq");

-- CreateIndex
CREATE INDEX "audit_entry_recording_id_seq_idx" ON "audit_entry"("recording_id", "seq");

-- CreateIndex
CREATE INDEX "audit_entry_lesson_id_seq_idx" ON "audit_entry"("lesson_id", "seq");

-- CreateIndex
CREATE INDEX "audit_address_at_idx" ON "audit_address"("at");

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "two_factor" ADD CONSTRAINT "two_factor_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel" ADD CONSTRAINT "channel_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "risk_assessment" ADD CONSTRAINT "risk_assessment_channelId_fkey" FOREIGN KEY ("channelId") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_channelId_fkey" FOREIGN KEY ("channelId") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "site" ADD CONSTRAINT "site_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "participant" ADD CONSTRAINT "participant_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "guardian" ADD CONSTRAINT "guardian_participantId_fkey" FOREIGN KEY ("participantId") REFERENCES "participant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission" ADD CONSTRAINT "permission_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission" ADD CONSTRAINT "permission_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "site"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission" ADD CONSTRAINT "permission_participantId_fkey" FOREIGN KEY ("participantId") REFERENCES "participant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission" ADD CONSTRAINT "permission_documentId_fkey" FOREIGN KEY ("documentId") REFERENCES "sealed_object"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "permission_event" ADD CONSTRAINT "permission_event_permissionId_fkey" FOREIGN KEY ("permissionId") REFERENCES "permission"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recording" ADD CONSTRAINT "recording_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recording" ADD CONSTRAINT "recording_sealedId_fkey" FOREIGN KEY ("sealedId") REFERENCES "sealed_object"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "segment" ADD CONSTRAINT "segment_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "segment" ADD CONSTRAINT "segment_workId_fkey" FOREIGN KEY ("workId") REFERENCES "work"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "decision" ADD CONSTRAINT "decision_segmentId_fkey" FOREIGN KEY ("segmentId") REFERENCES "segment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rendition" ADD CONSTRAINT "rendition_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rendition" ADD CONSTRAINT "rendition_sealedId_fkey" FOREIGN KEY ("sealedId") REFERENCES "sealed_object"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release" ADD CONSTRAINT "release_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release" ADD CONSTRAINT "release_renditionId_fkey" FOREIGN KEY ("renditionId") REFERENCES "rendition"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "viewer_link" ADD CONSTRAINT "viewer_link_releaseId_fkey" FOREIGN KEY ("releaseId") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- A permission is of one site or of one participant, never of both or none.
ALTER TABLE "permission" ADD CONSTRAINT "permission_one_subject" CHECK (("siteId" IS NULL) <> ("participantId" IS NULL));
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_has_reason" CHECK (btrim("reason") <> '');
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_ends_after_start" CHECK ("plannedEnd" > "plannedStart");
ALTER TABLE "segment" ADD CONSTRAINT "segment_range" CHECK ("startMs" >= 0 AND "endMs" >= "startMs");
-- Sealed means: every byte is encrypted, stored and accounted for.
ALTER TABLE "recording" ADD CONSTRAINT "recording_sealed_has_object"
  CHECK ("sealedId" IS NOT NULL OR "state" IN ('receiving', 'erased'));
-- One rendition of a recording counts, one release of a recording is open.
CREATE UNIQUE INDEX "rendition_current" ON "rendition" ("recordingId") WHERE "supersededAt" IS NULL;
CREATE UNIQUE INDEX "release_open" ON "release" ("recordingId") WHERE "endedAt" IS NULL;

-- The log: sequence and hashes are the database's own work, so that no writer can choose them (docs/audit-log.md).
CREATE FUNCTION audit_entry_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last RECORD;
BEGIN
  PERFORM pg_advisory_xact_lock(7305808869231651);
  SELECT "seq", "chain_hash" INTO last FROM "audit_entry" ORDER BY "seq" DESC LIMIT 1;
  NEW."seq" := COALESCE(last."seq", 0) + 1;
  -- RFC 6962, 2.1: a leaf is hashed behind a zero octet.
  NEW."leaf_hash" := sha256('\x00'::bytea || convert_to(NEW."canonical", 'UTF8'));
  NEW."chain_hash" := sha256(COALESCE(last."chain_hash", decode(repeat('00', 32), 'hex')) || NEW."leaf_hash");
  RETURN NEW;
END $$;
CREATE TRIGGER "audit_entry_chain" BEFORE INSERT ON "audit_entry" FOR EACH ROW EXECUTE FUNCTION audit_entry_chain();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entry" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "permission_event" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "decision" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
