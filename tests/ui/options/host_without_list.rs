use hotloop::jit;

#[jit(host)]
fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {
    let _ = double(1.0);
}
