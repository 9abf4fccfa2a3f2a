"""Tables and files as they stand on disk: the tables of facts, delimited text, workbooks, vectors, catalogues."""
