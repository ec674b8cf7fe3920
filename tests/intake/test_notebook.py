"""Notebooks: cells in order, magics set aside, every line where it was."""

from __future__ import annotations

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.intake.notebook import notebook_cells


def notebook(*sources, **more):
    """A notebook of code cells as bytes."""
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": s}
        for s in sources
    ]
    value = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4, **more}
    return json.dumps(value).encode()


def test_code_cells_in_order():
    """Code cells count from 1 whatever stands between them; empty ones keep their number."""
    data = json.loads(notebook("a = 1", "", "b = 2"))
    text = {"cell_type": "markdown", "metadata": {}, "source": "# Title"}
    data["cells"].insert(0, text)
    data["cells"].insert(2, {**text, "cell_type": "raw"})
    cells = notebook_cells("hw.ipynb", json.dumps(data).encode())
    assert [(c.label, c.source) for c in cells] == [
        ("hw.ipynb cell 1", "a = 1"),
        ("hw.ipynb cell 3", "b = 2"),
    ]


def test_source_as_a_list_of_lines():
    """Jupyter writes a cell's source as a list of lines."""
    (cell,) = notebook_cells("hw.ipynb", notebook(["a = 1\n", "b = 2"]))
    assert cell.source == "a = 1\nb = 2"


def test_byte_order_mark():
    """A notebook that an editor saved with a byte-order mark is read."""
    assert notebook_cells("hw.ipynb", b"\xef\xbb\xbf" + notebook("a = 1"))


def test_notebook_without_code():
    """A notebook of text only has no cells; its functions are missing then, which the report says."""
    assert notebook_cells("hw.ipynb", notebook()) == ()


def test_old_format_is_converted():
    """A notebook of format 3 is converted on the way in."""
    v3 = nbformat.v3
    old = v3.new_notebook(
        worksheets=[v3.new_worksheet(cells=[v3.new_code_cell(input="a = 1", language="python")])]
    )
    (cell,) = notebook_cells("hw.ipynb", nbformat.v3.writes_json(old).encode())
    assert cell.source == "a = 1"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x = 1\n",
        b"[]",
        b"3",
        b"null",
        b"{}",
        b'{"cells": 3, "nbformat": 4, "nbformat_minor": 4, "metadata": {}}',
        b'{"cells": [3], "nbformat": 4, "nbformat_minor": 4, "metadata": {}}',
        b'{"nbformat": "four"}',
        b'{"nbformat": 99, "nbformat_minor": 0}',
        b'{"nbformat": 3, "nbformat_minor": 0, "worksheets": 7}',
        b'{"nbformat": 1, "cells": [{"cell_type": "code", "code": "x = 1"}]}',
        b"\xff\xfe{\x00}\x00",
        b'{"cells": ' + b"[" * 100_000,
        notebook("a = 1")[:-20],
        notebook("a = 1", nbformat=5),
    ],
)
def test_broken_notebook(data):
    """What is no notebook ends in one line that names it and says how to mend it."""
    try:
        cells = notebook_cells("hw.ipynb", data)
    except SubmissionError as error:
        message = str(error)
    else:
        assert all(isinstance(c.source, str) for c in cells)
        return
    assert message.startswith("hw.ipynb: ")
    assert "\n" not in message
    assert len(message) < 300


def test_broken_notebook_says_what_to_do():
    """The message for a file that is not JSON tells the student to save it again."""
    with pytest.raises(
        SubmissionError, match=r"hw\.ipynb: cannot be read as a notebook .* save it"
    ):
        notebook_cells("hw.ipynb", b"import numpy as np\n")


@pytest.mark.parametrize("data", [b"[]", b"{}", b"3", b"null", b'{"cells": 3, "nbformat": 4}'])
def test_json_that_is_no_notebook(data):
    """JSON without cells is no notebook; that is said in plain words, and not in the library's."""
    with pytest.raises(SubmissionError, match=r"^hw\.ipynb: is not a notebook: it has no cells\. "):
        notebook_cells("hw.ipynb", data)


@given(st.binary(max_size=80) | st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(
        st.sampled_from(["cells", "nbformat", "nbformat_minor", "worksheets", "cell_type",
                         "source", "metadata", "code", "input"]), x, max_size=5),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_bytes_are_a_notebook_or_refused(data):
    """Whatever a .ipynb holds, it is the student's to mend and never an error of ours."""
    try:
        notebook_cells("hw.ipynb", data)
    except SubmissionError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either end is right


# Graded


def test_errors_point_at_cell_and_line(grade, outcomes, small):
    """A message about a notebook names the cell and the line in it, magics above or not."""
    cells = ["import numpy as np", "%time 1\n\ndef mean(x):\n    return undefined"]
    path = small.root.parent / "ex01_line.ipynb"
    path.write_bytes(notebook(*cells))
    report = grade("ex01", path, "--format", "json", cwd=small.root).report
    mean = report["checks"][0]
    assert (mean["outcome"], mean["file"], mean["line"]) == ("error", "ex01_line.ipynb cell 2", 4)
    assert "ex01_line.ipynb cell 2, line 4: return undefined" in mean["message"]


def test_syntax_error_in_one_cell(grade, small):
    """A cell that does not parse is named; functions of other cells are graded."""
    path = small.root.parent / "ex01_line.ipynb"
    path.write_bytes(notebook("import numpy as np", "def broken(:", "def mean(x): return x.mean()"))
    report = grade("ex01", path, "--format", "json", cwd=small.root).report
    assert report["checks"][0]["outcome"] == "passed"
    assert "ex01_line.ipynb cell 2, line 1: def broken(:" in report["problems"][0]
    assert "SyntaxError" in report["problems"][0]


def test_broken_notebook_is_graded_zero(grade, small):
    """A notebook that cannot be read gets no points and a message; exit code 1."""
    path = small.root.parent / "ex01_line.ipynb"
    path.write_text("import numpy as np")
    result = grade("ex01", path, cwd=small.root)
    assert result.code == 1
    assert "cannot be read as a notebook" in result.out
    assert "0 of 11 points" in result.out


def test_a_function_in_a_text_cell(grade, small):
    """A cell that was turned into text by accident is named where its function is missing."""
    data = json.loads(notebook("import numpy as np", "def count(x): return x.size"))
    text = {"cell_type": "markdown", "metadata": {}}
    data["cells"].append({**text, "source": "def mean(x):\n    return x.mean()\ndef count(x): ..."})
    path = small.root.parent / "ex01_line.ipynb"
    path.write_text(json.dumps(data), encoding="utf-8")
    notes = grade("ex01", path, "--format", "json", cwd=small.root).report["notes"]
    told = "mean is in a text cell of ex01_line.ipynb, which is not run; make it a code cell"
    assert notes == [told]
