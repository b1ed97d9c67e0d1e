-- Words of titles and file names, for the search. What is searched for goes through the same functions, so the two always
-- agree. Nothing in them depends on the collation of the database.

-- As `foldForSearch` of `src/domain/person.ts`: without marks, small letters, and every i the same.
CREATE FUNCTION search_fold("given" TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT translate(
    lower(regexp_replace(normalize("given", NFKD), '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]', '', 'g') COLLATE "C"),
    'ıÆØĐŁŒÞẞÐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ',
    'iæøđłœþßðαβγδεζηθικλμνξοπρστυφχψωабвгдежзиклмнопрстуфхцчшщъыьэюя'
  );
$$;

-- The words in their order, each of at most 100 characters. Spaces, signs of ASCII and general punctuation stand between.
CREATE FUNCTION search_split("given" TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT COALESCE(array_agg(left("word", 100) ORDER BY "place"), '{}')
  FROM regexp_split_to_table(public.search_fold("given"), '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+')
    WITH ORDINALITY AS "words"("word", "place")
  WHERE "word" <> '';
$$;

-- Every word, and the first one once more behind a ^, by which what begins as asked is found apart.
CREATE FUNCTION search_words("given" TEXT) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_to_tsvector(CASE WHEN cardinality("words") = 0 THEN '{}' ELSE "words" || ('^' || "words"[1]) END)
  FROM public.search_split("given") AS "words";
$$;

-- What has a word that begins with each word asked for; `begins`: its first word with the first of them. Null: there is no word.
CREATE FUNCTION search_query("asked" TEXT, "begins" BOOLEAN) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT string_agg(
    '''' || CASE WHEN "begins" AND "place" = 1 THEN '^' ELSE '' END || "word" || ''':*', ' & ' ORDER BY "place"
  )::tsquery
  FROM unnest(public.search_split("asked")) WITH ORDINALITY AS "words"("word", "place");
$$;

ALTER TABLE "course" ADD COLUMN "words" tsvector GENERATED ALWAYS AS (search_words("title")) STORED;
ALTER TABLE "lesson" ADD COLUMN "words" tsvector GENERATED ALWAYS AS (search_words("title")) STORED;
ALTER TABLE "recording" ADD COLUMN "words" tsvector GENERATED ALWAYS AS (search_words("fileName")) STORED;
CREATE INDEX "course_words_idx" ON "course" USING GIN ("words");
CREATE INDEX "lesson_words_idx" ON "lesson" USING GIN ("words");
CREATE INDEX "recording_words_idx" ON "recording" USING GIN ("words");
