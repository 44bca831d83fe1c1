//@ code: Signature
use hotloop::jit;

struct Scale {
    factor: f64,
}

impl Scale {
    #[jit]
    fn apply(&self, x: &mut [f64]) {
        for i in 0..x.len() {
            x[i] *= self.factor;
        }
    }
}

fn main() {
    Scale { factor: 2.0 }.apply(&mut [1.0]);
}
