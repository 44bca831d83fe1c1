//@ code: Call
use hotloop::jit;

use std::cmp::max;

#[jit]
fn larger(a: i32, b: i32) -> i32 {
    max(a, b)
}

fn main() {}
