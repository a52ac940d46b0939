"""The checks of OHDSI's DataQualityDashboard, by its own names and ids, asked of any OMOP CDM 5.4."""
