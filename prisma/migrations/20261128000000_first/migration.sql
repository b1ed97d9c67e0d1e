-- The tables as Prisma writes them for prisma/schema, with two keys that it cannot say; what else it cannot say stands below.

-- The school that a row belongs to, filled in where nobody says it (docs/decisions/0023-rows-of-a-school.md).
CREATE FUNCTION current_school() RETURNS UUID
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  found UUID;
BEGIN
  SELECT s."id" INTO found FROM "school" s;
  IF found IS NULL THEN
    RAISE EXCEPTION 'there is no school yet: npm run setup -- --school NAME' USING ERRCODE = 'no_data_found';
  END IF;
  RETURN found;
END $$;

-- CreateEnum
CREATE TYPE "ScrubFault" AS ENUM ('ENVELOPE', 'LOCK', 'BINDING', 'LENGTH', 'FINAL_TAG', 'CHUNK_TAG', 'TRUNCATED', 'FRAMING', 'NOT_A_RECIPIENT', 'EPOCH_GONE', 'BODY_MISSING', 'ENVELOPE_MISSING', 'ENVELOPE_DIFFERS', 'BODY_DIGEST', 'NOT_ON_THE_LOG', 'LOG_DIFFERS');

-- CreateEnum
CREATE TYPE "IntegrityKind" AS ENUM ('scrub', 'reconcile');

-- CreateEnum
CREATE TYPE "LessonKind" AS ENUM ('lesson', 'exam', 'meeting', 'performance');

-- CreateEnum
CREATE TYPE "SiteKind" AS ENUM ('school', 'other');

-- CreateEnum
CREATE TYPE "PersonKind" AS ENUM ('staff', 'participant', 'viewer', 'invitation');

-- CreateEnum
CREATE TYPE "Purpose" AS ENUM ('record', 'keep', 'release');

-- CreateEnum
CREATE TYPE "Audience" AS ENUM ('class', 'school', 'sites', 'families');

-- CreateEnum
CREATE TYPE "Route" AS ENUM ('paper', 'electronic', 'email', 'spoken');

-- CreateEnum
CREATE TYPE "SignerCapacity" AS ENUM ('guardian', 'self', 'site_representative');

-- CreateEnum
CREATE TYPE "PermissionStatus" AS ENUM ('requested', 'granted', 'refused', 'withdrawn', 'expired');

-- CreateEnum
CREATE TYPE "ParticipantKind" AS ENUM ('pupil', 'teacher', 'guest');

-- CreateEnum
CREATE TYPE "CheckState" AS ENUM ('waiting', 'running', 'done', 'failed');

-- CreateEnum
CREATE TYPE "RecordingState" AS ENUM ('receiving', 'sealed', 'in_review', 'cleared', 'approved', 'released', 'quarantined', 'rejected', 'expired', 'erased');

-- CreateEnum
CREATE TYPE "RenditionState" AS ENUM ('making', 'ready', 'failed');

-- CreateEnum
CREATE TYPE "ReleaseEnd" AS ENUM ('ended', 'expired', 'erased', 'reopen_review', 'lift_quarantine');

-- CreateEnum
CREATE TYPE "ChangeKind" AS ENUM ('policy_added', 'policy_removed', 'school_rules', 'erasure');

-- CreateEnum
CREATE TYPE "ChangeState" AS ENUM ('waiting', 'done', 'called_back');

-- CreateEnum
CREATE TYPE "ErasureReason" AS ENUM ('retention', 'withdrawal', 'request');

-- CreateEnum
CREATE TYPE "ErasureState" AS ENUM ('removing', 'held', 'done');

-- CreateEnum
CREATE TYPE "ActorKind" AS ENUM ('staff', 'viewer', 'system', 'nobody');

-- CreateEnum
CREATE TYPE "ReSealState" AS ENUM ('waiting', 'running', 'done', 'failed');

-- CreateEnum
CREATE TYPE "WorkKind" AS ENUM ('sound', 'film', 'picture', 'pages');

-- CreateEnum
CREATE TYPE "FindingSource" AS ENUM ('tag', 'audio_match', 'picture_match', 'music', 'film', 'notice', 'subtitle', 'not_analysed', 'declared');

-- CreateEnum
CREATE TYPE "DecisionKind" AS ENUM ('permitted', 'mute', 'tone', 'black_out', 'blur', 'cut', 'refuse');

-- CreateEnum
CREATE TYPE "Ground" AS ENUM ('own_work', 'licence', 'exception', 'public_domain', 'permission_letter', 'checked');

-- CreateEnum
CREATE TYPE "Scope" AS ENUM ('read', 'write', 'audit');

-- CreateEnum
CREATE TYPE "Factor" AS ENUM ('password', 'authenticator', 'backup_code', 'passkey');

-- CreateEnum
CREATE TYPE "FactorResetOutcome" AS ENUM ('confirmed', 'cancelled');

-- CreateEnum
CREATE TYPE "StaffRole" AS ENUM ('teacher', 'reviewer', 'administrator', 'auditor');

-- CreateEnum
CREATE TYPE "Framing" AS ENUM ('definite', 'partial30', 'partial22');

-- CreateEnum
CREATE TYPE "UploadState" AS ENUM ('receiving', 'sealing', 'failed');

-- CreateTable
CREATE TABLE "object_scrub" (
    "sealedId" UUID NOT NULL,
    "scrubbedAt" TIMESTAMPTZ(3) NOT NULL,
    "faultCode" "ScrubFault",
    "faultDetail" TEXT,
    "faultSince" TIMESTAMPTZ(3),

    CONSTRAINT "object_scrub_pkey" PRIMARY KEY ("sealedId")
);

-- CreateTable
CREATE TABLE "integrity_run" (
    "id" UUID NOT NULL,
    "kind" "IntegrityKind" NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),
    "objects" INTEGER NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "faults" INTEGER NOT NULL DEFAULT 0,
    "orphans" INTEGER NOT NULL DEFAULT 0,
    "replayed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "integrity_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lesson" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "channelId" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "kind" "LessonKind" NOT NULL DEFAULT 'lesson',
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
    "kind" "SiteKind" NOT NULL,
    "contact" TEXT NOT NULL,
    "addedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "site_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_arrival" (
    "arrival" BIGINT GENERATED BY DEFAULT AS IDENTITY NOT NULL,
    "xid" BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    "canonical" TEXT NOT NULL,
    "entry_id" TEXT,

    CONSTRAINT "audit_arrival_pkey" PRIMARY KEY ("arrival")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "seq" BIGINT NOT NULL,
    "arrival" BIGINT NOT NULL,
    "leaf_hash" BYTEA NOT NULL,
    "entry_id" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "actor_id" TEXT,
    "object_kind" TEXT,
    "object_id" TEXT,
    "recording_id" TEXT,
    "lesson_id" TEXT,
    "words" tsvector NOT NULL,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "audit_batch" (
    "size" BIGINT NOT NULL,
    "horizon" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_batch_pkey" PRIMARY KEY ("size")
);

-- CreateTable
CREATE TABLE "audit_tile" (
    "level" INTEGER NOT NULL,
    "index" BIGINT NOT NULL,
    "hashes" BYTEA NOT NULL,
    "root" BYTEA NOT NULL,

    CONSTRAINT "audit_tile_pkey" PRIMARY KEY ("level","index")
);

-- CreateTable
CREATE TABLE "audit_checkpoint" (
    "size" BIGINT NOT NULL,
    "root" BYTEA NOT NULL,
    "note" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_checkpoint_pkey" PRIMARY KEY ("size")
);

-- CreateTable
CREATE TABLE "person_key" (
    "kind" "PersonKind" NOT NULL,
    "id" TEXT NOT NULL,
    "key" BYTEA NOT NULL,
    "pseudonym" TEXT NOT NULL,

    CONSTRAINT "person_key_pkey" PRIMARY KEY ("kind","id")
);

-- CreateTable
CREATE TABLE "audit_mention" (
    "person" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "audit_mention_pkey" PRIMARY KEY ("person","seq")
);

-- CreateTable
CREATE TABLE "audit_cosignature" (
    "size" BIGINT NOT NULL,
    "witness" TEXT NOT NULL,
    "lines" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_cosignature_pkey" PRIMARY KEY ("size","witness")
);

-- CreateTable
CREATE TABLE "audit_address" (
    "arrival" BIGINT NOT NULL,
    "address" TEXT NOT NULL,
    "salt" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_address_pkey" PRIMARY KEY ("arrival")
);

-- CreateTable
CREATE TABLE "permission" (
    "id" UUID NOT NULL,
    "lessonId" UUID NOT NULL,
    "siteId" UUID,
    "participantId" UUID,
    "status" "PermissionStatus" NOT NULL,
    "purposes" "Purpose"[],
    "releaseTo" "Audience"[],
    "route" "Route" NOT NULL,
    "signerName" TEXT,
    "signerCapacity" "SignerCapacity",
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
    "checkState" "CheckState" NOT NULL DEFAULT 'waiting',
    "checkedMs" INTEGER,
    "checkError" TEXT,
    "searchedWork" INTEGER NOT NULL DEFAULT 0,
    "detectors" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sealedAt" TIMESTAMPTZ(3),
    "clearedById" TEXT,
    "clearedAt" TIMESTAMPTZ(3),
    "approvedById" TEXT,
    "approvedAt" TIMESTAMPTZ(3),
    "stateCodes" TEXT[],
    "stateNote" TEXT,
    "expiredAt" TIMESTAMPTZ(3),

    CONSTRAINT "recording_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rendition" (
    "id" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "state" "RenditionState" NOT NULL,
    "edits" JSONB NOT NULL,
    "requestedById" TEXT,
    "mediaType" TEXT,
    "durationMs" INTEGER,
    "layout" JSONB,
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
    "audience" "Audience" NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "releasedById" TEXT NOT NULL,
    "releasedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),
    "endedWhy" "ReleaseEnd",

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
CREATE TABLE "retention_policy" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "kind" "LessonKind",
    "schoolYear" INTEGER,
    "keepDays" INTEGER,
    "keepUntil" TIMESTAMPTZ(3),
    "createdById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "retention_policy_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "retention_change" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "kind" "ChangeKind" NOT NULL,
    "payload" JSONB NOT NULL,
    "recordingId" UUID,
    "requestedById" TEXT NOT NULL,
    "requestedAt" TIMESTAMPTZ(3) NOT NULL,
    "effectiveAt" TIMESTAMPTZ(3) NOT NULL,
    "state" "ChangeState" NOT NULL DEFAULT 'waiting',
    "settledById" TEXT,
    "settledAt" TIMESTAMPTZ(3),

    CONSTRAINT "retention_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "legal_hold" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
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

-- CreateTable
CREATE TABLE "erasure" (
    "recordingId" UUID NOT NULL,
    "why" "ErasureReason" NOT NULL,
    "note" TEXT,
    "byKind" "ActorKind" NOT NULL,
    "byId" TEXT,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "state" "ErasureState" NOT NULL DEFAULT 'removing',
    "objects" JSONB NOT NULL,
    "retryAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "certificate" TEXT,
    "signature" TEXT,

    CONSTRAINT "erasure_pkey" PRIMARY KEY ("recordingId")
);

-- CreateTable
CREATE TABLE "re_seal" (
    "recordingId" UUID NOT NULL,
    "state" "ReSealState" NOT NULL,
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

-- CreateTable
CREATE TABLE "sent_digest" (
    "id" TEXT NOT NULL,
    "sentAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sent_digest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "work" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "number" SERIAL NOT NULL,
    "kind" "WorkKind" NOT NULL,
    "title" TEXT NOT NULL,
    "rightsHolder" TEXT NOT NULL,
    "identifiers" JSONB NOT NULL DEFAULT '{}',
    "licence" TEXT,
    "terms" TEXT,
    "validFrom" DATE,
    "validUntil" DATE,
    "sha256" TEXT NOT NULL,
    "durationMs" INTEGER NOT NULL,
    "chromaprint" BYTEA,
    "sound" BYTEA,
    "pictures" BYTEA,
    "registeredById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "work_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "work_key" (
    "kind" SMALLINT NOT NULL,
    "key" INTEGER NOT NULL,
    "places" INTEGER NOT NULL,
    "postings" BYTEA NOT NULL,

    -- "places" is in the index, so that a key that stands everywhere is passed over without being read.
    CONSTRAINT "work_key_pkey" PRIMARY KEY ("kind","key") INCLUDE ("places")
);

-- CreateTable
CREATE TABLE "segment" (
    "id" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "startMs" INTEGER NOT NULL,
    "endMs" INTEGER NOT NULL,
    "claimedGround" "Ground",
    "declaredById" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "segment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "finding" (
    "id" UUID NOT NULL,
    "segmentId" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "source" "FindingSource" NOT NULL,
    "startMs" INTEGER NOT NULL,
    "endMs" INTEGER NOT NULL,
    "title" TEXT,
    "rightsHolder" TEXT,
    "workId" UUID,
    "confidence" DOUBLE PRECISION NOT NULL,
    "evidence" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "finding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "decision" (
    "id" BIGSERIAL NOT NULL,
    "segmentId" UUID NOT NULL,
    "kind" "DecisionKind" NOT NULL,
    "ground" "Ground",
    "note" TEXT,
    "region" JSONB,
    "startMs" INTEGER,
    "endMs" INTEGER,
    "decidedById" TEXT NOT NULL,
    "decidedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "school" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "language" TEXT NOT NULL DEFAULT 'tr',
    "requireAllGuardians" BOOLEAN NOT NULL DEFAULT false,
    "requirePupilSignature" BOOLEAN NOT NULL DEFAULT false,
    "yearStartMonth" INTEGER NOT NULL DEFAULT 9,
    "yearStartDay" INTEGER NOT NULL DEFAULT 1,
    "expiredGraceDays" INTEGER NOT NULL DEFAULT 7,
    "eraseOnWithdrawalDays" INTEGER,
    "secondFactorRoles" "StaffRole"[] DEFAULT ARRAY['teacher', 'reviewer', 'administrator', 'auditor']::"StaffRole"[],
    "detection" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "school_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channel" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
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
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "roles" "StaffRole"[],
    "language" TEXT NOT NULL DEFAULT 'tr',
    "disabledAt" TIMESTAMPTZ(3),

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "password" (
    "userId" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "password_pkey" PRIMARY KEY ("userId")
);

-- CreateTable
CREATE TABLE "authenticator" (
    "userId" TEXT NOT NULL,
    "secret" BYTEA,
    "confirmedAt" TIMESTAMPTZ(3),
    "lastStep" BIGINT NOT NULL DEFAULT 0,
    "pendingSecret" BYTEA,
    "pendingCodes" TEXT[],

    CONSTRAINT "authenticator_pkey" PRIMARY KEY ("userId")
);

-- CreateTable
CREATE TABLE "backup_code" (
    "digest" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "backup_code_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "passkey" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "publicKey" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "passkey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "used_challenge" (
    "digest" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_challenge_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "confirmedAt" TIMESTAMPTZ(3) NOT NULL,
    "factor" "Factor" NOT NULL,
    "userAgent" TEXT,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "password_reset" (
    "id" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "sentById" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "password_reset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "factor_reset" (
    "id" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "requestedById" TEXT NOT NULL,
    "requestedAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "outcome" "FactorResetOutcome",
    "decidedById" TEXT,
    "decidedAt" TIMESTAMPTZ(3),

    CONSTRAINT "factor_reset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL,
    "expire" TIMESTAMPTZ(3),

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
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
    "scopes" "Scope"[],
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
CREATE TABLE "sealed_object" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "bodyKey" TEXT NOT NULL,
    "envelope" BYTEA NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "salt" BYTEA NOT NULL,
    "chunkOctet" INTEGER NOT NULL,
    "framing" "Framing" NOT NULL,
    "bodyBytes" BIGINT NOT NULL,
    "bodySha256" TEXT NOT NULL,
    "envelopeSha256" TEXT NOT NULL,
    "mediaBytes" BIGINT NOT NULL,
    "mediaSha256" TEXT NOT NULL,
    "commitment" TEXT NOT NULL,
    "recipients" TEXT[],
    "sealedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sealed_object_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rewrap_run" (
    "id" UUID NOT NULL,
    "recipients" TEXT[],
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),
    "total" INTEGER NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "rewrap_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upload" (
    "id" UUID NOT NULL,
    "lessonId" UUID NOT NULL,
    "uploaderId" TEXT NOT NULL,
    "state" "UploadState" NOT NULL,
    "bytes" BIGINT NOT NULL,
    "offset" BIGINT NOT NULL DEFAULT 0,
    "fence" BIGINT NOT NULL DEFAULT 0,
    "metadata" JSONB NOT NULL,
    "fileName" TEXT,
    "declaredType" TEXT,
    "declaredSha256" TEXT,
    "wrappedKey" BYTEA,
    "recipients" TEXT[],
    "sealedBytes" BIGINT,
    "reasons" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "upload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upload_part" (
    "id" UUID NOT NULL,
    "uploadId" UUID NOT NULL,
    "start" BIGINT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "salt" BYTEA NOT NULL,
    "tag" BYTEA NOT NULL,

    CONSTRAINT "upload_part_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "object_scrub_scrubbedAt_idx" ON "object_scrub"("scrubbedAt");

-- CreateIndex
CREATE INDEX "integrity_run_kind_startedAt_idx" ON "integrity_run"("kind", "startedAt");

-- CreateIndex
CREATE INDEX "lesson_teacherId_idx" ON "lesson"("teacherId");

-- CreateIndex
CREATE INDEX "site_lessonId_idx" ON "site"("lessonId");

-- CreateIndex
CREATE UNIQUE INDEX "audit_arrival_entry_id_key" ON "audit_arrival"("entry_id");

-- CreateIndex
CREATE INDEX "audit_arrival_xid_idx" ON "audit_arrival"("xid");

-- CreateIndex
CREATE UNIQUE INDEX "audit_entry_arrival_key" ON "audit_entry"("arrival");

-- CreateIndex
CREATE UNIQUE INDEX "audit_entry_entry_id_key" ON "audit_entry"("entry_id");

-- CreateIndex
CREATE INDEX "audit_entry_at_seq_action_outcome_idx" ON "audit_entry"("at", "seq", "action", "outcome");

-- CreateIndex
CREATE INDEX "audit_entry_action_seq_outcome_idx" ON "audit_entry"("action", "seq", "outcome");

-- CreateIndex
CREATE INDEX "audit_entry_outcome_seq_idx" ON "audit_entry"("outcome", "seq");

-- CreateIndex
CREATE INDEX "audit_entry_actor_id_seq_action_outcome_idx" ON "audit_entry"("actor_id", "seq", "action", "outcome");

-- CreateIndex
CREATE INDEX "audit_entry_object_id_seq_idx" ON "audit_entry"("object_id", "seq");

-- CreateIndex
CREATE INDEX "audit_entry_recording_id_seq_actor_id_action_outcome_idx" ON "audit_entry"("recording_id", "seq", "actor_id", "action", "outcome");

-- CreateIndex
CREATE INDEX "audit_entry_lesson_id_seq_actor_id_action_outcome_idx" ON "audit_entry"("lesson_id", "seq", "actor_id", "action", "outcome");

-- CreateIndex
CREATE INDEX "audit_entry_words_idx" ON "audit_entry" USING GIN ("words");

-- CreateIndex
CREATE UNIQUE INDEX "person_key_pseudonym_key" ON "person_key"("pseudonym");

-- CreateIndex
CREATE INDEX "audit_address_at_idx" ON "audit_address"("at");

-- CreateIndex
CREATE UNIQUE INDEX "permission_documentId_key" ON "permission"("documentId");

-- CreateIndex
CREATE INDEX "permission_lessonId_idx" ON "permission"("lessonId");

-- CreateIndex
CREATE INDEX "permission_event_permissionId_idx" ON "permission_event"("permissionId");

-- CreateIndex
CREATE INDEX "participant_lessonId_idx" ON "participant"("lessonId");

-- CreateIndex
CREATE INDEX "guardian_participantId_idx" ON "guardian"("participantId");

-- CreateIndex
CREATE UNIQUE INDEX "recording_sealedId_key" ON "recording"("sealedId");

-- CreateIndex
CREATE INDEX "recording_lessonId_idx" ON "recording"("lessonId");

-- CreateIndex
CREATE INDEX "recording_state_idx" ON "recording"("state");

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
-- One policy for each kind and year, "any" being one of each: of two, nobody could say which counts.
CREATE UNIQUE INDEX "retention_policy_subject" ON "retention_policy"("schoolId", "kind", "schoolYear") NULLS NOT DISTINCT;

-- CreateIndex
CREATE INDEX "retention_change_state_effectiveAt_idx" ON "retention_change"("state", "effectiveAt");

-- CreateIndex
CREATE INDEX "retention_change_recordingId_idx" ON "retention_change"("recordingId");

-- CreateIndex
CREATE INDEX "legal_hold_recordingId_idx" ON "legal_hold"("recordingId");

-- CreateIndex
CREATE INDEX "legal_hold_lessonId_idx" ON "legal_hold"("lessonId");

-- CreateIndex
CREATE INDEX "erasure_state_retryAt_idx" ON "erasure"("state", "retryAt");

-- CreateIndex
CREATE UNIQUE INDEX "work_number_key" ON "work"("number");

-- CreateIndex
CREATE UNIQUE INDEX "work_sha256_key" ON "work"("sha256");

-- CreateIndex
CREATE INDEX "segment_recordingId_idx" ON "segment"("recordingId");

-- CreateIndex
CREATE INDEX "finding_segmentId_idx" ON "finding"("segmentId");

-- CreateIndex
CREATE UNIQUE INDEX "finding_recordingId_key_key" ON "finding"("recordingId", "key");

-- CreateIndex
CREATE INDEX "decision_segmentId_idx" ON "decision"("segmentId");

-- CreateIndex
CREATE UNIQUE INDEX "channel_schoolId_name_key" ON "channel"("schoolId", "name");

-- CreateIndex
CREATE INDEX "risk_assessment_channelId_idx" ON "risk_assessment"("channelId");

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE INDEX "backup_code_userId_idx" ON "backup_code"("userId");

-- CreateIndex
CREATE INDEX "passkey_userId_idx" ON "passkey"("userId");

-- CreateIndex
CREATE INDEX "used_challenge_expiresAt_idx" ON "used_challenge"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "session_tokenDigest_key" ON "session"("tokenDigest");

-- CreateIndex
CREATE INDEX "session_userId_idx" ON "session"("userId");

-- CreateIndex
CREATE INDEX "session_expiresAt_idx" ON "session"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "password_reset_tokenDigest_key" ON "password_reset"("tokenDigest");

-- CreateIndex
CREATE INDEX "password_reset_userId_idx" ON "password_reset"("userId");

-- CreateIndex
CREATE INDEX "factor_reset_userId_idx" ON "factor_reset"("userId");

-- CreateIndex
CREATE INDEX "rate_limit_expire_idx" ON "rate_limit"("expire");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_tokenDigest_key" ON "invitation"("tokenDigest");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_tokenDigest_key" ON "api_token"("tokenDigest");

-- CreateIndex
CREATE INDEX "api_token_userId_idx" ON "api_token"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "sealed_object_bodyKey_key" ON "sealed_object"("bodyKey");

-- CreateIndex
CREATE INDEX "sealed_object_epoch_idx" ON "sealed_object"("epoch");

-- CreateIndex
CREATE INDEX "rewrap_run_startedAt_idx" ON "rewrap_run"("startedAt");

-- CreateIndex
CREATE INDEX "upload_lessonId_idx" ON "upload"("lessonId");

-- CreateIndex
CREATE INDEX "upload_expiresAt_idx" ON "upload"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "upload_part_uploadId_start_key" ON "upload_part"("uploadId", "start");

-- AddForeignKey
ALTER TABLE "object_scrub" ADD CONSTRAINT "object_scrub_sealedId_fkey" FOREIGN KEY ("sealedId") REFERENCES "sealed_object"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_channelId_fkey" FOREIGN KEY ("channelId") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "site" ADD CONSTRAINT "site_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit_entry" ADD CONSTRAINT "audit_entry_arrival_fkey" FOREIGN KEY ("arrival") REFERENCES "audit_arrival"("arrival") ON DELETE RESTRICT ON UPDATE RESTRICT;

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
ALTER TABLE "participant" ADD CONSTRAINT "participant_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "guardian" ADD CONSTRAINT "guardian_participantId_fkey" FOREIGN KEY ("participantId") REFERENCES "participant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recording" ADD CONSTRAINT "recording_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recording" ADD CONSTRAINT "recording_sealedId_fkey" FOREIGN KEY ("sealedId") REFERENCES "sealed_object"("id") ON DELETE SET NULL ON UPDATE CASCADE;

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

-- AddForeignKey
ALTER TABLE "retention_policy" ADD CONSTRAINT "retention_policy_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "retention_change" ADD CONSTRAINT "retention_change_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "retention_change" ADD CONSTRAINT "retention_change_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "erasure" ADD CONSTRAINT "erasure_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "re_seal" ADD CONSTRAINT "re_seal_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "work" ADD CONSTRAINT "work_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "segment" ADD CONSTRAINT "segment_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "finding" ADD CONSTRAINT "finding_segmentId_fkey" FOREIGN KEY ("segmentId") REFERENCES "segment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "finding" ADD CONSTRAINT "finding_workId_fkey" FOREIGN KEY ("workId") REFERENCES "work"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "decision" ADD CONSTRAINT "decision_segmentId_fkey" FOREIGN KEY ("segmentId") REFERENCES "segment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel" ADD CONSTRAINT "channel_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "risk_assessment" ADD CONSTRAINT "risk_assessment_channelId_fkey" FOREIGN KEY ("channelId") REFERENCES "channel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user" ADD CONSTRAINT "user_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "password" ADD CONSTRAINT "password_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authenticator" ADD CONSTRAINT "authenticator_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_code" ADD CONSTRAINT "backup_code_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "password_reset" ADD CONSTRAINT "password_reset_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "factor_reset" ADD CONSTRAINT "factor_reset_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sealed_object" ADD CONSTRAINT "sealed_object_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload" ADD CONSTRAINT "upload_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_part" ADD CONSTRAINT "upload_part_uploadId_fkey" FOREIGN KEY ("uploadId") REFERENCES "upload"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say.

-- One school in an installation: without it current_school() would have to choose.
CREATE UNIQUE INDEX "school_only_one" ON "school" ((true));

-- A permission is of one site or of one participant, never of both or none.
ALTER TABLE "permission" ADD CONSTRAINT "permission_one_subject" CHECK (("siteId" IS NULL) <> ("participantId" IS NULL));
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_has_reason" CHECK (btrim("reason") <> '');
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_ends_after_start" CHECK ("plannedEnd" > "plannedStart");
ALTER TABLE "segment" ADD CONSTRAINT "segment_range" CHECK ("startMs" >= 0 AND "endMs" >= "startMs");
ALTER TABLE "finding" ADD CONSTRAINT "finding_range" CHECK ("startMs" >= 0 AND "endMs" >= "startMs");
-- Sealed means: every byte is encrypted, stored and accounted for.
ALTER TABLE "recording" ADD CONSTRAINT "recording_sealed_has_object"
  CHECK ("sealedId" IS NOT NULL OR "state" IN ('receiving', 'erased'));
-- One rendition of a recording counts, one release of a recording is open.
CREATE UNIQUE INDEX "rendition_current" ON "rendition" ("recordingId") WHERE "supersededAt" IS NULL;
CREATE UNIQUE INDEX "release_open" ON "release" ("recordingId") WHERE "endedAt" IS NULL;

ALTER TABLE "upload" ADD CONSTRAINT "upload_offset" CHECK ("offset" >= 0 AND "offset" <= "bytes");
-- A failed upload has no key any more; every other one does.
ALTER TABLE "upload" ADD CONSTRAINT "upload_key" CHECK (("wrappedKey" IS NULL) = ("state" = 'failed'));

ALTER TABLE "retention_policy" ADD CONSTRAINT "retention_policy_one_end" CHECK (("keepDays" IS NULL) <> ("keepUntil" IS NULL));
-- Nothing goes without a day in which somebody can look.
ALTER TABLE "school" ADD CONSTRAINT "school_grace" CHECK ("expiredGraceDays" >= 1 AND ("eraseOnWithdrawalDays" IS NULL OR "eraseOnWithdrawalDays" >= 1));
ALTER TABLE "retention_policy" ADD CONSTRAINT "retention_policy_keeps" CHECK ("keepDays" IS NULL OR "keepDays" >= 1);
ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_one_subject" CHECK (("recordingId" IS NULL) <> ("lessonId" IS NULL));
ALTER TABLE "legal_hold" ADD CONSTRAINT "legal_hold_ends_or_is_reviewed" CHECK ("endsAt" IS NOT NULL OR "reviewAt" IS NOT NULL);
-- One erasure of a recording is asked for at a time.
CREATE UNIQUE INDEX "retention_change_one_erasure" ON "retention_change"("recordingId") WHERE "state" = 'waiting';

ALTER TABLE "session" ADD CONSTRAINT "session_absolute_end" CHECK ("expiresAt" <= "endsAt");
ALTER TABLE "factor_reset" ADD CONSTRAINT "factor_reset_two_persons" CHECK ("outcome" IS DISTINCT FROM 'confirmed' OR "decidedById" <> "requestedById");

ALTER TABLE "rewrap_run" ALTER COLUMN "recipients" SET NOT NULL;
-- Where each key stands in which work: six bytes for each place (work 4, unit of 128 ms 2, little-endian), and of pictures
-- sixteen more (the low bits of the picture), in any order.
ALTER TABLE "work_key" ALTER COLUMN "postings" SET STORAGE EXTERNAL;

-- People stand on the log under a pseudonym. Whose it is can be told while the person's key exists.
ALTER TABLE "person_key" ADD CONSTRAINT "person_key_whole" CHECK (octet_length("key") = 32);
-- An entry of C2SP tlog-tiles has two octets for its length.
ALTER TABLE "audit_arrival" ADD CONSTRAINT "audit_arrival_fits" CHECK (octet_length("canonical") <= 65535);
ALTER TABLE "audit_tile" ADD CONSTRAINT "audit_tile_full" CHECK (octet_length("hashes") = 8192 AND octet_length("root") = 32);

-- What the server's role appends is looked at when it arrives (docs/audit-log.md, Append-only): one row that cannot be taken
-- apart later would stop the sequencer for ever, and no one could take it away again.

-- The one way to write a value (RFC 8785), for what stands on the log: keys of printable ASCII, and numbers that are written
-- without an exponent. Null for anything else.
CREATE FUNCTION audit_canonical(e JSONB) RETURNS TEXT
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  number NUMERIC;
BEGIN
  CASE jsonb_typeof(e)
    WHEN 'object' THEN
      RETURN (SELECT CASE WHEN COALESCE(bool_and(m.one IS NOT NULL AND m.key ~ '^[ -~]*$'), true)
                          THEN '{' || COALESCE(string_agg(to_json(m.key)::text || ':' || m.one, ',' ORDER BY m.key COLLATE "C"), '') || '}' END
                FROM (SELECT key, audit_canonical(value) AS one FROM jsonb_each(e) OFFSET 0) m);
    WHEN 'array' THEN
      RETURN (SELECT CASE WHEN COALESCE(bool_and(m.one IS NOT NULL), true)
                          THEN '[' || COALESCE(string_agg(m.one, ',' ORDER BY m.at), '') || ']' END
                FROM (SELECT at, audit_canonical(value) AS one FROM jsonb_array_elements(e) WITH ORDINALITY t(value, at) OFFSET 0) m);
    WHEN 'string' THEN
      RETURN to_json(e #>> '{}')::text;
    WHEN 'number' THEN
      number := (e #>> '{}')::numeric;
      IF abs(number) >= 1e21 OR (number <> 0 AND abs(number) < 1e-6) THEN RETURN NULL; END IF;
      RETURN trim_scale(number::float8::text::numeric)::text;
    ELSE
      RETURN e::text;
  END CASE;
END $$;

-- The entry that a text is, or null. Never an error: what cannot be read is no entry.
CREATE FUNCTION audit_read(canonical TEXT) RETURNS JSONB
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN canonical::jsonb;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END $$;

CREATE FUNCTION audit_is_text(e JSONB, most INTEGER) RETURNS BOOLEAN
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT e IS NULL OR (jsonb_typeof(e) = 'string' AND octet_length(e #>> '{}') BETWEEN 1 AND most)
$$;

-- What is wrong with a text as an entry of the log; null: nothing. `entry_id` is its id. One block catches whatever cannot be
-- read: each such block costs a subtransaction, and this runs for every entry.
CREATE FUNCTION audit_arrival_fault(canonical TEXT, OUT fault TEXT, OUT entry_id TEXT)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  e JSONB;
BEGIN
  e := canonical::jsonb;
  entry_id := e ->> 'id';
  fault := CASE
    WHEN jsonb_typeof(e) <> 'object' THEN 'it is no JSON object'
    WHEN jsonb_path_exists(e, '$.**{16}') THEN 'it is nested too deeply'
    WHEN e -> 'v' IS DISTINCT FROM '1' THEN 'it is of another version'
    WHEN e - '{v,id,at,actor,action,outcome,object,details}'::text[] <> '{}' THEN 'it has a member that is not known'
    WHEN COALESCE(entry_id, '') !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN 'it has no id'
    WHEN COALESCE(e ->> 'at', '') !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$'
      OR to_char((e ->> 'at')::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') <> e ->> 'at' THEN 'it has no time'
    WHEN COALESCE(e ->> 'action', '') !~ '^[a-z]{1,32}\.[a-z_]{1,48}$' THEN 'it has no action'
    WHEN COALESCE(e ->> 'outcome', '') NOT IN ('done', 'refused', 'failed') THEN 'it has no outcome'
    WHEN jsonb_typeof(e -> 'actor') IS DISTINCT FROM 'object' OR e #> '{actor,kind}' IS NULL
      OR NOT (audit_is_text(e #> '{actor,kind}', 32) AND audit_is_text(e #> '{actor,id}', 128)) THEN 'it does not say who acted'
    WHEN e ? 'object' AND (jsonb_typeof(e -> 'object') <> 'object' OR e #> '{object,kind}' IS NULL OR e #> '{object,id}' IS NULL
      OR NOT (audit_is_text(e #> '{object,kind}', 64) AND audit_is_text(e #> '{object,id}', 256)
              AND audit_is_text(e #> '{object,recordingId}', 64) AND audit_is_text(e #> '{object,lessonId}', 64)))
      THEN 'it does not say what was acted on'
    WHEN e ? 'details' AND jsonb_typeof(e -> 'details') <> 'object' THEN 'its details are none'
    WHEN audit_canonical(e) IS DISTINCT FROM canonical THEN 'it is not in canonical form'
  END;
EXCEPTION WHEN OTHERS THEN
  fault := 'it cannot be taken apart';
END $$;

CREATE FUNCTION audit_arrival_fits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  found RECORD;
BEGIN
  IF octet_length(NEW."canonical") > 65535 THEN
    RAISE EXCEPTION 'no entry of the log (audit_arrival_fits): it is too long' USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_arrival_fits';
  END IF;
  SELECT * INTO found FROM audit_arrival_fault(NEW."canonical");
  IF found.fault IS NOT NULL THEN
    RAISE EXCEPTION 'no entry of the log (audit_arrival_fits): %', found.fault USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_arrival_fits';
  END IF;
  NEW."entry_id" := found.entry_id;
  RETURN NEW;
END $$;
CREATE TRIGGER "audit_arrival_fits" BEFORE INSERT ON "audit_arrival" FOR EACH ROW EXECUTE FUNCTION audit_arrival_fits();

-- Gives up to `most` of the entries that arrived and have no place yet the next places, in the order of their arrival, and
-- returns how many entries have one now. One sequencer at a time: the lock is held until its transaction ends, so that the
-- checkpoint over the new size commits with it. The server's role cannot write "audit_entry" in any other way.
--
-- Transactions commit in another order than their entries arrive, so "everything up to number n" would lose the late ones.
-- Instead a batch remembers the oldest transaction that was still running (`horizon`): whatever is older has a place, and
-- only what is not is asked again. After a restore into another cluster transaction numbers begin anew: then everything is.
-- A row that is no entry, should one ever be there, gets its place under its number, and stops nobody.
CREATE FUNCTION audit_integrate(most INTEGER) RETURNS BIGINT
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  running BIGINT;
  ahead BIGINT;
  since BIGINT;
  placed BIGINT;
  taken BIGINT;
BEGIN
  PERFORM pg_advisory_xact_lock(7305808869231651);
  SELECT (pg_snapshot_xmin(s)::text)::bigint, (pg_snapshot_xmax(s)::text)::bigint INTO running, ahead
    FROM pg_current_snapshot() AS s;
  SELECT COALESCE(max(e."seq"), 0) INTO placed FROM "audit_entry" e;
  SELECT b."horizon" INTO since FROM "audit_batch" b ORDER BY b."size" DESC LIMIT 1;
  IF since IS NULL OR since > ahead THEN
    since := 0;
    ahead := 9223372036854775807;
  END IF;
  INSERT INTO "audit_entry" ("seq", "arrival", "leaf_hash", "entry_id", "at", "action", "outcome", "actor_id",
                             "object_kind", "object_id", "recording_id", "lesson_id", "words")
  SELECT placed + row_number() OVER (ORDER BY new."arrival"), new."arrival",
         -- RFC 6962, 2.1: a leaf is hashed behind a zero octet.
         sha256('\x00'::bytea || convert_to(new."canonical", 'UTF8')),
         COALESCE(left(new.e ->> 'id', 64), 'arrival-' || new."arrival"), COALESCE(left(new.e ->> 'at', 32), ''),
         COALESCE(left(new.e ->> 'action', 96), 'unreadable'), COALESCE(left(new.e ->> 'outcome', 32), 'failed'),
         left(new.e #>> '{actor,id}', 128), left(new.e #>> '{object,kind}', 64), left(new.e #>> '{object,id}', 256),
         left(new.e #>> '{object,recordingId}', 64), left(new.e #>> '{object,lessonId}', 64),
         jsonb_to_tsvector('simple', COALESCE(new.e -> 'details', '{}'), '["string", "numeric", "boolean"]')
  FROM (SELECT a."arrival", a."canonical", audit_read(a."canonical") AS e
          FROM "audit_arrival" a
         WHERE a."xid" >= since AND a."xid" <= ahead
           AND NOT EXISTS (SELECT 1 FROM "audit_entry" t WHERE t."arrival" = a."arrival")
         ORDER BY a."arrival" LIMIT most) new;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken > 0 THEN
    INSERT INTO "audit_mention" ("person", "seq")
    SELECT DISTINCT match[1], e."seq"
      FROM "audit_entry" e JOIN "audit_arrival" a USING ("arrival"),
           regexp_matches(a."canonical", '"(person-[A-Za-z0-9_-]{22})"', 'g') AS match
     WHERE e."seq" > placed;
    -- A full batch may have left some behind that are older than the horizon.
    INSERT INTO "audit_batch" ("size", "horizon") VALUES (placed + taken, CASE WHEN taken < most THEN running ELSE since END);
  END IF;
  RETURN placed + taken;
END $$;
REVOKE ALL ON FUNCTION audit_integrate(INTEGER) FROM PUBLIC;

-- A checkpoint speaks of the whole log, never of more than there is and never of less than the one before.
CREATE FUNCTION audit_checkpoint_fits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW."size" > (SELECT COALESCE(max(e."seq"), 0) FROM "audit_entry" e)
     OR NEW."size" <= (SELECT COALESCE(max(c."size"), -1) FROM "audit_checkpoint" c) THEN
    RAISE EXCEPTION 'no checkpoint over % entries now', NEW."size" USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "audit_checkpoint_fits" BEFORE INSERT ON "audit_checkpoint" FOR EACH ROW EXECUTE FUNCTION audit_checkpoint_fits();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "permission_event" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "decision" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_arrival" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entry" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_batch" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_tile" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_checkpoint" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_mention" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_cosignature" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
