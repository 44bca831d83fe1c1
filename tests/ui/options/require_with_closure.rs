use hotloop::jit;

#[jit(require(vectorized))]
fn each(a: &mut [f64], f: impl Fn(f64) -> f64) {
    for x in a {
        *x = f(*x);
    }
}

fn main() {
    each(&mut [1.0], |x| x + 1.0);
}
