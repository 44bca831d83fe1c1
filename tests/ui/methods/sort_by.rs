//@ code: Method
use hotloop::jit;

#[jit]
fn median(a: &mut [f64]) -> f64 {
    a.sort_by(|x, y| x.total_cmp(y));
    a[a.len() / 2]
}

fn main() {}
