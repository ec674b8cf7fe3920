"""What libraries do where a convention decides: rows that are run, and the page made of them."""
