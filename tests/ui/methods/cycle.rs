//@ code: Method
use hotloop::jit;

#[jit]
fn sum(a: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for x in a.iter().cycle().take(n) {
        s += x;
    }
    s
}

fn main() {}
