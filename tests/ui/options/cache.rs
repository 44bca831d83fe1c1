use hotloop::jit;

#[jit(cache(3))]
fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {
    let _ = double(1.0);
}
