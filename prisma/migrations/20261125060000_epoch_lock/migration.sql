-- The epoch whose key locks the envelope; 0: not locked.
ALTER TABLE "sealed_object" ADD COLUMN "epoch" INTEGER NOT NULL DEFAULT 0;
CREATE INDEX "sealed_object_epoch_idx" ON "sealed_object"("epoch");
