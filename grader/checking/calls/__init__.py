"""How a check calls the student's functions, and what it hears back."""
