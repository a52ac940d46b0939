"""A FHIR server asked by Bulk Data Access ($export): its answers land as files, which the kind `fhir_r4` reads."""
