//@ code: Method
use hotloop::jit;

#[jit]
fn median(a: &mut [f64]) -> f64 {
    let order = |x: &f64, y: &f64| x.total_cmp(y);
    a.sort_by(order);
    a[a.len() / 2]
}

fn main() {}
