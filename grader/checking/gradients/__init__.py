"""The numeric method: is a backward pass the gradient of its forward pass?"""
