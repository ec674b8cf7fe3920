"""What your neuron learns of AND, OR and XOR, as a map of the plane."""

import numpy as np

from grader.demos import Pictures, Text, say

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
LESSONS = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}
SIDE = 16  # pixels


def demo(student, rng):
    places = np.linspace(-0.5, 1.5, SIDE)
    plane = np.array([[a, b] for b in places[::-1] for a in places])
    maps, captions, right = [], [], []
    for name, truth in LESSONS.items():
        w, b = student.perceptron_fit(CORNERS, np.array(truth), 20)
        maps.append(student.threshold_neuron(plane, w, b).reshape(SIDE, SIDE))
        hits = int(np.sum(student.threshold_neuron(CORNERS, w, b) == truth))
        captions.append(say("{name}: {hits} of 4", name=name, hits=hits))
        right.append(hits == 4)
    yield Pictures(
        "One neuron after 20 epochs: bright where it fires. Inputs grow to the right and upwards, "
        "from -0.5 to 1.5. One line is enough for AND and OR, but never for XOR.",
        maps,
        captions,
        right,
    )
    answers = " ".join(str(int(y)) for y in student.xor_gate(CORNERS))
    yield Text(
        say(
            "With two layers it works. Your xor_gate on 00, 01, 10 and 11: {answers}",
            answers=answers,
        )
    )
