"""Measures → pages: the only room that speaks longitude and latitude, HTML and two languages."""
