"""The appeals-centre portal."""
