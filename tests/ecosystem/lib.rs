//! Nothing: this package exists for its test, `tests/lang` compiled without overflow checks.
