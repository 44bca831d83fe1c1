//@ code: Call
use hotloop::jit;

#[jit]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + n }
}

fn main() {}
