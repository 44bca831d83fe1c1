//! A trait that is called as one of num-traits is not taken for it.

use hotloop::jit;

trait Float {
    fn sqrt(self) -> Self;
}

impl Float for f64 {
    fn sqrt(self) -> f64 {
        self + 1.0
    }
}

#[jit]
fn f<T: Float>(x: T) -> T {
    x.sqrt()
}

fn main() {
    f(3.0);
}
