-- A database that was restored from a backup. While a row has no `finished_at`, no process serves or works (docs/backup.md).
CREATE TABLE "restore" (
    "id" UUID NOT NULL,
    "backup" TEXT NOT NULL,
    "begun_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "unplaced" TEXT[] NOT NULL DEFAULT '{}',

    CONSTRAINT "restore_pkey" PRIMARY KEY ("id")
);

-- By which migrations the tables were made: a backup says so, and the server's role cannot read the table itself.
CREATE FUNCTION applied_migrations() RETURNS TABLE ("name" TEXT, "checksum" TEXT)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT m."migration_name"::text, m."checksum"::text FROM "_prisma_migrations" m
                WHERE m."finished_at" IS NOT NULL AND m."rolled_back_at" IS NULL ORDER BY m."migration_name";
END $$;
REVOKE ALL ON FUNCTION applied_migrations() FROM PUBLIC;
