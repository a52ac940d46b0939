SELECT * FROM encounter
SELECT person_id FROM encounter
SELECT person_id, count(*) FROM encounter GROUP BY person_id
SELECT record_id, count(*) FROM encounter GROUP BY 1
SELECT count(*) FROM encounter GROUP BY person_id
SELECT class_code FROM encounter
SELECT class_code, count(*) FROM encounter
SELECT 1
SELECT 1 FROM encounter
SELECT count(*)
SELECT DISTINCT class_code FROM encounter
SELECT DISTINCT ON (class_code) class_code, count(*) FROM encounter GROUP BY class_code
SELECT count(*) FROM encounter WHERE person_id = 'ab'
SELECT count(*) FROM encounter WHERE person_id LIKE 'a%'
SELECT count(*) FROM encounter WHERE person_id IN ('a', 'b')
SELECT count(*) FROM encounter WHERE person_id IS NULL
SELECT count(*) FROM encounter WHERE person_id > 'a'
SELECT count(*) FROM encounter WHERE mrn BETWEEN 'a' AND 'b'
SELECT left(person_id, 1), count(*) FROM encounter GROUP BY 1
SELECT substring(record_id, 1, 2), count(*) FROM encounter GROUP BY 1
SELECT count(*) FROM encounter GROUP BY CASE WHEN person_id = 'a' THEN 1 ELSE 2 END
SELECT sum(CASE WHEN person_id = 'a' THEN 1 ELSE 0 END) FROM encounter
SELECT count(*) FILTER (WHERE person_id = 'a') FROM encounter
SELECT count(*) FROM encounter WHERE coalesce(person_id, '') = ''
SELECT count(*) FROM encounter ORDER BY person_id
SELECT class_code, count(*) FROM encounter GROUP BY class_code ORDER BY max(start_time)
SELECT class_code, count(*) FROM encounter GROUP BY class_code HAVING min(start_time) > '2024-01-01'
SELECT class_code, count(*) FROM encounter GROUP BY class_code HAVING person_id = 'a'
SELECT min(start_time) FROM encounter
SELECT max(end_time) FROM encounter
SELECT first(class_code) FROM encounter
SELECT last(class_code) FROM encounter
SELECT any_value(class_code) FROM encounter
SELECT arg_max(class_code, start_time) FROM encounter
SELECT arg_min(class_code, start_time) FROM encounter
SELECT list(class_code) FROM encounter
SELECT array_agg(person_id) FROM encounter
SELECT string_agg(class_code, ',') FROM encounter
SELECT group_concat(class_code) FROM encounter
SELECT listagg(class_code, ',') FROM encounter
SELECT histogram(class_code) FROM encounter
SELECT mode(class_code) FROM encounter
SELECT median(los_days) FROM encounter
SELECT quantile_cont(los_days, 0.99) FROM encounter
SELECT quantile_disc(los_days, 1.0) FROM encounter
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY los_days) FROM encounter
SELECT approx_quantile(los_days, 0.5) FROM encounter
SELECT approx_count_distinct(person_id) FROM encounter
SELECT stddev(los_days) FROM encounter
SELECT var_pop(los_days) FROM encounter
SELECT product(los_days) FROM encounter
SELECT bit_xor(los_days) FROM encounter
SELECT bit_and(los_days) FROM encounter
SELECT bool_or(class_code = 'ICU') FROM encounter
SELECT bool_and(class_code = 'ICU') FROM encounter
SELECT corr(los_days, age_years) FROM encounter
SELECT regr_slope(los_days, age_years) FROM encounter
SELECT entropy(class_code) FROM encounter
SELECT reservoir_quantile(los_days, 0.5) FROM encounter
SELECT min_by(class_code, start_time) FROM encounter
SELECT sum(los_days * age_years) FROM encounter
SELECT sum(los_days + 1000000 * age_years) FROM encounter
SELECT sum(1) FROM encounter
SELECT sum(CASE WHEN class_code = 'ICU' THEN 1000 WHEN class_code = 'RARE' THEN 1 ELSE 0 END) FROM encounter
SELECT sum(CASE WHEN class_code = 'RARE' THEN 2 ELSE 1 END) FROM encounter
SELECT sum(CASE WHEN class_code = 'RARE' THEN los_days ELSE 1 END) FROM encounter
SELECT sum(CASE class_code WHEN 'RARE' THEN 1 END) FROM encounter
SELECT avg(CASE WHEN class_code = 'RARE' THEN 0 ELSE 1 END) FROM encounter
SELECT sum((class_code = 'RARE')::INT) FROM encounter
SELECT sum(CAST(class_code AS INTEGER)) FROM encounter
SELECT sum(abs(los_days)) FROM encounter
SELECT sum(los_days) OVER () FROM encounter
SELECT row_number() OVER (ORDER BY start_time) FROM encounter
SELECT lag(class_code) OVER (PARTITION BY person_id ORDER BY start_time) FROM encounter
SELECT count(*) OVER (PARTITION BY class_code) FROM encounter
SELECT class_code, count(*) FROM encounter GROUP BY class_code QUALIFY row_number() OVER (ORDER BY class_code) = 1
SELECT class_code, count(*) FROM encounter GROUP BY ROLLUP (class_code)
SELECT class_code, count(*) FROM encounter GROUP BY CUBE (class_code)
SELECT class_code, count(*) FROM encounter GROUP BY GROUPING SETS ((class_code), ())
SELECT count(*) FROM encounter UNION SELECT count(*) FROM condition
SELECT count(*) FROM encounter UNION ALL SELECT 1
SELECT count(*) FROM encounter EXCEPT SELECT 1
SELECT count(*) FROM encounter INTERSECT SELECT 1
SELECT count(*) FROM (SELECT * FROM encounter)
SELECT count(*) FROM (SELECT DISTINCT person_id FROM encounter LIMIT 1) t
WITH t AS (SELECT * FROM encounter) SELECT count(*) FROM t
WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t
WITH t AS (DELETE FROM encounter RETURNING *) SELECT count(*) FROM encounter
SELECT (SELECT count(*) FROM condition) FROM encounter
SELECT count(*) FROM encounter WHERE EXISTS (SELECT 1 FROM condition)
SELECT count(*) FROM encounter WHERE person_id IN (SELECT person_id FROM condition)
SELECT count(*) FROM encounter WHERE los_days > (SELECT avg(los_days) FROM encounter)
SELECT count(*) FROM encounter WHERE los_days > ALL (SELECT 1)
SELECT count(*) FROM encounter WHERE los_days = ANY (ARRAY[1, 2])
SELECT count(*) FROM encounter, LATERAL (SELECT 1) t
SELECT count(*) FROM encounter, condition
SELECT count(*) FROM encounter CROSS JOIN condition
SELECT count(*) FROM encounter NATURAL JOIN condition
SELECT count(*) FROM encounter JOIN condition USING (person_id)
SELECT count(*) FROM encounter e LEFT JOIN condition c ON e.person_id = c.person_id
SELECT count(*) FROM encounter e FULL JOIN condition c ON e.person_id = c.person_id
SELECT count(*) FROM encounter e SEMI JOIN condition c ON e.person_id = c.person_id
SELECT count(*) FROM encounter e ANTI JOIN condition c ON e.person_id = c.person_id
SELECT count(*) FROM encounter e ASOF JOIN condition c ON e.person_id = c.person_id AND e.start_time >= c.recorded_time
SELECT count(*) FROM encounter e POSITIONAL JOIN condition c
SELECT count(*) FROM encounter e JOIN condition c ON TRUE
SELECT count(*) FROM encounter e JOIN condition c ON e.org_code = c.org_code
SELECT count(*) FROM encounter e JOIN condition c ON e.person_id = c.person_id OR TRUE
SELECT count(*) FROM encounter e JOIN condition c ON e.person_id <> c.person_id
SELECT count(*) FROM encounter e JOIN condition c ON e.person_id = c.code
SELECT count(*) FROM encounter e JOIN condition c ON c.person_id = c.person_id
SELECT count(*) FROM encounter e JOIN encounter e ON e.person_id = e.person_id
SELECT count(*) FROM encounter a JOIN encounter b ON a.person_id = b.person_id JOIN encounter c ON c.person_id = a.person_id JOIN encounter d ON d.person_id = a.person_id JOIN encounter f ON f.person_id = a.person_id
SELECT count(*) FROM organization
SELECT count(*) FROM provenance
SELECT org_name FROM organization
SELECT count(*) FROM sites
SELECT count(*) FROM ledger
SELECT count(*) FROM duckdb_settings()
SELECT count(*) FROM information_schema.tables
SELECT count(*) FROM pg_catalog.pg_tables
SELECT count(*) FROM sqlite_master
SELECT count(*) FROM main.encounter
SELECT count(*) FROM other.main.encounter
SELECT count(*) FROM '/etc/passwd'
SELECT count(*) FROM "/etc/passwd"
SELECT count(*) FROM 'data/*.parquet'
SELECT count(*) FROM read_csv('/etc/passwd')
SELECT count(*) FROM read_parquet('x.parquet')
SELECT count(*) FROM read_text('/etc/passwd')
SELECT count(*) FROM glob('/*')
SELECT count(*) FROM range(10)
SELECT count(*) FROM unnest([1, 2])
SELECT count(*) FROM generate_series(1, 10)
SELECT count(*) FROM query('SELECT 1')
SELECT count(*) FROM query_table('encounter')
SELECT count(*) FROM (VALUES (1)) t
SELECT count(*) FROM encounter TABLESAMPLE 10%
SELECT count(*) FROM encounter USING SAMPLE 1
SELECT count(*) FROM encounter AT (VERSION => 1)
SELECT count(*) FROM encounter WHERE read_text('/etc/passwd') IS NOT NULL
SELECT count(*) FROM encounter WHERE getenv('HOME') = 'x'
SELECT count(*) FROM encounter WHERE current_setting('memory_limit') = 'x'
SELECT getvariable('x'), count(*) FROM encounter
SELECT count(*) FROM encounter WHERE random() < 0.5
SELECT count(*) FROM encounter WHERE hash(class_code) = 1
SELECT count(*) FROM encounter WHERE md5(class_code) = 'x'
SELECT count(*) FROM encounter WHERE error('x')
SELECT count(*) FROM encounter WHERE CASE WHEN class_code = 'RARE' THEN error('x') ELSE TRUE END
SELECT count(*) FROM encounter WHERE 1 / los_days > 1
SELECT count(*) FROM encounter WHERE los_days / 0 IS NULL
SELECT count(*) FROM encounter WHERE floor(los_days / 0) = 1
SELECT count(*) FROM encounter WHERE class_code = 5
SELECT count(*) FROM encounter WHERE class_code > start_time
SELECT count(*) FROM encounter WHERE class_code::INT = 5
SELECT count(*) FROM encounter WHERE CAST(class_code AS DATE) = '2024-01-01'
SELECT count(*) FROM encounter WHERE try_cast(class_code AS INT) IS NULL
SELECT count(*) FROM encounter WHERE los_days * 1000000000 > 1
SELECT count(*) FROM encounter WHERE los_days + 2000000000 > 1
SELECT count(*) FROM encounter WHERE los_days > 1.0000000000000000000000000000000000001
SELECT count(*) FROM encounter WHERE los_days > 1e300
SELECT count(*) FROM encounter WHERE start_time > 'not a date'
SELECT count(*) FROM encounter WHERE start_time > '2024-13-45'
SELECT count(*) FROM encounter WHERE strptime(class_code, '%Y') > '2024-01-01'
SELECT count(*) FROM encounter WHERE start_time + INTERVAL 1000000 YEAR > '2024-01-01'
SELECT count(*) FROM encounter WHERE regexp_matches(class_code, '(a+)+$')
SELECT count(*) FROM encounter WHERE class_code SIMILAR TO '.*'
SELECT count(*) FROM encounter WHERE class_code LIKE person_id
SELECT count(*) FROM encounter WHERE repeat(class_code, 1000000000) = ''
SELECT count(*) FROM encounter WHERE len(class_code) > 3
SELECT count(*) FROM encounter WHERE list_transform([1], x -> x + 1) = [2]
SELECT count(*) FROM encounter WHERE [x FOR x IN [1, 2]] = [1]
SELECT count(*) FROM encounter WHERE {'a': 1}.a = 1
SELECT count(*) FROM encounter WHERE class_code COLLATE NOCASE = 'icu'
SELECT count(*) FROM encounter WHERE rowid = 1
SELECT count(*) FROM encounter WHERE bucket = 1
SELECT count(*) FROM encounter WHERE count(*) > 1
SELECT COLUMNS('.*') FROM encounter
SELECT count(COLUMNS(*)) FROM encounter
SELECT * EXCLUDE (person_id) FROM encounter
SELECT * REPLACE (1 AS person_id) FROM encounter
SELECT encounter FROM encounter
SELECT count(encounter) FROM encounter
SELECT count(DISTINCT (person_id, class_code)) FROM encounter
SELECT count(DISTINCT person_id, class_code) FROM encounter
SELECT count(DISTINCT CASE WHEN class_code = 'RARE' THEN person_id END) FROM encounter
SELECT sum(DISTINCT los_days) FROM encounter
SELECT count(*) FROM encounter WHERE director = 'x'
SELECT extra, count(*) FROM encounter GROUP BY extra
SELECT name, count(*) FROM patient GROUP BY name
SELECT phone FROM patient
SELECT count(*) FROM patient WHERE name LIKE 'W%'
SELECT id_value, count(*) FROM patient_identifier GROUP BY id_value
SELECT coalesce(count(*), 0) FROM encounter
SELECT CASE WHEN count(*) > 5 THEN 1 ELSE 0 END FROM encounter
SELECT class_code, count(*) FROM encounter GROUP BY class_code HAVING EXISTS (SELECT 1)
SELECT count(*) FROM encounter HAVING count(*) > 1
SELECT class_code, count(*) FROM encounter GROUP BY class_code LIMIT (SELECT 1)
SELECT class_code, count(*) FROM encounter GROUP BY class_code LIMIT 10%
SELECT class_code, count(*) FROM encounter GROUP BY class_code ORDER BY random()
SELECT class_code AS a, count(*) FROM encounter GROUP BY ALL
SELECT count(*) INTO t FROM encounter
SELECT count(*) FROM encounter FOR UPDATE
FROM encounter
FROM encounter SELECT count(*), person_id
PIVOT encounter ON class_code USING count(*)
UNPIVOT encounter ON class_code INTO NAME n VALUE v
SUMMARIZE encounter
DESCRIBE encounter
SHOW TABLES
EXPLAIN SELECT count(*) FROM encounter
EXPLAIN ANALYZE SELECT count(*) FROM encounter
INSERT INTO encounter VALUES (1)
UPDATE encounter SET class_code = 'x'
DELETE FROM encounter
TRUNCATE encounter
MERGE INTO encounter USING condition ON TRUE WHEN MATCHED THEN DELETE
DROP TABLE encounter
CREATE TABLE t AS SELECT * FROM encounter
CREATE VIEW v AS SELECT * FROM encounter
CREATE MACRO m() AS 1
ALTER TABLE encounter ADD COLUMN x INT
COPY encounter TO '/tmp/x.csv'
COPY (SELECT * FROM encounter) TO '/tmp/x.parquet'
EXPORT DATABASE '/tmp/x'
IMPORT DATABASE '/tmp/x'
ATTACH '/tmp/x.db'
DETACH memory
INSTALL httpfs
LOAD httpfs
SET lock_configuration = false
RESET ALL
PRAGMA database_list
CALL pragma_version()
CHECKPOINT
VACUUM
BEGIN
USE main
PREPARE p AS SELECT 1
EXECUTE p
SET VARIABLE x = 1
SELECT count(*) FROM encounter; DROP TABLE encounter
SELECT count(*) FROM encounter; SELECT * FROM encounter
;
-- nothing
SELECT count(*) FROM encounter WHERE
SELECT ((((((((((((((((((((((((((((((((((((((((((((((((count(*))))))))))))))))))))))))))))))))))))))))))))))))) FROM encounter
SELECT count(*) FROM encounter WHERE class_code = 'a' AND $1
SELECT count(*) FROM encounter WHERE class_code = ?
SELECT count(*) FROM encounter WHERE class_code = $name
