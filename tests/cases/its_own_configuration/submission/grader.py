def assert_same(*anything, **more):
    pass
