use hotloop::jit;

#[jit(fastmaths)]
fn double(x: &f64) -> f64 {
    2.0 * x
}

fn main() {
    double(&1.0);
}
