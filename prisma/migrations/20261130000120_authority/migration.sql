-- An authority opens and closes schools, and sees figures of them (docs/decisions/0046-authority.md).
ALTER TYPE "StaffRole" ADD VALUE 'authority';

-- The role is one of the first school alone. The operator gives it: a web process lets in whom the operator has invited, and makes
-- nobody an authority. Compared as texts, since a value of an enum cannot be used in the transaction that adds it.
CREATE FUNCTION authority_is_given() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  is_invited BOOLEAN := FALSE;
BEGIN
  IF NOT 'authority' = ANY(NEW."roles"::text[]) OR (TG_OP = 'UPDATE' AND 'authority' = ANY(OLD."roles"::text[])) THEN
    RETURN NEW;
  END IF;
  IF NEW."schoolId" IS DISTINCT FROM (SELECT i."homeSchoolId" FROM "installation" i) THEN
    RAISE EXCEPTION 'an authority is one of the first school' USING ERRCODE = 'check_violation';
  END IF;
  IF current_user = 'emanet_web' THEN
    IF TG_TABLE_NAME = 'user' AND TG_OP = 'INSERT' THEN
      is_invited := EXISTS (SELECT 1 FROM "invitation" v JOIN "account" a ON a."email" = v."email"
                             WHERE a."id" = NEW."id" AND v."schoolId" = NEW."schoolId" AND v."revokedAt" IS NULL
                               AND 'authority' = ANY(v."roles"::text[]));
    END IF;
    IF NOT is_invited THEN
      RAISE EXCEPTION 'the operator alone makes an authority' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "authority_is_given" BEFORE INSERT OR UPDATE OF "roles" ON "user" FOR EACH ROW EXECUTE FUNCTION authority_is_given();
CREATE TRIGGER "authority_is_given" BEFORE INSERT OR UPDATE OF "roles" ON "invitation" FOR EACH ROW EXECUTE FUNCTION authority_is_given();

-- As before, and whether a school is the first one, or was taken out.
DROP FUNCTION school_figures();
CREATE FUNCTION school_figures() RETURNS TABLE ("id" UUID, "name" TEXT, "openedAt" TIMESTAMPTZ, "closedAt" TIMESTAMPTZ,
                                                "takenOutAt" TIMESTAMPTZ, "isFirst" BOOLEAN, "staff" BIGINT,
                                                "recordings" BIGINT, "bytes" BIGINT, "lastUploadAt" TIMESTAMPTZ)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s."id", s."name", s."createdAt", s."closedAt", s."takenOutAt",
         s."id" = (SELECT i."homeSchoolId" FROM "installation" i),
         (SELECT count(*) FROM "user" u WHERE u."schoolId" = s."id" AND u."disabledAt" IS NULL),
         (SELECT count(*) FROM "recording" r WHERE r."schoolId" = s."id" AND r."state" <> 'erased'),
         (SELECT COALESCE(sum(o."bodyBytes"), 0)::bigint FROM "sealed_object" o WHERE o."schoolId" = s."id"),
         (SELECT max(r."createdAt") FROM "recording" r WHERE r."schoolId" = s."id")
    FROM "school" s ORDER BY s."createdAt", s."id"
$$;
REVOKE ALL ON FUNCTION school_figures() FROM PUBLIC;
