"""The rules of row scope: one file for each part of the business. Their table is access/scope.py."""
