raise ImportError("the wrong numpy")
