//! The `hotloop` command.

fn main() {}
