-- Kinds of jobs that no worker begins until somebody resumes them.
CREATE TABLE "paused_job" (
    "kind" TEXT NOT NULL,
    "pausedAt" TIMESTAMPTZ(3) NOT NULL,
    "pausedById" TEXT NOT NULL,
    CONSTRAINT "paused_job_pkey" PRIMARY KEY ("kind")
);
