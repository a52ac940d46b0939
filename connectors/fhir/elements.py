"""The JSON types FHIR R4 gives to the elements that are read here (hl7.org/fhir/R4, resource pages and datatypes).

`s` string, `0` number, `t` boolean. Elements that are not read are not listed, and not judged.
"""

Elements = dict[str, object]

CODING: Elements = {"system": "s", "version": "s", "code": "s", "display": "s"}
CONCEPT: Elements = {"coding": [CODING], "text": "s"}
IDENTIFIER_VALUE: Elements = {"system": "s", "value": "s"}
REFERENCE: Elements = {"reference": "s", "display": "s", "identifier": IDENTIFIER_VALUE}
PERIOD: Elements = {"start": "s", "end": "s"}
QUANTITY: Elements = {"value": "0", "comparator": "s", "unit": "s", "system": "s", "code": "s"}
RANGE: Elements = {"low": QUANTITY, "high": QUANTITY}
RATIO: Elements = {"numerator": QUANTITY, "denominator": QUANTITY}
MONEY: Elements = {"value": "0", "currency": "s"}
IDENTIFIER: Elements = {
    "use": "s", "type": CONCEPT, "system": "s", "value": "s", "period": PERIOD, "assigner": REFERENCE,
}  # fmt: skip
HUMAN_NAME: Elements = {"text": "s", "family": "s", "given": ["s"]}
ADDRESS: Elements = {"text": "s", "line": ["s"], "city": "s", "district": "s", "state": "s"}
CONTACT: Elements = {"system": "s", "value": "s", "use": "s"}
ATTACHMENT: Elements = {"contentType": "s", "data": "s", "url": "s", "hash": "s", "title": "s", "creation": "s"}
EVERY: Elements = {
    "resourceType": "s", "id": "s", "meta": {"lastUpdated": "s", "profile": ["s"]}, "status": "s",
    "identifier": [IDENTIFIER],
}  # fmt: skip
