//@ code: Method
use hotloop::jit;

#[jit]
fn median(a: &mut [i32]) -> i32 {
    a.sort();
    a[a.len() / 2]
}

fn main() {}
