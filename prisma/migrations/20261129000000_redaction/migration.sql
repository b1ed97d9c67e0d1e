-- Decisions on a part of the picture or of a segment; where to find things inside a rendition.
ALTER TABLE "decision"
  ADD COLUMN "region" JSONB,
  ADD COLUMN "startMs" INTEGER,
  ADD COLUMN "endMs" INTEGER;
ALTER TABLE "rendition" ADD COLUMN "layout" JSONB;
