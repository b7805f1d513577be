/**
 * Functions with which SQL that was written for SQLite means the same in PostgreSQL. None of them throws at a value that
 * a failing disk or another program may have written. They need no setting of the session and no other function of
 * Livecue's, so the path in which PostgreSQL looks for names does not matter to them.
 */

/** An error of PostgreSQL's own reader of JSON makes the value missing. */
const orMissing = "EXCEPTION WHEN others THEN RETURN NULL";

export const functions: readonly string[] = [
  // As a number in SQLite: sums of large numbers lose their last digits instead of failing, and nothing sums up to 0.
  "CREATE AGGREGATE total (DOUBLE PRECISION) (SFUNC = float8pl, STYPE = DOUBLE PRECISION, INITCOND = '0', PARALLEL = SAFE, COMBINEFUNC = float8pl)",
  `CREATE FUNCTION json_valid (written TEXT) RETURNS BOOLEAN LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    BEGIN
      PERFORM written::json;
      RETURN true;
    EXCEPTION WHEN others THEN RETURN false;
    END $$`,
  // The members of a list in JSON, as texts.
  `CREATE FUNCTION json_each (list TEXT) RETURNS TABLE (value TEXT) LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT json_array_elements_text(list::json)
  $$`,
  // A value of an object in JSON, as a text; NULL if there is none.
  `CREATE FUNCTION json_field (written TEXT, VARIADIC path TEXT[]) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    BEGIN
      RETURN written::json #>> path;
    ${orMissing};
    END $$`,
  // The same if it is a text.
  `CREATE FUNCTION json_text (written TEXT, VARIADIC path TEXT[]) RETURNS TEXT LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE
      part JSON := written::json #> path;
    BEGIN
      RETURN CASE json_typeof(part) WHEN 'string' THEN part #>> '{}' END;
    ${orMissing};
    END $$`,
  // The same as a whole number between the bounds of 64 bits: 0 for what is none, as a list.
  `CREATE FUNCTION json_integer (written TEXT, VARIADIC path TEXT[]) RETURNS DOUBLE PRECISION LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE
      part JSON;
      type TEXT;
    BEGIN
      part := written::json #> path;
      type := json_typeof(part);
      RETURN CASE type
        WHEN 'number' THEN least(greatest(trunc((part #>> '{}')::double precision), -9223372036854775808), 9223372036854775807)
        WHEN 'boolean' THEN (part #>> '{}')::boolean::integer
        WHEN 'null' THEN NULL
        WHEN 'string' THEN coalesce(substring(part #>> '{}' FROM '^\\s*([+-]?\\d{1,18})')::double precision, 0)
        ELSE CASE WHEN type IS NOT NULL THEN 0 END END;
    ${orMissing};
    END $$`,
];
