"""The columns of the shared tables that CDA documents can fill, as the modules of this folder make them."""

from connectors.looked import Tables

FILLS: Tables = {
    "condition": (
        "encounter_id", "person_id", "role_code", "rank", "code", "code_system", "code_version", "display",
        "poa_code", "outcome_code", "recorded_time", "onset_date",
    ),
    "cost": (
        "encounter_id", "person_id", "kind", "fee_class_code", "amount", "charged_time",
    ),
    "document": (
        "encounter_id", "person_id", "doc_type_code", "template_oid", "title", "created_time", "author_id",
        "content_sm3", "content_uri", "mime",
    ),
    "encounter": (
        "person_id", "class_code", "visit_no", "admission_no", "mrn", "admission_seq", "start_time", "end_time",
        "age_years", "age_days", "admit_route_code", "admit_dept_code", "los_days", "newborn_birth_weight_g",
        "discharge_way_code", "receiving_org_name", "readmit31_code", "readmit31_reason", "pay_method_code",
        "coma_before_min", "coma_after_min", "allergy_code", "allergy_text", "director", "chief_physician",
        "attending_physician",
        "resident_physician", "responsible_nurse", "coder", "record_quality_code", "autopsy_code",
    ),
    "medication": (
        "encounter_id", "person_id", "kind", "group_no", "drug_code", "drug_code_system", "atc_code", "drug_name",
        "form_code", "spec", "dose", "dose_unit", "freq_code", "route_code", "total_qty", "days", "start_time",
        "end_time", "status", "tcm_kind_code",
    ),
    "observation": (
        "encounter_id", "person_id", "report_id", "category", "item_code", "item_system", "item_name", "value_num",
        "comparator", "value_text", "value_code", "unit", "unit_ucum", "ref_low", "ref_high", "ref_text",
        "specimen_code", "method", "sampled_time", "received_time", "reported_time", "critical_flag",
        "performer_org",
    ),
    "patient": (
        "person_id", "org_patient_id", "name", "gender_code", "birth_date", "birth_precision", "death_time",
        "country_code", "ethnicity_code", "marital_code", "occupation_code", "abo_code", "rh_code", "address",
        "phone", "insurance_type_code",
    ),
    "patient_identifier": (
        "person_id", "id_type_code", "id_value", "assigner_org",
    ),
    "procedure": (
        "encounter_id", "person_id", "rank", "code", "code_system", "code_version", "display", "start_time",
        "end_time", "level_code", "operator_id", "assistant_1", "assistant_2", "incision_code", "anesthesia_code",
        "anesthetist_id", "asa_code",
    ),
}  # fmt: skip
