-- Somebody who signs in has one account, and is a user in each school that they belong to: with the id of the account, and
-- with roles of that school. Passwords and second factors are the account's; sessions and tokens are those of a school.
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "account_email_key" ON "account"("email");
INSERT INTO "account" ("id", "email", "createdAt") SELECT "id", "email", "createdAt" FROM "user";

ALTER TABLE "password" DROP CONSTRAINT "password_userId_fkey";
ALTER TABLE "authenticator" DROP CONSTRAINT "authenticator_userId_fkey";
ALTER TABLE "backup_code" DROP CONSTRAINT "backup_code_userId_fkey";
ALTER TABLE "passkey" DROP CONSTRAINT "passkey_userId_fkey";
ALTER TABLE "session" DROP CONSTRAINT "session_userId_fkey";
ALTER TABLE "password_reset" DROP CONSTRAINT "password_reset_userId_fkey";
ALTER TABLE "factor_reset" DROP CONSTRAINT "factor_reset_userId_fkey";
ALTER TABLE "api_token" DROP CONSTRAINT "api_token_userId_fkey";

ALTER TABLE "user" DROP CONSTRAINT "user_pkey", ADD CONSTRAINT "user_pkey" PRIMARY KEY ("schoolId", "id");
ALTER TABLE "user" DROP COLUMN "email";
ALTER TABLE "user" ADD CONSTRAINT "user_id_fkey" FOREIGN KEY ("id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "password" RENAME COLUMN "userId" TO "accountId";
ALTER TABLE "password" ADD CONSTRAINT "password_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "authenticator" RENAME COLUMN "userId" TO "accountId";
ALTER TABLE "authenticator" ADD CONSTRAINT "authenticator_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "backup_code" RENAME COLUMN "userId" TO "accountId";
ALTER TABLE "backup_code" ADD CONSTRAINT "backup_code_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "passkey" RENAME COLUMN "userId" TO "accountId";
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER INDEX "backup_code_userId_idx" RENAME TO "backup_code_accountId_idx";
ALTER INDEX "passkey_userId_idx" RENAME TO "passkey_accountId_idx";

DO $$
DECLARE
  home UUID := (SELECT "homeSchoolId" FROM "installation");
  name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['session', 'password_reset', 'factor_reset', 'api_token'] LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN "schoolId" UUID NOT NULL DEFAULT %L', name, home);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN "schoolId" SET DEFAULT current_school()', name);
  END LOOP;
END $$;
ALTER TABLE "session" ADD CONSTRAINT "session_schoolId_userId_fkey" FOREIGN KEY ("schoolId", "userId") REFERENCES "user"("schoolId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
DROP INDEX "session_userId_idx";
CREATE INDEX "session_schoolId_userId_idx" ON "session"("schoolId", "userId");
ALTER TABLE "password_reset" ADD CONSTRAINT "password_reset_schoolId_userId_fkey" FOREIGN KEY ("schoolId", "userId") REFERENCES "user"("schoolId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
DROP INDEX "password_reset_userId_idx";
CREATE INDEX "password_reset_schoolId_userId_idx" ON "password_reset"("schoolId", "userId");
ALTER TABLE "factor_reset" ADD CONSTRAINT "factor_reset_schoolId_userId_fkey" FOREIGN KEY ("schoolId", "userId") REFERENCES "user"("schoolId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
DROP INDEX "factor_reset_userId_idx";
CREATE INDEX "factor_reset_schoolId_userId_idx" ON "factor_reset"("schoolId", "userId");
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_schoolId_userId_fkey" FOREIGN KEY ("schoolId", "userId") REFERENCES "user"("schoolId", "id") ON DELETE CASCADE ON UPDATE CASCADE;
DROP INDEX "api_token_userId_idx";
CREATE INDEX "api_token_schoolId_userId_idx" ON "api_token"("schoolId", "userId");

-- A closed school is kept, and nobody works in it.
ALTER TABLE "school" ADD COLUMN "closedAt" TIMESTAMPTZ(3);

-- Which school a secret belongs to, by what is kept of it, before somebody is known. The answer is a school that is open, and
-- nothing of the row.
CREATE FUNCTION school_of_secret(kind TEXT, secret TEXT) RETURNS UUID
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT "id" FROM "school" WHERE "closedAt" IS NULL AND "id" = CASE kind
    WHEN 'session' THEN (SELECT "schoolId" FROM "session" WHERE "tokenDigest" = secret)
    WHEN 'api-token' THEN (SELECT "schoolId" FROM "api_token" WHERE "tokenDigest" = secret)
    WHEN 'invitation' THEN (SELECT "schoolId" FROM "invitation" WHERE "tokenDigest" = secret)
    WHEN 'password-reset' THEN (SELECT "schoolId" FROM "password_reset" WHERE "tokenDigest" = secret)
    WHEN 'signer-link' THEN (SELECT "schoolId" FROM "signer_link" WHERE "tokenDigest" = secret)
    WHEN 'viewer-link' THEN (SELECT "schoolId" FROM "viewer_link" WHERE "tokenDigest" = secret)
    WHEN 'delivery' THEN (SELECT "schoolId" FROM "delivery" WHERE "messageId" = secret)
  END
$$;

-- As school_of_secret, for the link that a film is watched by: its id stands in the address, its token in a cookie.
CREATE FUNCTION school_of_viewer_link(link UUID) RETURNS UUID
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s."id" FROM "viewer_link" v JOIN "school" s ON s."id" = v."schoolId"
   WHERE v."id" = link AND s."closedAt" IS NULL
$$;

-- Whose work the queue does, and what the clock has to be kept for.
CREATE FUNCTION every_school() RETURNS SETOF UUID
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT "id" FROM "school" ORDER BY "createdAt", "id"
$$;

-- The flags of jobs that no worker may begin: a school has paused them.
CREATE FUNCTION paused_jobs() RETURNS SETOF TEXT
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT "kind" || ' ' || "schoolId" FROM "paused_job"
$$;

-- The schools in which an account may work now, the one first where it worked last.
CREATE FUNCTION schools_of_account(account TEXT) RETURNS TABLE ("id" UUID, "name" TEXT)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s."id", s."name" FROM "user" u JOIN "school" s ON s."id" = u."schoolId"
   WHERE u."id" = account AND u."disabledAt" IS NULL AND s."closedAt" IS NULL
   ORDER BY (SELECT max(n."seenAt") FROM "session" n WHERE n."schoolId" = u."schoolId" AND n."userId" = u."id") DESC NULLS LAST,
            u."createdAt", u."schoolId"
$$;

-- What an authority sees of its schools: figures, never people or media.
CREATE FUNCTION school_figures() RETURNS TABLE ("id" UUID, "name" TEXT, "openedAt" TIMESTAMPTZ, "closedAt" TIMESTAMPTZ,
                                                "staff" BIGINT, "recordings" BIGINT, "bytes" BIGINT, "lastUploadAt" TIMESTAMPTZ)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s."id", s."name", s."createdAt", s."closedAt",
         (SELECT count(*) FROM "user" u WHERE u."schoolId" = s."id" AND u."disabledAt" IS NULL),
         (SELECT count(*) FROM "recording" r WHERE r."schoolId" = s."id" AND r."state" <> 'erased'),
         (SELECT COALESCE(sum(o."bodyBytes"), 0)::bigint FROM "sealed_object" o WHERE o."schoolId" = s."id"),
         (SELECT max(r."createdAt") FROM "recording" r WHERE r."schoolId" = s."id")
    FROM "school" s ORDER BY s."createdAt", s."id"
$$;

-- Another password, another second factor: what was signed in with the former ones ends in every school of the account.
CREATE FUNCTION end_access_of_account(account TEXT, kept UUID, tokens_end TIMESTAMPTZ)
RETURNS TABLE ("sessions" BIGINT, "tokens" BIGINT)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH ended AS (
    DELETE FROM "session" WHERE "userId" = account AND (kept IS NULL OR "id" <> kept) RETURNING 1
  ), revoked AS (
    UPDATE "api_token" SET "revokedAt" = tokens_end
     WHERE tokens_end IS NOT NULL AND "userId" = account AND "revokedAt" IS NULL RETURNING 1
  )
  SELECT (SELECT count(*) FROM ended), (SELECT count(*) FROM revoked)
$$;

REVOKE ALL ON FUNCTION school_of_secret(TEXT, TEXT), school_of_viewer_link(UUID), every_school(), paused_jobs(),
  schools_of_account(TEXT), school_figures(),
  end_access_of_account(TEXT, UUID, TIMESTAMPTZ) FROM PUBLIC;

-- Jobs that wait say which school they are for, as those that are queued from now on do.
DO $$
DECLARE
  home UUID := (SELECT "homeSchoolId" FROM "installation");
BEGIN
  IF to_regclass('graphile_worker._private_jobs') IS NOT NULL THEN
    EXECUTE format($sql$
      UPDATE graphile_worker._private_jobs j
         SET key = CASE WHEN j.key IS NULL THEN NULL ELSE %1$L || ' ' || j.key END,
             flags = jsonb_build_object('school ' || %1$L, true, t.identifier || ' ' || %1$L, true)
        FROM graphile_worker._private_tasks t WHERE t.id = j.task_id$sql$, home::text);
  END IF;
END $$;
