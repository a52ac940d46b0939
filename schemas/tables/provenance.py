"""The shared table `provenance`, 数据溯源: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Provenance(Table):
    """One thing done to one row or request, and by whom."""

    zh = "数据溯源"
    when = "occurred_at"
    person = None
    fhir = "Provenance, AuditEvent"
    omop = "METADATA, CDM_SOURCE"

    target_table = Column(
        dtype=pl.String(), required=True, means="Table of the row it was done to.", zh="目标表", level=1, fhir="target"
    )
    target_id = Column(
        dtype=pl.String(),
        required=True,
        means="The row it was done to.",
        zh="目标记录标识",
        reveals=Reveals.PERSON,
        token=True,
        fhir="target",
    )
    activity = Column(
        dtype=pl.String(),
        required=True,
        means="What was done.",
        zh="活动类型",
        codes="activity",
        level=1,
        fhir="activity",
    )
    agent_org = Column(
        dtype=pl.String(), required=True, means="Institution that did it.", zh="执行机构", level=1, fhir="agent"
    )
    agent_user = Column(
        dtype=pl.String(),
        means="Person who did it.",
        zh="执行人",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        fhir="agent",
    )
    connector_version = Column(
        dtype=pl.String(), means="Version of the connector.", zh="连接器版本", level=1, fhir="agent"
    )
    mapping_version = Column(dtype=pl.String(), means="Version of the mapping.", zh="映射版本", level=1, fhir="entity")
    source_hash = Column(dtype=pl.String(), means="Digest of what it was done with.", zh="来源摘要", fhir="entity")
    contract_id = Column(
        dtype=pl.String(), means="Contract it was done under.", zh="数字合约标识", level=1, fhir="policy"
    )
    consent_id = Column(
        dtype=pl.String(),
        means="Consent it was done under.",
        zh="知情同意标识",
        reveals=Reveals.PERSON,
        token=True,
        fhir="policy",
    )
    purpose = Column(
        dtype=pl.String(),
        means="Purpose it was done for.",
        zh="使用目的",
        codes="purpose",
        level=1,
        element="v3-ActReason",
        fhir="reason",
    )
    outcome = Column(
        dtype=pl.String(),
        required=True,
        means="How it ended.",
        zh="结果",
        codes="provenance-outcome",
        level=1,
        fhir="outcome",
    )
    occurred_at = Column(
        dtype=TIME, required=True, means="When it was done.", zh="发生时间", level=1, fhir="occurredDateTime"
    )
    prev_hash = Column(
        dtype=pl.String(), required=True, means="Digest of the entry before.", zh="前一条目摘要", level=1
    )
    entry_hash = Column(
        dtype=pl.String(), required=True, means="Digest of this entry.", zh="本条目摘要", level=1, fhir="signature"
    )
