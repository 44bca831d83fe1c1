//! Just-in-time compilation for numeric loops.
