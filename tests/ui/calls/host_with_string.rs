//@ code: Literal
use hotloop::jit;

fn report(name: &str, x: f64) {
    println!("{name}: {x}");
}

#[jit(host(report))]
fn double(x: f64) -> f64 {
    report("x", x);
    2.0 * x
}

fn main() {}
