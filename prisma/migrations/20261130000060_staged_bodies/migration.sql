-- Parts of an upload that came in one run are chunks of a body: no second pass seals them.
ALTER TABLE "upload_part" ADD COLUMN "chunk" INTEGER, ADD COLUMN "chunkOctet" INTEGER;
ALTER TABLE "upload_part" ADD CONSTRAINT "upload_part_chunk" CHECK (("chunk" IS NULL) = ("chunkOctet" IS NULL));
ALTER TABLE "upload" ADD COLUMN "bodySha256" TEXT, ADD COLUMN "mediaSha256" TEXT;
-- The session key of such a body comes from the upload key, so that key lies under the second lock too.
ALTER TABLE "upload" ADD COLUMN "epoch" INTEGER NOT NULL DEFAULT 0;
