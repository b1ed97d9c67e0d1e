-- One walk over every envelope after the keys have changed.
CREATE TABLE "rewrap_run" (
    "id" UUID NOT NULL,
    "recipients" TEXT[] NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),
    "total" INTEGER NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "rewrap_run_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "rewrap_run_startedAt_idx" ON "rewrap_run"("startedAt");
