"""What an autograder host needs."""
