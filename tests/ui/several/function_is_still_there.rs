use hotloop::jit;

// The function is there for the rest of the crate in spite of its error, with its types.
#[jit]
pub fn scale(a: Vec<f64>, factor: f64) -> f64 {
    factor * a[0]
}

fn twice(a: Vec<f64>) -> f64 {
    scale(a, 2.0)
}

fn main() {
    let scaled: f64 = twice(vec![1.0]) + scale(vec![1.0], 2.0);
    let _ = scaled;
}
