//@ code: Annotation
use hotloop::jit;

#[jit]
fn wide(x: u8) -> u64 {
    let wide = x.into();
    1
}

fn main() {}
