//! The kernels of `benches/kernels` once more, as a user of iterators and closures writes them: `zip`, `windows`, `chunks_exact`,
//! `fold`, sub-slices. Sums of floats begin with rustc's own zero, so empty inputs are compared, too.

mod elementwise;
mod matrices;
mod pairs;
mod reductions;
mod searches;
mod stencils;

use crate::polybench::{integers, values};

fn single(len: usize, seed: u64) -> Vec<f32> {
    values(len, seed).iter().map(|&x| x as f32).collect()
}

fn bytes(len: usize, seed: u64, end: i32) -> Vec<u8> {
    integers(len, seed, end).iter().map(|&x| x as u8).collect()
}

/// Numbers between 0 and 1.
fn shares(len: usize, seed: u64) -> Vec<f64> {
    values(len, seed).iter().map(|x| x.abs()).collect()
}
