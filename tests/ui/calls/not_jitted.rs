use hotloop::jit;

fn unjitted(x: f64) -> f64 {
    2.0 * x
}

#[jit]
fn quadruple(x: f64) -> f64 {
    2.0 * unjitted(x)
}

fn main() {
    quadruple(1.0);
}
