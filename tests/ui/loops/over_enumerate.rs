//@ code: Loop
use hotloop::jit;

#[jit]
fn moment(a: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, &x) in a.iter().enumerate() {
        s += i as f64 * x;
    }
    s
}

fn main() {}
