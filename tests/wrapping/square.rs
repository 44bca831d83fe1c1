#[hotloop::jit]
pub fn square(n: u32) -> u32 {
    n * n
}
