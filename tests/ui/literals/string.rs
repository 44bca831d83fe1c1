//@ code: Literal
use hotloop::jit;

#[jit]
fn count(n: usize) -> usize {
    let name = "sum";
    name.len() + n
}

fn main() {}
