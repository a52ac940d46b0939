SELECT count(*) AS n FROM encounter
SELECT count(DISTINCT person_id) AS n FROM encounter
SELECT count(*) AS rows, count(DISTINCT person_id) AS persons FROM condition
SELECT org_code, count(*) AS n FROM encounter GROUP BY org_code ORDER BY org_code
SELECT org_code AS site, count(*) AS n FROM encounter GROUP BY site ORDER BY n DESC
SELECT org_code, count(*) AS n FROM encounter GROUP BY 1 ORDER BY 1
SELECT e.org_code, count(*) AS n FROM encounter AS e GROUP BY e.org_code ORDER BY e.org_code
SELECT code, count(*) AS n, count(DISTINCT person_id) AS persons FROM condition GROUP BY code ORDER BY code
SELECT code, rank, count(*) AS n FROM condition GROUP BY code, rank ORDER BY code, rank
SELECT left(code, 1) AS chapter, count(*) AS n FROM condition GROUP BY chapter ORDER BY chapter
SELECT substring(code, 1, 2) AS block, count(*) AS n FROM condition GROUP BY block ORDER BY block
SELECT count(*) AS n FROM condition WHERE code LIKE 'I%'
SELECT count(*) AS n FROM condition WHERE code IN ('I10', 'E11')
SELECT count(*) AS n FROM condition WHERE code = 'I10' OR (rank = 2 AND NOT code = 'J45')
SELECT count(*) AS n FROM condition WHERE rank BETWEEN 1 AND 1
SELECT count(*) AS n FROM condition WHERE code IS NOT NULL AND code <> 'E11'
SELECT count(*) AS n FROM encounter WHERE start_time >= '2024-03-01' AND start_time < DATE '2024-09-01'
SELECT count(*) AS n FROM encounter WHERE start_time BETWEEN '2024-02-01' AND '2024-10-01 12:00:00'
SELECT date_trunc('quarter', start_time) AS quarter, count(*) AS n FROM encounter GROUP BY quarter ORDER BY quarter
SELECT date_trunc('month', start_time) AS month, count(*) AS n FROM encounter GROUP BY 1 HAVING count(*) > 10 ORDER BY 1
SELECT year(start_time) AS year, count(*) AS n FROM encounter GROUP BY year(start_time)
SELECT extract(quarter FROM start_time) AS q, count(*) AS n FROM encounter GROUP BY q ORDER BY q
SELECT avg(date_diff('day', start_time, end_time)) AS los FROM encounter
SELECT org_code, round(avg(date_diff('day', start_time, end_time)), 2) AS los FROM encounter GROUP BY org_code ORDER BY los
SELECT sum(date_diff('day', start_time, end_time)) AS days, count(*) AS n FROM encounter
SELECT count(*) FILTER (WHERE class_code = 'ICU') AS icu FROM encounter
SELECT sum(CASE WHEN class_code = 'ICU' THEN 1 ELSE 0 END) AS icu, count(*) AS n FROM encounter
SELECT 100.0 * sum(CASE WHEN class_code = 'ICU' THEN 1 ELSE 0 END) / count(*) AS share FROM encounter
SELECT avg(CASE WHEN class_code = 'ICU' THEN 1 ELSE 0 END) AS share FROM encounter
SELECT CASE WHEN code = 'I10' THEN 'hypertension' ELSE 'other' END AS kind, count(*) AS n FROM condition GROUP BY kind ORDER BY kind
SELECT floor(date_diff('day', start_time, end_time) / 3) * 3 AS band, count(*) AS n FROM encounter GROUP BY band ORDER BY band
SELECT code, count(*) AS n FROM condition GROUP BY code HAVING count(*) > 100 ORDER BY n
SELECT code, count(*) AS n FROM condition GROUP BY code ORDER BY count(*) DESC LIMIT 1
SELECT count(DISTINCT code) AS codes FROM condition
SELECT rank, count(DISTINCT code) AS codes, count(*) AS n FROM condition GROUP BY rank ORDER BY rank
SELECT c.code, count(DISTINCT e.person_id) AS n FROM encounter e JOIN condition c ON c.person_id = e.person_id GROUP BY c.code ORDER BY c.code
SELECT c.code, avg(date_diff('day', e.start_time, e.end_time)) AS los FROM condition c JOIN encounter e ON c.encounter_id = e.record_id WHERE c.rank = 1 GROUP BY c.code
SELECT count(DISTINCT c.encounter_id) AS n FROM condition AS c
SELECT fee_class_code, count(*) AS n, avg(amount) AS mean FROM cost WHERE amount < 1000 GROUP BY fee_class_code ORDER BY 1
SELECT sum(amount) AS total FROM cost WHERE amount < 1000 AND fee_class_code = 'SELF'
select COUNT(*) as N from ENCOUNTER where CLASS_CODE = 'IMP'
