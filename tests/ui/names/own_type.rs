//! A type of the user's that has the name of one of the language's.

use hotloop::jit;

#[allow(non_camel_case_types)]
type u8 = u16;

#[jit]
fn low_bits(x: u32) -> u32 {
    (x as u8) as u32
}

fn main() {}
