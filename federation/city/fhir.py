"""FHIR R4 resources as NDJSON lines, one template a resource type. `«name»` is a column of the sheet.

Identifier and code systems are those of cn-standards 2.2. Cells hold no quote and no backslash.
"""

_META = '"meta":{"lastUpdated":"«updated»"},'
_ID_SYSTEM = "urn:oid:2.16.156.10011.1.3"
_RECORD_SYSTEM = "urn:oid:2.16.156.10011.1.12"
ICD10 = "urn:oid:2.16.156.10011.2.3.3.11"
ICD9 = "urn:oid:2.16.156.10011.2.3.3.12"
UCUM = "http://unitsofmeasure.org"
_HL7 = "http://terminology.hl7.org/CodeSystem"
_SUBJECT = "«subject»«encounter»"


def _coding(system: str, code: str, display: str = "") -> str:
    shown = f',"display":"{display}"' if display else ""
    return f'{{"coding":[{{"system":"{system}","code":"{code}"{shown}}}]'


ORGANIZATION = (
    '{"resourceType":"Organization","id":"«org»",'
    + _META
    + '"identifier":[{"system":"urn:oid:2.16.156.10011.1.5","value":"«uscc»"}],"active":true,"name":"«org_name»"}'
)
PATIENT = (
    '{"resourceType":"Patient","id":"«mrn»",'
    + _META
    + '"identifier":[{"use":"official","type":'
    + _coding(f"{_HL7}/v2-0203", "NI")
    + f'}},"system":"{_ID_SYSTEM}","value":"«id_number»"}}],'
    + '"active":true,"name":[{"use":"official","text":"«name»"}],'
    + '"telecom":[{"system":"phone","value":"«phone»","use":"mobile"}],"gender":"«gender»",«birth»«death»'
    + '"address":[{"use":"home","text":"«address»"}],"maritalStatus":'
    + _coding(f"{_HL7}/v3-MaritalStatus", "«wed»")
    + '},"managingOrganization":{"reference":"Organization/«org»"}}'
)
ENCOUNTER = (
    '{"resourceType":"Encounter","id":"«visit»",'
    + _META
    + f'"identifier":[{{"system":"{_RECORD_SYSTEM}","value":"«visit»"}}],"status":"finished",'
    + f'"class":{{"system":"{_HL7}/v3-ActCode","code":"«class»"}},"serviceType":'
    + _coding("urn:oid:2.16.156.10011.2.3.1.40", "«dept»")
    + '},«subject»"period":{"start":"«start»","end":"«end»"},'
    + '«hospitalization»"serviceProvider":{"reference":"Organization/«org»"}}'
)
HOSPITALIZATION = (
    '"hospitalization":{"admitSource":'
    + _coding(f"{_HL7}/admit-source", "«source»")
    + '},"dischargeDisposition":'
    + _coding(f"{_HL7}/discharge-disposition", "«way»")
    + f'}}}},"length":{{"value":«days»,"unit":"d","system":"{UCUM}","code":"d"}},'
)
CONDITION = (
    '{"resourceType":"Condition","id":"«id»",'
    + _META
    + '"clinicalStatus":'
    + _coding(f"{_HL7}/condition-clinical", "active")
    + '},"verificationStatus":'
    + _coding(f"{_HL7}/condition-ver-status", "confirmed")
    + '},"category":['
    + _coding(f"{_HL7}/condition-category", "encounter-diagnosis")
    + f'}}],"code":{{"coding":[{{"system":"{ICD10}",'
    + '"version":"GLB2.0","code":"«code»"«display»}]«text»},'
    + _SUBJECT
    + '"recordedDate":"«start»"}'
)
PROCEDURE = (
    '{"resourceType":"Procedure","id":"«id»",'
    + _META
    + '"status":"completed","code":{"coding":[{"system":"'
    + ICD9
    + '","version":"GLB3.0","code":"«op_code»","display":"«op_name»"}]},'
    + _SUBJECT
    + '"performedPeriod":{"start":"«op_start»","end":"«op_end»"}}'
)
_QUANTITY = '{"value":«%s»,"unit":"%s","system":"' + UCUM + '","code":"%s"}'
PRESSURE = (
    '{"resourceType":"Observation","id":"«id»",'
    + _META
    + '"status":"final","category":['
    + _coding(f"{_HL7}/observation-category", "vital-signs")
    + '}],"code":'
    + _coding("http://loinc.org", "85354-9", "血压")
    + "},"
    + _SUBJECT
    + '"effectiveDateTime":"«sampled»","component":'
    + '[{"code":'
    + _coding("http://loinc.org", "8480-6", "收缩压")
    + '},"valueQuantity":'
    + _QUANTITY % ("sbp", "mmHg", "mm[Hg]")
    + '},{"code":'
    + _coding("http://loinc.org", "8462-4", "舒张压")
    + '},"valueQuantity":'
    + _QUANTITY % ("dbp", "mmHg", "mm[Hg]")
    + "}]}"
)
LABORATORY = (
    '{"resourceType":"Observation","id":"«id»",'
    + _META
    + '"status":"final","category":['
    + _coding(f"{_HL7}/observation-category", "laboratory")
    + '}],"code":{"coding":[{"system":"http://loinc.org",'
    + '"code":"«loinc»"},{"system":"urn:oid:2.16.156.10011.1.33","code":"«item_code»","display":"«item»"}],'
    + '"text":"«item»"},'
    + _SUBJECT
    + '"effectiveDateTime":"«sampled»","issued":"«reported»","valueQuantity":'
    + _QUANTITY % ("value", "«unit»", "«ucum»")
    + ',"referenceRange":[{"low":'
    + _QUANTITY % ("low", "«unit»", "«ucum»")
    + ',"high":'
    + _QUANTITY % ("high", "«unit»", "«ucum»")
    + "}]}"
)
REPORT = (
    '{"resourceType":"DiagnosticReport","id":"«id»",'
    + _META
    + '"status":"final","category":['
    + _coding(f"{_HL7}/v2-0074", "LAB")
    + '}],"code":'
    + _coding("http://loinc.org", "11502-2", "检验报告")
    + "},"
    + _SUBJECT
    + '"effectiveDateTime":"«sampled»","issued":"«reported»","result":[«members»]}'
)
MEDICATION = (
    '{"resourceType":"MedicationRequest","id":"«id»",'
    + _META
    + '"status":"completed","intent":"order",'
    + '"medicationCodeableConcept":'
    + _coding("http://www.whocc.no/atc", "«drug_atc»")
    + ',"text":"«drug»"},'
    + _SUBJECT
    + '"authoredOn":"«authored»","dosageInstruction":[{"text":"«dose»«dose_unit» 每日«times»次",'
    + '"timing":{"repeat":{"frequency":«times»,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":'
    + '{"value":«dose»,"unit":"«dose_unit»"}}]}],"dispenseRequest":{"quantity":{"value":«quantity»,"unit":"片"},'
    + '"expectedSupplyDuration":{"value":«supply»,"unit":"d","system":"'
    + UCUM
    + '","code":"d"}}}'
)
