-- The approval of a channel is taken back, by whom and why.
ALTER TABLE "channel" ADD COLUMN "withdrawnAt" TIMESTAMPTZ(3), ADD COLUMN "withdrawnById" TEXT, ADD COLUMN "withdrawnWhy" TEXT;
ALTER TABLE "channel" ADD CONSTRAINT "channel_withdrawn" CHECK ("withdrawnAt" IS NULL OR
    (NOT "approved" AND "withdrawnById" IS NOT NULL AND "withdrawnWhy" IS NOT NULL));
CREATE INDEX "course_channelId_idx" ON "course"("channelId");
