//@ code: Expression
use hotloop::jit;

#[jit]
fn sign(x: i32) -> i32 {
    match x {
        0 => 0,
        1.. => 1,
        _ => -1,
    }
}

fn main() {}
