"""Submissions that are named one by one."""


def test_another_seed_needs_the_solutions(workspace, run):
    """Recorded answers belong to their inputs: --seed is refused with a reason."""
    done = run(workspace, "ex04", "--seed", "3")
    assert done.code == 2
    assert "--seed needs the course's solutions" in done.err
