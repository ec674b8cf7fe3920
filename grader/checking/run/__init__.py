"""The loop over checks: one pytest session, one submission after another."""
