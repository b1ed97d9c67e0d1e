-- The walls between schools. Run by the owner after every migration; safe to repeat (docs/decisions/0040-many-schools.md).
--
-- A connection sees and writes the rows of the school that it named (`emanet.school`), and no other; one that named none
-- sees nothing. That holds for every table with a "schoolId", those of later migrations too, and for every role but the
-- owner, who migrates. A row may refer to rows of its own school alone: foreign keys by themselves do not look at the walls.
-- In a SELECT of its own the school is asked for once in a query, and not once for each row.
DO $$
DECLARE
  walled RECORD;
  parents TEXT;
BEGIN
  FOR walled IN
    SELECT c.oid, c.relname AS name FROM pg_class c
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
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', walled.name);
    EXECUTE format('DROP POLICY IF EXISTS own_school ON %I', walled.name);
    EXECUTE format('CREATE POLICY own_school ON %1$I USING (%2$I = (SELECT current_school())) WITH CHECK (%2$I = (SELECT current_school())%3$s)',
                   walled.name, CASE walled.name WHEN 'school' THEN 'id' ELSE 'schoolId' END, parents);
    EXECUTE format('DROP POLICY IF EXISTS owner_migrates ON %I', walled.name);
    EXECUTE format('CREATE POLICY owner_migrates ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', walled.name);
  END LOOP;
END $$;
