-- What would make recordings go sooner waits (docs/retention.md, What erases much waits).
CREATE TABLE "retention_change" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "recordingId" UUID,
    "requestedById" TEXT NOT NULL,
    "requestedAt" TIMESTAMPTZ(3) NOT NULL,
    "effectiveAt" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "settledById" TEXT,
    "settledAt" TIMESTAMPTZ(3),

    CONSTRAINT "retention_change_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "retention_change_recordingId_fkey" FOREIGN KEY ("recordingId") REFERENCES "recording"("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "retention_change_state_effectiveAt_idx" ON "retention_change"("state", "effectiveAt");
CREATE INDEX "retention_change_recordingId_idx" ON "retention_change"("recordingId");
-- One erasure of a recording is asked for at a time.
CREATE UNIQUE INDEX "retention_change_one_erasure" ON "retention_change"("recordingId") WHERE "state" = 'waiting';

-- Nothing goes without a day in which somebody can look.
UPDATE "school" SET "expiredGraceDays" = 1 WHERE "expiredGraceDays" < 1;
UPDATE "school" SET "eraseOnWithdrawalDays" = 1 WHERE "eraseOnWithdrawalDays" < 1;
UPDATE "retention_policy" SET "keepDays" = 1 WHERE "keepDays" < 1;
ALTER TABLE "school" ADD CONSTRAINT "school_grace" CHECK ("expiredGraceDays" >= 1 AND ("eraseOnWithdrawalDays" IS NULL OR "eraseOnWithdrawalDays" >= 1));
ALTER TABLE "retention_policy" ADD CONSTRAINT "retention_policy_keeps" CHECK ("keepDays" IS NULL OR "keepDays" >= 1);
