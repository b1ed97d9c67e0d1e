-- A database that was restored from a backup. While a row has no `finished_at`, no process serves or works (docs/backup.md).
CREATE TABLE "restore" (
    "id" UUID NOT NULL,
    "backup" TEXT NOT NULL,
    "begun_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "restore_pkey" PRIMARY KEY ("id")
);
