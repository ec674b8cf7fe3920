"""Submissions that are named one by one."""

from workspaces import run


def test_another_seed_needs_the_solutions(workspace):
    """Recorded answers belong to their inputs: --seed is refused with a reason."""
    done = run(workspace, "ex04", "--seed", "3")
    assert done.returncode == 2
    assert "--seed needs the course's solutions" in done.stderr
