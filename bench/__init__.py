"""The portal beside a stock Flask-AppBuilder application, measured in one run (README.md)."""
