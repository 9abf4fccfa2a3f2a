"""Publishers' files and services → typed layers; a publisher's column names live in its module alone."""
