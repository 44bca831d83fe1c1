//@ code: Item
use hotloop::jit;

#[jit]
fn next() -> u32 {
    static mut COUNT: u32 = 0;
    unsafe {
        COUNT += 1;
        COUNT
    }
}

fn main() {}
