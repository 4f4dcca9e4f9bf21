"""Coded sessions in and out of other programs' formats, one module a format; formats.py lists them."""
