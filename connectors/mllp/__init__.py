"""HL7 v2 as it comes over a wire: bytes cut into messages, each message answered. No socket, file or clock."""
