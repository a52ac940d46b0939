"""What the demo asks the pool: questions a health bureau has, and one that must be refused. Data, nothing else."""

from dataclasses import dataclass

from federation.report.both import Both


@dataclass(frozen=True)
class Question:
    """A question in both languages, its SQL and the purpose it is asked for."""

    words: Both
    sql: str
    purpose: str


QUESTIONS = (
    Question(
        Both("各月住院与急诊人数是多少？", "How many people were in hospital or in emergency, month by month?"),
        "select date_trunc('month', start_time) as month, class_code, count(distinct person_id) as persons, "
        "count(*) as visits from encounter where class_code in ('IP', 'ER') group by 1, 2 order by 1, 2",
        "PUBHLTH",
    ),
    Question(
        Both("哪些主要诊断最常见？", "Which principal diagnoses are the commonest?"),
        "select code, count(distinct person_id) as persons from condition where role_code = 'MAIN' "
        "group by code order by persons desc limit 10",
        "PUBHLTH",
    ),
    Question(
        Both("高血压随访的平均血压，按机构。", "Mean blood pressure at hypertension follow-up, by site."),
        "select org_code, avg(sbp) as mean_sbp, avg(dbp) as mean_dbp, count(distinct person_id) as persons "
        "from followup where program_code = 'HTN' group by org_code order by org_code",
        "HOPERAT",
    ),
    Question(
        Both("同一问题用于科研：未授权的机构不在其中。", "Asked for research: sites that did not agree are left out."),
        "select org_code, count(distinct person_id) as persons from encounter group by org_code order by org_code",
        "HRESCH",
    ),
    Question(
        Both("只涉及极少数人的问题。", "A question about very few people."),
        "select count(*) as visits from encounter where age_years = 119",
        "PUBHLTH",
    ),
)
