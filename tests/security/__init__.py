"""Security tests made from the url map, the views, the models and the catalogue: a new view is covered unasked."""
