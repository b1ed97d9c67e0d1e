-- Who had a rendition made may not approve the recording, also after somebody else cleared it again.
ALTER TABLE "rendition" ADD COLUMN "requestedById" TEXT;
