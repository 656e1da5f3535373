"""The technical back office: Flask-Admin behind one door, in our look, never with a business table."""
