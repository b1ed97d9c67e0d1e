-- A session goes on in another school of its account: the row itself moves, under another token. So whatever ends sessions finds
-- it before or after, and of two that move it at once one does. False: it has ended, or the account may not work there.
CREATE FUNCTION move_session(moved UUID, target UUID, digest TEXT) RETURNS BOOLEAN
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH gone AS (
    UPDATE "session" s SET "schoolId" = target, "tokenDigest" = digest
     WHERE s."id" = moved AND s."schoolId" = current_school()
       AND EXISTS (SELECT 1 FROM schools_of_account(s."userId") a WHERE a."id" = target)
    RETURNING 1
  )
  SELECT EXISTS (SELECT 1 FROM gone)
$$;
REVOKE ALL ON FUNCTION move_session(UUID, UUID, TEXT) FROM PUBLIC;
