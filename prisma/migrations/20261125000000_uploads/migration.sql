-- Resumable uploads: stage, then seal (docs/vault-format.md). And who an envelope is wrapped for.
ALTER TABLE "sealed_object" ADD COLUMN "recipients" TEXT[];

CREATE TABLE "upload" (
    "id" UUID NOT NULL,
    "lessonId" UUID NOT NULL,
    "uploaderId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
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

    CONSTRAINT "upload_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "upload_state" CHECK ("state" IN ('receiving', 'sealing', 'failed')),
    CONSTRAINT "upload_offset" CHECK ("offset" >= 0 AND "offset" <= "bytes"),
    -- A failed upload has no key any more; every other one does.
    CONSTRAINT "upload_key" CHECK (("wrappedKey" IS NULL) = ("state" = 'failed'))
);
CREATE INDEX "upload_lessonId_idx" ON "upload"("lessonId");
CREATE INDEX "upload_expiresAt_idx" ON "upload"("expiresAt");
ALTER TABLE "upload" ADD CONSTRAINT "upload_lessonId_fkey" FOREIGN KEY ("lessonId") REFERENCES "lesson"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "upload_part" (
    "id" UUID NOT NULL,
    "uploadId" UUID NOT NULL,
    "start" BIGINT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "salt" BYTEA NOT NULL,
    "tag" BYTEA NOT NULL,

    CONSTRAINT "upload_part_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "upload_part_uploadId_start_key" ON "upload_part"("uploadId", "start");
ALTER TABLE "upload_part" ADD CONSTRAINT "upload_part_uploadId_fkey" FOREIGN KEY ("uploadId") REFERENCES "upload"("id") ON DELETE CASCADE ON UPDATE CASCADE;
