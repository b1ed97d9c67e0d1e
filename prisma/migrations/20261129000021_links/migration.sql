-- How long a personal link lives, by the rules of the school, and how often each was used.
ALTER TABLE "school" ADD COLUMN "linkDays" INTEGER NOT NULL DEFAULT 30, ADD COLUMN "longestLinkDays" INTEGER NOT NULL DEFAULT 365;
ALTER TABLE "school" ADD CONSTRAINT "school_links" CHECK ("linkDays" >= 1 AND "longestLinkDays" >= "linkDays");
ALTER TABLE "viewer_link" ADD COLUMN "timesUsed" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "lastUsedAt" TIMESTAMPTZ(3);
