//@ code: Type
use std::collections::HashMap;

use hotloop::jit;

#[jit]
fn count(m: &HashMap<u32, f64>) -> usize {
    m.len()
}

fn main() {}
