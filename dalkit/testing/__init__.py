"""Tools for tests: the real stores on demand, and the laws that hold for every contract."""
