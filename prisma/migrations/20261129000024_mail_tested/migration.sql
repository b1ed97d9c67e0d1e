-- When the mail server last took a test mail.
ALTER TABLE "school" ADD COLUMN "mailTestedAt" TIMESTAMPTZ(3);
CREATE INDEX "contact_undeliverable" ON "contact"("undeliverableAt") WHERE "undeliverableAt" IS NOT NULL;
