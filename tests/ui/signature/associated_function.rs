use hotloop::jit;

struct Scale;

impl Scale {
    // The macro cannot see that this is in an `impl`.
    #[jit]
    fn apply(factor: f64, x: f64) -> f64 {
        factor * x
    }
}

fn main() {
    Scale::apply(2.0, 1.0);
}
