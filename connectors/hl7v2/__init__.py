"""HL7 v2: how bytes become messages, messages become segments, and segments become rows of the shared tables."""
