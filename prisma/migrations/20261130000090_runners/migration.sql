-- Machines elsewhere that take checks of recordings (docs/decisions/0042-runners.md).
CREATE TYPE "RunnerCapability" AS ENUM ('analyse', 'read_text');
CREATE TYPE "RunnerJobState" AS ENUM ('waiting', 'leased', 'handed_in');
CREATE TYPE "RunnerFault" AS ENUM ('by_hand', 'statement', 'signature', 'foreign_job', 'length', 'digest', 'result', 'spot_check');

CREATE TABLE "runner_invitation" (
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "id" UUID NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "createdById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "runner_invitation_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "runner_invitation_tokenDigest_key" ON "runner_invitation"("tokenDigest");

CREATE TABLE "runner" (
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "capabilities" "RunnerCapability"[],
    "publicKey" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "secretDigest" TEXT NOT NULL,
    "detectors" INTEGER NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "disabledAt" TIMESTAMPTZ(3),
    "disabledWhy" "RunnerFault",
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "runner_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "runner_secretDigest_key" ON "runner"("secretDigest");

CREATE TABLE "runner_job" (
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "id" UUID NOT NULL,
    "recordingId" UUID NOT NULL,
    "state" "RunnerJobState" NOT NULL DEFAULT 'waiting',
    "queuedAt" TIMESTAMPTZ(3) NOT NULL,
    "waitsUntil" TIMESTAMPTZ(3) NOT NULL,
    "leases" INTEGER NOT NULL DEFAULT 0,
    "runnerId" UUID,
    "leaseId" UUID,
    "leasedUntil" TIMESTAMPTZ(3),
    "bodyBegunAt" TIMESTAMPTZ(3),
    "bodyBytes" BIGINT NOT NULL DEFAULT 0,
    "resultId" UUID,

    CONSTRAINT "runner_job_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "runner_job_recordingId_key" ON "runner_job"("recordingId");
CREATE UNIQUE INDEX "runner_job_leaseId_key" ON "runner_job"("leaseId");
CREATE UNIQUE INDEX "runner_job_resultId_key" ON "runner_job"("resultId");
CREATE INDEX "runner_job_state_queuedAt_idx" ON "runner_job"("state", "queuedAt");
ALTER TABLE "runner_job" ADD CONSTRAINT "runner_job_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "runner_job" ADD CONSTRAINT "runner_job_runnerId_fkey" FOREIGN KEY ("runnerId") REFERENCES "runner"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "runner_job" ADD CONSTRAINT "runner_job_resultId_fkey" FOREIGN KEY ("resultId") REFERENCES "sealed_object"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- The runner that measured it for the last check; null: the worker did.
ALTER TABLE "recording" ADD COLUMN "checkedById" UUID;

CREATE OR REPLACE FUNCTION school_of_secret(kind TEXT, secret TEXT) RETURNS UUID
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT "id" FROM "school" WHERE "closedAt" IS NULL AND "id" = CASE kind
    WHEN 'session' THEN (SELECT "schoolId" FROM "session" WHERE "tokenDigest" = secret)
    WHEN 'api-token' THEN (SELECT "schoolId" FROM "api_token" WHERE "tokenDigest" = secret)
    WHEN 'scim-token' THEN (SELECT "schoolId" FROM "scim_token" WHERE "tokenDigest" = secret)
    WHEN 'invitation' THEN (SELECT "schoolId" FROM "invitation" WHERE "tokenDigest" = secret)
    WHEN 'password-reset' THEN (SELECT "schoolId" FROM "password_reset" WHERE "tokenDigest" = secret)
    WHEN 'signer-link' THEN (SELECT "schoolId" FROM "signer_link" WHERE "tokenDigest" = secret)
    WHEN 'viewer-link' THEN (SELECT "schoolId" FROM "viewer_link" WHERE "tokenDigest" = secret)
    WHEN 'delivery' THEN (SELECT "schoolId" FROM "delivery" WHERE "messageId" = secret)
    WHEN 'runner' THEN (SELECT "schoolId" FROM "runner" WHERE "secretDigest" = secret)
    WHEN 'runner-invitation' THEN (SELECT "schoolId" FROM "runner_invitation" WHERE "tokenDigest" = secret)
  END
$$;
