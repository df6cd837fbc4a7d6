//! Nothing of its own: compiles once what several test suites depend on.
