"""The verbs of the command line, in the order in which a newcomer meets them.

Each is one module of this folder that defines `command`, a function with typer annotations,
or `app`, a typer.Typer, where the verb has verbs of its own.
"""

VERBS: tuple[tuple[str, str, str], ...] = (
    ("demo", "Make a city, run the whole chain on it, and draw the report.", "生成示范城市并跑通全流程"),
    ("doctor", "Look at this machine and this home, and say what to mend.", "检查运行环境"),
    ("connectors", "List the kinds of source, the known formats, and what each can fill.", "列出连接器、规范与覆盖"),
    ("sniff", "Say what a file is, and what of it would be mapped.", "识别文件格式及可映射内容"),
    ("map", "Propose a mapping from the header and the values.", "生成映射建议"),
    ("site", "Register an institution and its tier, or list them.", "登记机构"),
    ("ingest", "Read, conform, score, decide and pool what a site exports.", "读入、转换、评分、决定、入池"),
    ("listen", "Take in HL7 v2 over MLLP; what is acknowledged is on the disk.", "MLLP 接收"),
    ("rejects", "What did not conform: reason, file, position, column, count.", "退回明细"),
    ("reconcile", "Prove that no record was lost or doubled.", "核对条数"),
    ("trace", "From a pooled row back to file, position and raw text.", "追溯来源"),
    ("score", "Quality by site, dimension, month and check.", "质量评分"),
    ("contract", "Sign, show and end what a site allows.", "数字合约"),
    ("query", "Ask the pool one SELECT; small cells stay hidden.", "查询"),
    ("ledger", "Show and verify the record of everything that happened.", "台账"),
    ("export", "The shared schema as Arrow, JSON Schema or SQL; rows as an OMOP CDM.", "导出共享表结构与 OMOP 数据"),
)
