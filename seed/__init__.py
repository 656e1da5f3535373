"""What a new installation begins with, and the demo year of the article."""
