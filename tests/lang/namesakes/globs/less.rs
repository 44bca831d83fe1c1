#[hotloop::jit]
pub fn less(n: u32) -> u32 {
    n - 1
}
