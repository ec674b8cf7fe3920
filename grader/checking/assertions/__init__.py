"""What an author asserts: values, gradients, and the words for what differs."""
