-- A decision can be taken back: a row without a kind follows it, and the segment waits again.

-- AlterTable
ALTER TABLE "decision" ALTER COLUMN "kind" DROP NOT NULL;

-- What takes a decision back decides nothing itself.
ALTER TABLE "decision"
    ADD CONSTRAINT "decision_taken_back" CHECK ("kind" IS NOT NULL
        OR num_nonnulls("ground", "note", "region", "startMs", "endMs") = 0);

-- AlterTable
ALTER TABLE "segment" ADD COLUMN "isOpen" BOOLEAN NOT NULL DEFAULT true;

UPDATE "segment" SET "isOpen" = false WHERE EXISTS (SELECT FROM "decision" d WHERE d."segmentId" = "segment"."id");

-- The newest decision says whether a segment waits, whoever writes it.
CREATE FUNCTION note_decision() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE "segment" SET "isOpen" = (NEW."kind" IS NULL) WHERE "id" = NEW."segmentId";
  RETURN NULL;
END $$;
CREATE TRIGGER "note_decision" AFTER INSERT ON "decision" FOR EACH ROW EXECUTE FUNCTION note_decision();
