//@ code: Method
use hotloop::jit;

#[jit]
fn add(a: i32, b: i32) -> i32 {
    a.checked_add(b).unwrap()
}

fn main() {}
