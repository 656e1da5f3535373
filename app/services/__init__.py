"""Floor 4: verbs of the business; each is one transaction."""
