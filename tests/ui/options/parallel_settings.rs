use hotloop::jit;

const N: u64 = 4;

#[jit(parallel(thread = 4, threads = 0, chunk = N, min_len, schedule = auto))]
fn double(a: &mut [f64]) {
    for x in a {
        *x *= 2.0;
    }
}

#[jit(parallel(chunk = 1, chunk = 2), parallel)]
fn triple(a: &mut [f64]) {
    for x in a {
        *x *= 3.0;
    }
}

fn main() {
    double(&mut [1.0]);
    triple(&mut [1.0]);
}
