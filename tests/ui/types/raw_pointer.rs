//@ code: Type
use hotloop::jit;

#[jit]
fn first(a: *const f64) -> bool {
    a.is_null()
}

fn main() {}
