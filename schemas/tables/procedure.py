"""The shared table `procedure`, 手术操作: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Procedure(Table):
    """One operation or procedure done."""

    zh = "手术操作"
    when = "start_time"
    fhir = "Procedure"
    omop = "PROCEDURE_OCCURRENCE"

    encounter_id = Column(
        dtype=pl.String(),
        means="The visit it was done in.",
        zh="就诊标识",
        references="encounter.record_id",
        reveals=Reveals.PERSON,
        token=True,
        fhir="encounter",
        omop="visit_occurrence_id",
    )
    person_id = Column(
        dtype=pl.String(),
        required=True,
        means="On whom it was done.",
        zh="个人标识",
        references="patient.person_id",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="subject",
        omop="person_id",
    )
    rank = Column(dtype=pl.Int16(), means="Place on the front page; 1 is the main operation.", zh="手术顺位")
    code = Column(
        dtype=pl.String(),
        required=True,
        means="The procedure code, verbatim.",
        zh="手术及操作编码",
        element="DE06.00.093.00; C14x01C,C35xNNC/P490/SSJCZBM/oprn_oprt_code",
        fhir="code.coding.code",
        omop="procedure_source_value",
    )
    code_system = Column(
        dtype=pl.String(),
        means="Code system, as URI or OID.",
        zh="手术操作编码体系",
        element="2.16.156.10011.2.3.3.12",
        fhir="code.coding.system",
        omop="procedure_source_concept_id",
    )
    code_version = Column(
        dtype=pl.String(),
        required=True,
        means="Edition of the code system, e.g. GLB3.0, YB2.0.",
        zh="手术操作编码版本",
        element="国临版/医保版",
        fhir="code.coding.version",
    )
    display = Column(
        dtype=pl.String(),
        required=True,
        means="The procedure in words, as written.",
        zh="手术及操作名称",
        element="DE06.00.094.00; C15x01N,C36xNNN/P492/SSJCZMC/oprn_oprt_name",
        fhir="code.text",
    )
    start_time = Column(
        dtype=TIME,
        means="When it began.",
        zh="手术及操作开始时间",
        reveals=Reveals.HINT,
        element="DE06.00.221.00; C16x01,C37xNN/P491/SSJCZRQ/oprn_oprt_date",
        fhir="performedPeriod.start",
        omop="procedure_datetime",
    )
    end_time = Column(
        dtype=TIME,
        means="When it ended.",
        zh="手术及操作结束时间",
        reveals=Reveals.HINT,
        element="DE06.00.218.00",
        fhir="performedPeriod.end",
        omop="procedure_end_datetime",
    )
    level_code = Column(
        dtype=pl.String(),
        means="Level of the operation.",
        zh="手术级别代码",
        codes="rc029",
        element="DE06.00.255.00; C17x01,C38xNN/P820/SSJB",
        fhir="extension",
    )
    operator_id = Column(
        dtype=pl.String(),
        means="Surgeon: licence number or name.",
        zh="手术者",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="C18x01/P495/SZ/oper_dr_code",
        fhir="performer",
        omop="provider_id",
    )
    assistant_1 = Column(
        dtype=pl.String(),
        means="First assistant.",
        zh="Ⅰ助",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="C19x01/P496/YZ",
        fhir="performer",
    )
    assistant_2 = Column(
        dtype=pl.String(),
        means="Second assistant.",
        zh="Ⅱ助",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="C20x01/P497/EZ",
        fhir="performer",
    )
    incision_code = Column(
        dtype=pl.String(),
        means="Class of incision and healing.",
        zh="切口愈合等级代码",
        codes="rc014",
        element="DE06.00.257.00, DE05.10.147.00; C21x01C/P499/QKDJ,QKYHLB",
        fhir="extension",
    )
    anesthesia_code = Column(
        dtype=pl.String(),
        means="Kind of anaesthesia.",
        zh="麻醉方式代码",
        codes="rc013",
        element="DE06.00.073.00; C22x01C/P498/MZFS/anst_way",
        fhir="extension",
    )
    anesthetist_id = Column(
        dtype=pl.String(),
        means="Anaesthetist: licence number or name.",
        zh="麻醉医师",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="C23x01/P4910/MZYS/anst_dr_code",
        fhir="performer",
    )
    asa_code = Column(
        dtype=pl.String(),
        means="ASA class.",
        zh="ASA分级代码",
        codes="rc024",
        element="DE05.10.129.00; P4981",
        fhir="Observation",
        omop="OBSERVATION",
    )
