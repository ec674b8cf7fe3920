"""What is said about Python's and NumPy's exceptions: what they mean for a beginner, and what to look at."""

from __future__ import annotations

from grader.language import later

# A key, a pattern for the exception's type and text, and advice with the pattern's groups in it. The first
# match wins. Recorded answers hold the key, so it stays when the sentence is made better.
ADVICE = (
    (
        "matmul_empty",
        r"ValueError: matmul: .*\(size (?:0 is different from \d+|\d+ is different from 0)\)",
        later(
            "One of the arrays of this product has a length of 0: a slice is empty, or nothing was put into a "
            "list. Print both shapes."
        ),
    ),
    (
        "matmul",
        r"ValueError: matmul: .*\(size (?P<right>\d+) is different from (?P<left>\d+)\)",
        later(
            "In A @ B, each row of A must be as long as each column of B; here {left} meets {right}. Write both "
            "shapes below the product: which of them is not the one that you expect?"
        ),
    ),
    (
        "dot",
        r"ValueError: shapes (?P<first>\([\d,]*\)) and (?P<second>\([\d,]*\)) not aligned",
        later(
            "In a product, each row of the first array must be as long as each column of the second; here "
            "they are {first} and {second}. Which of them is not the one that you expect?"
        ),
    ),
    (
        "broadcast_empty",
        r"ValueError: .*broadcast.* shapes? (?P<shapes>.*[(,]0[,)].*)",
        later(
            "One of the shapes {shapes} has a length of 0: a slice is empty. Print its start and end: "
            "are both inside the array, and do you slice the right array (padded or not)?"
        ),
    ),
    (
        "broadcast",
        r"ValueError: operands could not be broadcast together with shapes (?P<shapes>.*)",
        later(
            "The shapes {shapes} do not fit: compared from the right, two lengths must be equal, or one of them "
            "must be 1. Print both: which of them is not the one that you expect?"
        ),
    ),
    (
        "reduce_empty",
        r"ValueError: zero-size array to reduction operation (?P<operation>\w+)",
        later(
            "The {operation} of no entries is asked for: a slice or a window is empty. Print its shape, and where it "
            "starts and ends."
        ),
    ),
    (
        "inplace_shape",
        r"ValueError: non-broadcastable output operand with shape (?P<shape>\S+.*) doesn't match",
        later(
            "+= and the like cannot store a result that is larger than the array, of shape {shape}. Print both "
            "shapes."
        ),
    ),
    (
        "assigned_shape",
        r"ValueError: could not broadcast input array from shape (?P<shape>\(.*?\)) into shape (?P<place>\(.*?\))",
        later(
            "You assign an array of shape {shape} to a place of shape {place}. Print both shapes: is there an axis "
            "that should have been summed over, or is a slice cut off at the edge?"
        ),
    ),
    (
        "reshape",
        r"ValueError: cannot reshape array of size (?P<size>\d+) into shape (?P<shape>\(.*?\))",
        later(
            "reshape keeps the number of entries, and {size} entries do not fill the shape {shape}. Print the shape "
            "before it: is it the array that you expect?"
        ),
    ),
    (
        "truth_value",
        r"ValueError: The truth value of an array",
        later(
            "`if`, `and`, `or`, `not` and Python's max need a single True or False, and this is a whole "
            "array. Compare entry by entry, as in (x > 0), or use np.where, np.maximum, & and |."
        ),
    ),
    (
        "sequence_entry",
        r"ValueError: setting an array element with a sequence",
        later(
            "One entry cannot hold several numbers, and rows of different lengths do not form an array. "
            "Print the shape of what you assign: is a sum over an axis missing?"
        ),
    ),
    (
        "unpack",
        r"ValueError: (?:not enough|too many) values to unpack",
        later(
            "The right side of `=` does not have one value for each name on the left. Print it: does a "
            "function return a cache besides its result, or is something missing in the cache?"
        ),
    ),
    (
        "scalar_conversion",
        r"TypeError: only (?:length-1|size-1|0-dimensional) arrays can be converted",
        later(
            "float(), int() and the functions of `math` take a single number. For a whole array, use NumPy's "
            "functions, such as np.exp; .item() returns the number in an array of one."
        ),
    ),
    (
        "inplace_integers",
        r"\w*TypeError: Cannot cast ufunc '\w+' output from dtype\('float",
        later(
            "The array that the result is put into, with an operator such as /= or with out=, holds integers, "
            "and no fractions. Make it of floats first: with .astype(float), or with np.zeros(shape) in place "
            "of zeros_like."
        ),
    ),
    (
        "unbound_local",
        r"UnboundLocalError: .*variable '(?P<name>\w+)'",
        later(
            "{name} has no value yet at this line: it gets one further down, or in a branch or loop that did not "
            "run this time."
        ),
    ),
    (
        "numpy_name",
        r"NameError: name '(?P<name>np|numpy)' is not defined",
        later("NumPy is not imported: write `import numpy as np` at the top of the file."),
    ),
    (
        "unknown_name",
        r"NameError: name '(?P<name>\w+)' is not defined",
        later(
            "This function knows nothing called {name}. Is it a typo? The variables of other functions are not "
            "visible here: what it needs of them has to be passed on, as in a cache."
        ),
    ),
    (
        "tuple_index",
        r"IndexError: tuple index out of range",
        later(
            "A tuple, such as a shape, has fewer entries than that: an array with one axis has only shape[0]. "
            "Print it: does the array have fewer axes than you expect?"
        ),
    ),
    (
        "axis_index",
        r"\w*IndexError: index (?P<index>-?\d+) is out of bounds for axis (?P<axis>\d+) with size (?P<length>\d+)",
        later(
            "Axis {axis} has the length {length} here, and its entry number {index} is asked for; the first one has the "
            "number 0. Print the shape and the index: is it the axis that you mean?"
        ),
    ),
    (
        "index",
        r"\w*IndexError: .*out of (?:range|bounds)|IndexError: list index",
        later("The last of n entries has the index n - 1. Print the index and the length."),
    ),
    (
        "too_many_indices",
        r"IndexError: too many indices for array: array is (?P<axes>\d+)-dimensional",
        later("This array has only {axes} axes. Print its shape: was an axis lost earlier?"),
    ),
    (
        "index_type",
        r"IndexError: .*(?:must be (?:integers|of integer)|only integers, slices)"
        r"|TypeError: (?:list|tuple) indices must be integers or slices, not (?:numpy\.)?float",
        later("An index must be an integer; / gives a float, // an integer."),
    ),
    (
        "size_type",
        r"TypeError: (?:'(?:numpy\.)?float\w*' object cannot be interpreted as an integer"
        r"|expected a sequence of integers)",
        later("Sizes and counts must be integers; / gives a float, // an integer."),
    ),
    (
        "axis",
        r"AxisError: axis (?P<axis>-?\d+) is out of bounds for array of dimension (?P<axes>\d+)",
        later(
            "An array with {axes} axes has no axis {axis}: axes are counted from 0. Print its shape."
        ),
    ),
    (
        "none_used",
        r"AttributeError: 'NoneType' object has no attribute|TypeError: 'NoneType' object is not",
        later(
            "Something is None here. A function without `return` gives None, and so do methods that change "
            "what they are called on, such as sort and append."
        ),
    ),
    (
        "none_unpacked",
        r"TypeError: cannot unpack non-iterable NoneType",
        later("The function on the right returned None: is its `return` missing?"),
    ),
    (
        "list_attribute",
        r"AttributeError: '(?P<kind>list|tuple)' object has no attribute",
        later("This is a {kind}, not a NumPy array; np.array(…) converts it."),
    ),
    (
        "generator_seed",
        r"AttributeError: 'numpy\.random\._generator\.Generator' object has no attribute 'seed'",
        later(
            "A Generator is not seeded again: its next numbers are to differ from its last ones."
        ),
    ),
    (
        "generator_attribute",
        r"AttributeError: 'numpy\.random\._generator\.Generator' object has no attribute",
        later(
            "The functions of a Generator have other names than those of np.random: rng.random(shape), "
            "rng.standard_normal(shape), rng.integers(low, high, shape)."
        ),
    ),
    (
        "numpy_attribute",
        r"AttributeError: module 'numpy' has no attribute '(?P<name>\w+)'",
        later(
            "This version of NumPy has no np.{name}: look for the right name in NumPy's documentation."
        ),
    ),
    (
        "none_operand",
        r"TypeError: unsupported operand type\(s\) for [^:]+: (?:'NoneType' and|'[^']+' and 'NoneType')",
        later(
            "One side is None. A function without `return` gives None, and so do methods that change what they "
            "are called on, such as sort and append."
        ),
    ),
    (
        "list_operand",
        r"TypeError: unsupported operand type\(s\) for [^:]+: (?:'(?:list|tuple)' and|'[^']+' and '(?:list|tuple)')",
        later("One side is a list or a tuple, not a NumPy array; np.array(…) converts it."),
    ),
    (
        "operand",
        r"TypeError: unsupported operand type\(s\) for (?P<sign>[-+*/]|@|\*\*)=?: '(?:int|float)' and "
        r"'(?P<right>\w+)'$",
        later(
            "Python found no way to compute `number {sign} {right}`. Where a number stands on the left, it asks "
            "what stands on the right for a method with r in its name, such as __radd__ or __rmul__."
        ),
    ),
    (
        "recursion",
        r"RecursionError",
        later("The function calls itself without end. Did you mean to call another function?"),
    ),
    (
        "list_times_float",
        r"TypeError: can't multiply sequence by non-int of type '(?:numpy\.)?float",
        later(
            "A list, tuple or string is multiplied by a fraction. np.array(…) makes an array of a list of "
            "numbers; the arrays in a tuple are multiplied one by one."
        ),
    ),
    (
        "list_minus",
        r"TypeError: bad operand type for unary -: '(?P<kind>list|tuple)'",
        later("This is a {kind}, not a NumPy array; np.array(…) converts it."),
    ),
    (
        "list_of_indices",
        r"TypeError: (?:list|tuple) indices must be integers or slices, not tuple",
        later(
            "x[i, j] works for arrays. A list takes one index after the other, x[i][j]; np.array(…) converts a "
            "list of numbers."
        ),
    ),
    (
        "einsum_lengths",
        r"ValueError: operands could not be broadcast together with remapped shapes \[original->remapped\]: "
        r"(?P<first>\([\d,]*\))->\S+ (?P<second>\([\d,]*\))->",
        later(
            "In einsum each letter stands for one length, and here a letter would have two. Print the shapes, and "
            "compare them with the letters."
        ),
    ),
    (
        "spread",
        r"ValueError: operands could not be broadcast together with remapped shapes \[original->remapped\]: "
        r"(?P<given>\([\d,]*\)) +and requested shape (?P<wanted>\([\d,]*\))",
        later(
            "An array of shape {given} does not fill the shape {wanted}. np.pad takes one pair of numbers for "
            "each axis, or one for all."
        ),
    ),
    (
        "einsum_axes",
        r"ValueError: (?:einstein sum subscripts string contains too many subscripts|operand has more dimensions than subscripts)",
        later(
            "In einsum each array needs one letter for each of its axes. Print the shapes, and count the letters."
        ),
    ),
    (
        "einsum_output",
        r"ValueError: einstein sum subscripts string included output subscript '(?P<letter>\w)'",
        later(
            "The letter {letter} stands behind -> in einsum, but in front of it no array has it."
        ),
    ),
    (
        "tensordot",
        r"ValueError: shape-mismatch for sum",
        later(
            "tensordot sums over pairs of axes, and the two axes of a pair have different lengths here. Print "
            "both shapes, and look at which axes are paired."
        ),
    ),
    (
        "negative_length",
        r"ValueError: negative dimensions are not allowed",
        later(
            "A length of the array that is to be made is negative. Print the shape that you ask for."
        ),
    ),
    (
        "zero_division",
        r"ZeroDivisionError: .*(?:division|modulo)",
        later("What stands to the right of /, // or % is 0 here. Print it."),
    ),
    (
        "transpose_axes",
        r"ValueError: axes don't match array",
        later(
            "transpose takes each axis of the array once. Print its shape: has it as many axes as you name? "
            "x.swapaxes(-1, -2) swaps the last two axes, whatever comes before them."
        ),
    ),
    (
        "joined_lengths",
        r"ValueError: all the input array dimensions except for the concatenation axis must match exactly, but "
        r"along dimension (?P<axis>\d+), .* has size (?P<first>\d+) and .* has size (?P<second>\d+)",
        later(
            "Arrays that are joined along one axis must agree in all others; in axis {axis} one has the length "
            "{first} and another {second}."
        ),
    ),
    (
        "stacked_shapes",
        r"ValueError: all input arrays must have the same shape",
        later("Arrays that are stacked must have the same shape. Print the shape of each."),
    ),
    (
        "math_domain",
        r"ValueError: (?:math domain error|expected a (?:positive|nonnegative) input)",
        later(
            "This function of `math` is not defined for the number it gets: there is no logarithm of 0, and no "
            "root of a negative number. Print it."
        ),
    ),
    (
        "dictionary_key",
        r"KeyError: (?P<name>'\w+'|\d+)$",
        later("The dictionary has no entry {name} at this line. Print its keys."),
    ),
    (
        "called",
        r"TypeError: '(?P<kind>[\w.]+)' object is not callable",
        later(
            "Parentheses call a function, and what stands in front of them is of the type {kind}. An entry is "
            "x[0], a product a * b, a shape x.shape; or does a variable have the name of a function?"
        ),
    ),
    (
        "scalar_entry",
        r"IndexError: invalid index to scalar variable"
        r"|TypeError: '(?:numpy\.)?(?:float|int)\w*' object (?:is not subscriptable|does not support item assignment)",
        later(
            "This is a single number, which has no entries. Print it: is it an array that you expect?"
        ),
    ),
    (
        "tuple_entry",
        r"TypeError: 'tuple' object does not support item assignment",
        later("The entries of a tuple cannot be changed. Make a new tuple, or use a list."),
    ),
    (
        "no_axis",
        r"TypeError: (?:iteration over a 0-d array|len\(\) of unsized object)",
        later(
            "This array is a single number, of shape (), and has no axis. Print its shape where it is made."
        ),
    ),
    (
        "number_length",
        r"TypeError: object of type '(?:numpy\.)?(?:float|int)\w*' has no len",
        later(
            "This is a single number, and has no length. The lengths of an array are in its shape."
        ),
    ),
    (
        "number_attribute",
        r"AttributeError: '(?P<kind>int|float)' object has no attribute '(?P<name>\w+)'",
        later(
            "This is a plain number of Python's, and has no {name}; np.asarray(…) makes an array of it."
        ),
    ),
    (
        "nothing_to_choose",
        r"ValueError: (?:(?:max|min)\(\) .*empty|attempt to get arg(?:max|min) of an empty sequence)",
        later(
            "There is nothing to choose from: what is looked through is empty. Print it, and where it starts and "
            "ends."
        ),
    ),
    (
        "mask_shape",
        r"IndexError: boolean index did not match indexed array along (?:axis|dimension) (?P<axis>\d+); "
        r".*?(?P<length>\d+) but .*?(?P<other>\d+)$",
        later(
            "In axis {axis} the array has {length} entries, and the mask has {other}. Print both shapes."
        ),
    ),
    (
        "mask_values",
        r"ValueError: NumPy boolean array indexing assignment cannot assign (?P<given>\d+) input values "
        r"to the (?P<wanted>\d+) output",
        later(
            "{given} values are put where the mask is True, in {wanted} places. Take the same mask on both sides, "
            "or use np.where."
        ),
    ),
    (
        "window_size",
        r"ValueError: window shape cannot be larger than input array shape",
        later(
            "The window is larger than the array. Print both shapes: is the array the padded one?"
        ),
    ),
    (
        "along_axis",
        r"ValueError: `indices` and `arr` must have the same number of dimensions",
        later(
            "take_along_axis and put_along_axis need indices with as many axes as the array; indices[:, None] has "
            "one more."
        ),
    ),
    (
        "shape_in_pieces",
        r"TypeError: (?:Cannot interpret '(?P<number>\d+)' as a data type"
        r"|(?:zeros|ones|empty)\(\) takes from \d to \d positional arguments but \d+ were given)",
        later("A shape is one argument, a tuple: np.zeros((2, 3)), not np.zeros(2, 3)."),
    ),
    (
        "array_for_integer",
        r"TypeError: only integer scalar arrays can be converted to a scalar index",
        later(
            "An array stands where one integer belongs, such as an axis. np.maximum compares two arrays, and "
            "np.concatenate takes a list of arrays."
        ),
    ),
    (
        "own_assert",
        r"AssertionError",
        later(
            "An `assert` does not hold here. Is what it asks for true of everything that the function may be given? If "
            "so, something is wrong before it: print what it compares."
        ),
    ),
    (
        "out_of_bytes",
        r"OverflowError: Python integer (?P<number>-?\d+) out of bounds for (?P<kind>u?int\d+)",
        later(
            "Numbers of the type {kind} cannot be {number}. An array made like x, as with np.zeros_like(x), has x's "
            "type; np.zeros(x.shape) holds floats."
        ),
    ),
    (
        "boolean_minus",
        r"TypeError: numpy boolean (?:subtract|negative)",
        later(
            "Arrays of True and False cannot be subtracted. Convert one with .astype(float), or use ~ for not."
        ),
    ),
    (
        "function_entry",
        r"TypeError: '(?:function|builtin_function_or_method|method|type)' object is not subscriptable",
        later(
            "Square brackets stand behind a function here; a function is called with parentheses."
        ),
    ),
)
