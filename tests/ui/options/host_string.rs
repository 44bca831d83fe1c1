use hotloop::jit;

fn twice(x: f64) -> f64 {
    2.0 * x
}

#[jit(host("twice"))]
fn double(x: f64) -> f64 {
    twice(x)
}

fn main() {
    let _ = double(1.0);
}
