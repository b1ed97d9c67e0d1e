-- What the server's own role may do. Run by the owner after every migration; safe to repeat.
GRANT USAGE ON SCHEMA public TO emanet_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO emanet_server;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO emanet_server;
REVOKE UPDATE, DELETE, TRUNCATE ON "permission_event", "decision" FROM emanet_server;
-- Notes of people who are erased are emptied; a trigger refuses every other change (docs/decisions/0029-erasing-people.md).
GRANT UPDATE ("note") ON "permission_event" TO emanet_server;
-- The log: an entry's text is all that the server may write; its place and its hash are the database's work.
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "audit_arrival", "audit_entry", "audit_batch", "audit_tile", "audit_checkpoint", "audit_mention" FROM emanet_server;
REVOKE UPDATE, DELETE, TRUNCATE ON "audit_cosignature" FROM emanet_server;
REVOKE UPDATE, TRUNCATE ON "person_key" FROM emanet_server;
GRANT INSERT ("canonical") ON "audit_arrival" TO emanet_server;
GRANT INSERT ON "audit_tile" TO emanet_server;
GRANT INSERT ("size", "root", "note") ON "audit_checkpoint" TO emanet_server;
GRANT EXECUTE ON FUNCTION audit_integrate(INTEGER) TO emanet_server;
REVOKE ALL ON "_prisma_migrations" FROM emanet_server;
-- A backup says by which migrations the tables were made.
GRANT EXECUTE ON FUNCTION applied_migrations() TO emanet_server;
GRANT USAGE ON SCHEMA graphile_worker TO emanet_server;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO emanet_server;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA graphile_worker TO emanet_server;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO emanet_server;
-- The queue's tables have row security on, so that only roles named here can use them.
DO $$
DECLARE
  name TEXT;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'graphile_worker' AND tablename LIKE '\_private\_%' LOOP
    EXECUTE format('DROP POLICY IF EXISTS emanet_server ON graphile_worker.%I', name);
    EXECUTE format('CREATE POLICY emanet_server ON graphile_worker.%I TO emanet_server USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
