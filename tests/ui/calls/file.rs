//@ code: Call
use hotloop::jit;

#[jit]
fn size(n: u64) -> u64 {
    let _text = std::fs::read("data");
    n
}

fn main() {}
