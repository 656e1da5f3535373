"""Floor 3: steps as data, guards, and the engine that alone writes a state."""
