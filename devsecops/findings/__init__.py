"""What is done to a finding: redaction, completion, identity, severity. Pure, no I/O."""
