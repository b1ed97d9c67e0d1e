-- The walls between schools. Run by the owner after every migration; safe to repeat (docs/decisions/0040-many-schools.md).
--
-- A connection sees and writes the rows of the school that it named (`emanet.school`), and no other; one that named none
-- sees nothing. That holds for every table with a "schoolId", those of later migrations too, and for every role but the
-- owner, who migrates. A row may refer to rows of its own school alone: foreign keys by themselves do not look at the walls.
-- In a SELECT of its own the school is asked for once in a query, and not once for each row.
--
-- A table whose walls stand as they were built is left alone, and the others are done one after the other: building locks out
-- everybody who is at work, and who holds one lock only is in nobody's way twice. How walls were built is kept as a comment on
-- one of them, with a digest of how they stand.
DO $$
DECLARE
  walled RECORD;
  parents TEXT;
  wanted TEXT;
  policy NAME;
  stands TEXT;
  standing CONSTANT TEXT := $query$
    SELECT md5(string_agg(concat_ws(' ', polname, polcmd, polpermissive, polroles, pg_get_expr(polqual, polrelid),
                                    pg_get_expr(polwithcheck, polrelid)), ',' ORDER BY polname))
      FROM pg_policy WHERE polrelid = $1
  $query$;
BEGIN
  FOR walled IN
    SELECT c.oid, c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS "hasWalls",
           (SELECT obj_description(p.oid, 'pg_policy') FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_school') AS built
      FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND (c.relname = 'school' OR EXISTS (
         SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'schoolId' AND NOT a.attisdropped))
     ORDER BY c.relname
  LOOP
    SELECT COALESCE(string_agg(format(' AND (%I IS NULL OR EXISTS (SELECT 1 FROM %s AS parent WHERE parent.%I = %I.%I))',
                                      own.attname, f.confrelid::regclass, other.attname, walled.name, own.attname), '' ORDER BY f.conname), '')
      INTO parents
      FROM pg_constraint f
      JOIN pg_attribute own ON own.attrelid = f.conrelid AND own.attnum = f.conkey[1]
      JOIN pg_attribute other ON other.attrelid = f.confrelid AND other.attnum = f.confkey[1]
     WHERE f.conrelid = walled.oid AND f.contype = 'f' AND cardinality(f.conkey) = 1 AND own.attname <> 'schoolId'
       AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = f.confrelid AND a.attname = 'schoolId' AND NOT a.attisdropped);
    wanted := format('CREATE POLICY own_school ON %1$I USING (%2$I = (SELECT current_school())) WITH CHECK (%2$I = (SELECT current_school())%3$s)',
                     walled.name, CASE walled.name WHEN 'school' THEN 'id' ELSE 'schoolId' END, parents);
    EXECUTE standing INTO stands USING walled.oid;
    CONTINUE WHEN walled."hasWalls" AND walled.built = concat_ws(' ', stands, wanted);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', walled.name);
    FOR policy IN SELECT polname FROM pg_policy WHERE polrelid = walled.oid LOOP
      EXECUTE format('DROP POLICY %I ON %I', policy, walled.name);
    END LOOP;
    EXECUTE wanted;
    EXECUTE format('CREATE POLICY owner_migrates ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', walled.name);
    EXECUTE standing INTO stands USING walled.oid;
    EXECUTE format('COMMENT ON POLICY own_school ON %I IS %L', walled.name, concat_ws(' ', stands, wanted));
    COMMIT;
  END LOOP;
END $$;
