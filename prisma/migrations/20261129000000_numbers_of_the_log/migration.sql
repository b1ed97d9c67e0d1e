-- Integers above 2^53 - 1 have two shortest forms where a decimal lies half way between two doubles: JavaScript and PostgreSQL
-- write 19205103240636870 and 19205103240636872 for one number. RFC 7493, 2.2 leaves such numbers out, and so does the log.
CREATE OR REPLACE FUNCTION audit_canonical(e JSONB) RETURNS TEXT
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  number NUMERIC;
BEGIN
  CASE jsonb_typeof(e)
    WHEN 'object' THEN
      RETURN (SELECT CASE WHEN COALESCE(bool_and(m.one IS NOT NULL AND m.key ~ '^[ -~]*$'), true)
                          THEN '{' || COALESCE(string_agg(to_json(m.key)::text || ':' || m.one, ',' ORDER BY m.key COLLATE "C"), '') || '}' END
                FROM (SELECT key, audit_canonical(value) AS one FROM jsonb_each(e) OFFSET 0) m);
    WHEN 'array' THEN
      RETURN (SELECT CASE WHEN COALESCE(bool_and(m.one IS NOT NULL), true)
                          THEN '[' || COALESCE(string_agg(m.one, ',' ORDER BY m.at), '') || ']' END
                FROM (SELECT at, audit_canonical(value) AS one FROM jsonb_array_elements(e) WITH ORDINALITY t(value, at) OFFSET 0) m);
    WHEN 'string' THEN
      RETURN to_json(e #>> '{}')::text;
    WHEN 'number' THEN
      number := (e #>> '{}')::numeric;
      IF abs(number) > 9007199254740991 OR (number <> 0 AND abs(number) < 1e-6) THEN RETURN NULL; END IF;
      RETURN trim_scale(number::float8::text::numeric)::text;
    ELSE
      RETURN e::text;
  END CASE;
END $$;
