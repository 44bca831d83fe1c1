//@ code: Expression
use hotloop::jit;

#[jit]
fn factorial(n: u64) -> u64 {
    fn times<T: Copy>(n: u64, x: T) -> u64 {
        if n == 0 { 1 } else { n * times(n - 1, x) }
    }
    times(n, 0.5)
}

fn main() {}
