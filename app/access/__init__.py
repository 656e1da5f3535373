"""Floor 2: who may do what, to which rows, and the trail of it."""
