-- What the roles of the processes may do. Run by the owner after every migration; safe to repeat.
--
-- emanet_server serves, works and sets up: one role for whoever wants no more than one. emanet_web and emanet_worker are for
-- processes that do one of these alone, where they are there (deploy/postgres/roles.sh). None of them owns a table, passes by
-- the walls between schools, or changes what is on the log.
DO $$
DECLARE
  role TEXT;
  name TEXT;
BEGIN
  FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN ('emanet_server', 'emanet_web', 'emanet_worker') LOOP
    EXECUTE replace($grants$
      GRANT USAGE ON SCHEMA public TO ROLE;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ROLE;
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ROLE;
      REVOKE UPDATE, DELETE, TRUNCATE ON "permission_event", "decision" FROM ROLE;
      -- Notes of people who are erased are emptied; a trigger refuses every other change (docs/decisions/0029-erasing-people.md).
      GRANT UPDATE ("note") ON "permission_event" TO ROLE;
      -- The log: an entry's text is all that a process may write; its place and its hash are the database's work.
      REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "audit_arrival", "audit_entry", "audit_batch", "audit_tile", "audit_checkpoint", "audit_mention" FROM ROLE;
      REVOKE UPDATE, DELETE, TRUNCATE ON "audit_cosignature" FROM ROLE;
      REVOKE UPDATE, TRUNCATE ON "person_key" FROM ROLE;
      GRANT INSERT ("canonical") ON "audit_arrival" TO ROLE;
      GRANT INSERT ON "audit_tile" TO ROLE;
      GRANT INSERT ("size", "root", "note") ON "audit_checkpoint" TO ROLE;
      GRANT EXECUTE ON FUNCTION audit_integrate(INTEGER) TO ROLE;
      -- The questions that are asked across the walls between schools.
      GRANT EXECUTE ON FUNCTION school_of_secret(TEXT, TEXT), school_of_viewer_link(UUID), every_school(), paused_jobs(),
        schools_of_account(TEXT), school_figures(), school_metrics(), end_access_of_account(TEXT, UUID, TIMESTAMPTZ),
        move_session(UUID, UUID, TEXT) TO ROLE;
      REVOKE ALL ON "_prisma_migrations" FROM ROLE;
      REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "installation" FROM ROLE;
      -- A backup says by which migrations the tables were made.
      GRANT EXECUTE ON FUNCTION applied_migrations() TO ROLE;
      GRANT USAGE ON SCHEMA graphile_worker TO ROLE;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO ROLE;
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA graphile_worker TO ROLE;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO ROLE;
    $grants$, 'ROLE', role);
    -- The queue's tables have row security on, so that only roles named here can use them.
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'graphile_worker' AND tablename LIKE '\_private\_%' LOOP
      EXECUTE format('DROP POLICY IF EXISTS %I ON graphile_worker.%I', role, name);
      EXECUTE format('CREATE POLICY %1$I ON graphile_worker.%2$I TO %1$I USING (true) WITH CHECK (true)', role, name);
    END LOOP;
  END LOOP;

  -- A worker signs nobody in, lets nobody in, and decides nothing.
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'emanet_worker') THEN
    REVOKE ALL ON "password", "authenticator", "passkey", "backup_code", "api_token", "scim_token", "session", "factor_reset",
      "sign_in_failure", "used_challenge", "restore" FROM emanet_worker;
    GRANT SELECT ON "restore" TO emanet_worker;
    -- It removes what is over.
    GRANT SELECT ("id", "schoolId", "userId", "expiresAt"), DELETE ON "session" TO emanet_worker;
    GRANT SELECT ("id", "schoolId", "userId", "expiresAt"), DELETE ON "factor_reset" TO emanet_worker;
    GRANT SELECT ("emailDigest", "lastAt", "lockedUntil"), DELETE ON "sign_in_failure" TO emanet_worker;
    GRANT SELECT ("digest", "expiresAt"), DELETE ON "used_challenge" TO emanet_worker;
    REVOKE INSERT, UPDATE, DELETE ON "account", "external_identity", "scim_user", "scim_group", "scim_member", "user", "invitation", "school", "paused_job" FROM emanet_worker;
    GRANT UPDATE ("mailTestedAt") ON "school" TO emanet_worker;
    -- It reads what a runner handed in, and disables who lied; who registers and what they registered with is the web process's.
    REVOKE ALL ON "runner_invitation" FROM emanet_worker;
    REVOKE INSERT, DELETE ON "runner" FROM emanet_worker;
    REVOKE INSERT ON "decision", "release", "viewer_link", "permission", "legal_hold", "retention_policy" FROM emanet_worker;
    REVOKE EXECUTE ON FUNCTION schools_of_account(TEXT), school_figures(), school_metrics(),
      end_access_of_account(TEXT, UUID, TIMESTAMPTZ), move_session(UUID, UUID, TEXT) FROM emanet_worker;
  END IF;

  -- A web process begins work and does none: what a worker finds, and what a witness signs, is not its to write.
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'emanet_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON "object_scrub", "audit_cosignature" FROM emanet_web;
    REVOKE EXECUTE ON FUNCTION paused_jobs() FROM emanet_web;
    REVOKE EXECUTE ON FUNCTION graphile_worker.force_unlock_workers(TEXT[]) FROM PUBLIC, emanet_web;
  END IF;
END $$;
