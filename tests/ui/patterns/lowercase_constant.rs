//! Constants with names like those of variables, where a pattern compares with them.

#![allow(non_upper_case_globals)]

use hotloop::jit;

mod numbers {
    pub const one: i32 = 1;
    pub const two: i32 = 2;
}
use numbers::*;

#[jit]
fn of_match(x: i32) -> i32 {
    match x {
        one => 10,
        _ => 20,
    }
}

#[jit]
fn of_if_let(x: Option<i32>) -> i32 {
    if let Some(two) = x { 10 } else { 20 }
}

#[jit]
fn of_a_block(x: i32) -> bool {
    use numbers::two as three;
    matches!(x, three)
}

fn main() {}
