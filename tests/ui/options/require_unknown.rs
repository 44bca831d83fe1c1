use hotloop::jit;

#[jit(require(vectorised, parallel, no_checks(all)))]
fn double(a: &mut [f64]) {
    for x in a {
        *x *= 2.0;
    }
}

#[jit(require)]
fn halve(x: f64) -> f64 {
    x / 2.0
}

fn main() {
    double(&mut [halve(1.0)]);
}
