"""The student's process and the only channel to it.

In the grader: `launch` chooses among `levels` and starts processes, `forked` or `spawned`; a `box` is
one of them. Inside: `worker` forks and confines (`confine`), `calls` loads a submission (`cells`,
`imports`) and answers. On both sides: `frames` and `wire` carry values, `guarantees` says what is
promised and tries to break it. What runs inside imports only the standard library and NumPy.
"""
