use hotloop::jit;

#[jit(require(parallel))]
fn double(a: &mut [f64]) {
    for x in a {
        *x *= 2.0;
    }
}

fn main() {
    double(&mut [1.0]);
}
