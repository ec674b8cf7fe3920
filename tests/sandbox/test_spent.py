"""Where a call spends its time, seen from inside the student's process."""

from types import SimpleNamespace

from grader.sandbox.spent import FEW, Spent


def test_an_instruction_without_a_line_counts_for_its_function():
    """Python gives no line for a few instructions; a look at one of them still tells a number."""
    code = SimpleNamespace(co_name="f", co_filename="ex.py", co_firstlineno=3)
    frame = SimpleNamespace(f_code=code, f_lineno=None, f_back=None)
    spent = Spent({"ex.py"}, None)
    for _ in range(FEW):
        spent._look(0, frame)
    assert spent.places() == [["f", "ex.py", 3, 1.0]]
