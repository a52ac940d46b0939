"""Made-up records of the insurance platform's interfaces, as dicts; nobody in them exists."""

import gzip
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import polars as pl

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.kinds.nhsa import CONNECTOR

HERE = Context(site="A", batch="b1", file="0" * 16)

SETTLEMENT: dict[str, Any] = {
    "infno": "4101",
    "msgid": "M1",
    "input": {
        "setlinfo": {
            "mdtrt_id": "V1", "setl_id": "S1", "medcasno": "R1", "psn_name": "甲", "gend": "1", "brdy": "1980-01-02",
            "ntly": "CHN", "naty": "01", "patn_cert_type": "01", "certno": "11010519491231002X", "hi_type": "310",
            "adm_time": "2024-03-01 08:00:00", "dscg_time": "2024-03-05 09:00:00", "act_ipt_days": 4,
            "adm_caty": "A03.01", "dscg_caty": "03", "vent_used_dura": "0/3/20", "pwcry_bfadm_coma_dura": "1/2/30",
            "setl_end_date": "2024-03-05", "psn_selfpay": 12.50, "psn_ownpay": "3.00", "acct_pay": "0",
        },
        "diseinfo": [
            {"diag_type": "1", "maindiag_flag": "1", "diag_code": "I10.x00", "diag_name": "高血压", "adm_cond_type": "1"},
            {"diag_type": "2", "maindiag_flag": "0", "diag_code": "E11.900", "diag_name": "糖尿病", "memo": "x"},
            {"diag_type": "3", "maindiag_flag": "0", "diag_code": "A01.01", "diag_name": "眩晕"},
        ],
        "iteminfo": [{"med_chrgitm": "01", "amt": 100.0, "fulamt_ownpay_amt": "0"}, {"med_chrgitm": "9", "amt": "20"}],
        "payinfo": [{"fund_pay_type": "310100", "fund_payamt": 104.5}],
        "oprninfo": [
            {"oprn_oprt_type": "2", "oprn_oprt_code": "99.1", "oprn_oprt_name": "乙术", "oprn_oprt_date": "2024-03-02"},
            {"oprn_oprt_type": "1", "oprn_oprt_code": "47.0", "oprn_oprt_name": "甲术", "oprn_oprt_date": "2024-03-02"},
        ],
        "icuinfo": [{"scs_cutd_ward_type": "CCU", "inpool_time": "2024-03-02 01:00:00", "exit_time": "2024-03-03"}],
        "bldinfo": [{"bld_cat": "1", "bld_amt": "2", "bld_unt": "U"}],
    },
}  # fmt: skip
FRONT_PAGE: dict[str, Any] = {
    "infno": "4401",
    "input": {
        "baseinfo": {
            "mdtrt_sn": "H1-V1", "psn_no": "P1", "medcasno": "R1", "psn_name": "甲", "gend": "2", "brdy": "1980-01-02",
            "certno": "11010519491231002X", "mrg_stas": "2", "adm_date": "2024-03-01", "dscg_date": "2024-03-05",
            "medfee_sumamt": "120.00", "wmfee": "20", "hbsag": "1", "vali_flag": "1",
        },
        "diseinfo": [
            {"maindiag_flag": "1", "diag_code": "I10.x00", "diag_name": "高血压", "vali_flag": "1"},
            {"maindiag_flag": "0", "diag_code": "E11.900", "diag_name": "糖尿病", "vali_flag": "0"},
        ],
        "oprninfo": [],
        "icuinfo": [{"icu_codeid": "I1", "inpool_icu_time": "2024-03-02 01:00:00"}],
    },
}  # fmt: skip
EXAMINATION: dict[str, Any] = {
    "infno": "4501",
    "input": {
        "examinfo": {
            "mdtrt_sn": "H1-V1", "psn_no": "P1", "rpotc_no": "E1", "exam_item_code": "CT01", "exam_item_name": "胸部CT",
            "exam_ccls": "未见异常", "exam_rpotc_name": "CT报告", "exam_date": "2024-03-02", "rpt_date": "2024-03-02",
            "exe_org_name": "甲院", "hr": "全国HR",
        },
        "imageinfo": [{"rpotc_no": "E1", "study_uid": "1.2.3"}],
    },
}  # fmt: skip
LABORATORY: dict[str, Any] = {
    "infno": "4502",
    "input": {
        "labinfo": {"mdtrt_sn": "H1-V1", "psn_no": "P1", "rpotc_no": "L1", "rpt_date": "2024-03-02 10:00:00", "hr": "省HR"},
        "iteminfo": [
            {"exam_item_detl_code": "GLU", "exam_item_detl_name": "葡萄糖", "exam_rslt_val": 5.60, "exam_unt": "mmol/L",
             "ref_val": "3.9-6.1", "exam_rslt_abn": "N"},
            {"exam_item_detl_code": "HBsAg", "exam_item_detl_name": "乙肝表面抗原", "exam_rslt_dicm": "阴性", "hr": "全国HR"},
        ],
        "sampleinfo": [{"rpotc_no": "L1", "sapl_date": "2024-03-02 08:00:00", "spcm_name": "血清"}],
    },
}  # fmt: skip
CULTURES: dict[str, Any] = {
    "infno": "4503",
    "input": {
        "data": [
            {"mdtrt_sn": "H1-V1", "psn_no": "P1", "rpotc_no": "C1", "germ_code": "eco", "germ_name": "大肠埃希菌"},
            {"mdtrt_sn": "H1-V1", "psn_no": "P1", "rpotc_no": "C1", "germ_code": "kpn", "coly_cntg": ">100000",
             "vali_flag": "0"},
        ]
    },
}  # fmt: skip
EVERY = (SETTLEMENT, FRONT_PAGE, EXAMINATION, LABORATORY, CULTURES)


def changed(record: dict[str, Any], node: str, **fields: Any) -> dict[str, Any]:
    """A copy whose node has other fields; None takes a field away."""
    made = deepcopy(record)
    made["input"][node] |= fields
    made["input"][node] = {key: value for key, value in made["input"][node].items() if value is not None}
    return made


def written(
    folder: Path, *records: Any, encoding: str = "utf-8", indent: int | None = None, packed: bool = False
) -> Path:
    """The records as a file: a value a line, or an array where `indent` is given."""
    text = (
        "\n".join(json.dumps(each, ensure_ascii=False) for each in records)
        if indent is None
        else json.dumps(list(records), ensure_ascii=False, indent=indent)
    )
    raw = text.encode(encoding)
    path = folder / ("r.json.gz" if packed else "r.json")
    path.write_bytes(gzip.compress(raw, mtime=0) if packed else raw)
    return path


def read(path: Path, **asked: Any) -> list[Chunk]:
    """The file's chunks, each checked."""
    chunks = list(CONNECTOR.open(path, **asked).chunks(HERE))
    for chunk in chunks:
        chunk.check()
    return chunks


def rows(chunks: list[Chunk], table: str) -> pl.DataFrame:
    """All rows of a table."""
    return pl.concat([chunk.tables[table] for chunk in chunks if table in chunk.tables])


def refused(chunks: list[Chunk]) -> list[tuple[int, str]]:
    """Position and reason of records rejected whole."""
    return [each for chunk in chunks for each in chunk.rejects.filter("whole").select("position", "reason").rows()]
