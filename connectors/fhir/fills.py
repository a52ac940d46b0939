"""The columns of the shared tables that FHIR R4 resources can fill, as the modules of `resources/` make them."""

from connectors.looked import Tables

FILLS: Tables = {
    "condition": (
        "encounter_id", "person_id", "role_code", "code", "code_system", "code_version", "display",
        "recorded_time", "onset_date",
    ),
    "consent": (
        "consent_id", "provision_id", "parent_id", "depth", "person_id", "decision", "status", "attribute",
        "system", "value", "grantor_org", "valid_from", "valid_to", "data_from", "data_to", "guardian_ref",
        "evidence_doc", "signed_time",
    ),
    "cost": (
        "encounter_id", "person_id", "kind", "fee_class_code", "item_code", "item_name", "quantity", "unit_price",
        "amount", "fund_pay", "charged_time",
    ),
    "document": (
        "encounter_id", "person_id", "doc_type_code", "template_oid", "title", "created_time", "author_id",
        "content_sm3", "content_uri", "mime",
    ),
    "encounter": (
        "person_id", "class_code", "part_of", "visit_no", "start_time", "end_time", "admit_route_code",
        "discharge_way_code", "receiving_org_name",
    ),
    "medication": (
        "encounter_id", "person_id", "kind", "group_no", "drug_code", "drug_code_system", "atc_code", "drug_name",
        "dose", "dose_unit", "freq_code", "route_code", "total_qty", "days", "start_time", "end_time", "status",
    ),
    "observation": (
        "encounter_id", "person_id", "report_id", "category", "item_code", "item_system", "item_name", "value_num",
        "comparator", "value_text", "value_code", "unit", "unit_ucum", "ref_low", "ref_high", "ref_text",
        "specimen_code", "method", "sampled_time", "reported_time", "critical_flag", "performer_org",
    ),
    "organization": (
        "uscc", "ws218_code", "nhsa_code", "org_name", "org_class_code", "parent_org_code",
    ),
    "patient": (
        "person_id", "org_patient_id", "name", "gender_code", "birth_date", "birth_precision", "death_time",
        "marital_code", "address", "phone",
    ),
    "patient_identifier": (
        "person_id", "id_type_code", "id_value", "check_ok", "assigner_org", "first_seen", "last_seen",
    ),
    "procedure": (
        "encounter_id", "person_id", "code", "code_system", "code_version", "display", "start_time", "end_time",
        "operator_id",
    ),
}  # fmt: skip
