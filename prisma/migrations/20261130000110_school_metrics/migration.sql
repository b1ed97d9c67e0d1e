-- What a web process tells a collector of metrics about each school: figures and dates, never names, people or media. One look at
-- each table, however many schools there are. The log of the installation is kept under the first school also before there is one.
CREATE FUNCTION school_metrics() RETURNS TABLE (
  "school" UUID, "states" TEXT[], "counts" BIGINT[], "bytes" BIGINT, "unsignedSince" TEXT, "faults" BIGINT,
  "unreadSince" TIMESTAMPTZ, "scrubbedBytes" BIGINT, "backupAt" TEXT, "drillAt" TEXT)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH schools AS (
    SELECT "id" FROM "school" UNION SELECT "homeSchoolId" FROM "installation"
  ), by_state AS (
    SELECT "schoolId", "state"::text AS state, count(*) AS count FROM "recording" GROUP BY "schoolId", "state"
  ), recordings AS (
    SELECT "schoolId", array_agg(state ORDER BY state) AS states, array_agg(count ORDER BY state) AS counts
      FROM by_state GROUP BY "schoolId"
  ), objects AS (
    -- One that was never read counts from when it was sealed.
    SELECT o."schoolId", sum(o."bodyBytes")::bigint AS bytes, count(s."faultCode") AS faults,
           min(COALESCE(s."scrubbedAt", o."sealedAt")) AS unread
      FROM "sealed_object" o LEFT JOIN "object_scrub" s ON s."sealedId" = o."id" GROUP BY o."schoolId"
  ), scrubs AS (
    SELECT "schoolId", sum("bytes")::bigint AS bytes FROM "integrity_run" WHERE "kind" = 'scrub' GROUP BY "schoolId"
  )
  SELECT schools."id", COALESCE(recordings.states, '{}'), COALESCE(recordings.counts, '{}'), COALESCE(objects.bytes, 0),
         COALESCE(unsigned.at, unplaced.at), COALESCE(objects.faults, 0), objects.unread, COALESCE(scrubs.bytes, 0),
         backup.at, drill.at
    FROM schools
    LEFT JOIN recordings ON recordings."schoolId" = schools."id"
    LEFT JOIN objects ON objects."schoolId" = schools."id"
    LEFT JOIN scrubs ON scrubs."schoolId" = schools."id"
    -- The oldest entry with a place that no signed head covers, else the oldest one without a place: as the sequencer finds it.
    LEFT JOIN LATERAL (
      SELECT e."at" FROM "audit_entry" e
       WHERE e."schoolId" = schools."id"
         AND e."seq" > COALESCE((SELECT max(c."size") FROM "audit_checkpoint" c WHERE c."schoolId" = schools."id"), 0)
       ORDER BY e."seq" LIMIT 1) unsigned ON TRUE
    LEFT JOIN LATERAL (
      SELECT CASE WHEN b."horizon" <= (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint THEN b."horizon" ELSE 0 END AS since
        FROM "audit_batch" b WHERE b."schoolId" = schools."id" ORDER BY b."size" DESC LIMIT 1) batch ON TRUE
    LEFT JOIN LATERAL (
      SELECT audit_read(a."canonical") ->> 'at' AS at FROM "audit_arrival" a
       WHERE a."schoolId" = schools."id" AND a."xid" >= COALESCE(batch.since, 0)
         AND NOT EXISTS (SELECT 1 FROM "audit_entry" e WHERE e."schoolId" = a."schoolId" AND e."arrival" = a."arrival")
       ORDER BY a."xid", a."arrival" LIMIT 1) unplaced ON TRUE
    LEFT JOIN LATERAL (
      SELECT e."at" FROM "audit_entry" e WHERE e."schoolId" = schools."id" AND e."action" = 'backup.made' AND e."outcome" = 'done'
       ORDER BY e."seq" DESC LIMIT 1) backup ON TRUE
    LEFT JOIN LATERAL (
      SELECT e."at" FROM "audit_entry" e WHERE e."schoolId" = schools."id" AND e."action" = 'drill.passed'
       ORDER BY e."seq" DESC LIMIT 1) drill ON TRUE
$$;
REVOKE ALL ON FUNCTION school_metrics() FROM PUBLIC;
