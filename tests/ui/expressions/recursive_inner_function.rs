//@ code: Expression
use hotloop::jit;

#[jit]
fn factorial(n: u64) -> u64 {
    fn times(n: u64) -> u64 {
        if n == 0 { 1 } else { n * times(n - 1) }
    }
    times(n)
}

fn main() {}
