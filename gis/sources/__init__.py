"""Reads publishers' files and services into typed layers; the column names of a publisher occur only in its module."""
