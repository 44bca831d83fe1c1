use hotloop::jit;

#[jit(fastmaths)]
fn double(x: &str) -> f64 {
    2.0 * x.len() as f64
}

fn main() {
    double("ab");
}
