"""Readers of files as stored on disk: the tables of facts, delimited text, workbooks, vector files, catalogues."""
