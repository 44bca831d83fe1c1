//@ code: Item
use hotloop::jit;

#[jit]
fn double(x: f64) -> f64 {
    trait Double {
        fn double(self) -> f64;
    }
    impl Double for f64 {
        fn double(self) -> f64 {
            2.0 * self
        }
    }
    x + x
}

fn main() {}
