"""Why an answer is wrong: the catalogue of misconceptions, live or recorded."""
