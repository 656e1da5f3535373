"""Floor 5: forms; syntax of what is typed, choices from queries."""
