//! Random numbers for loops that run in parallel: each is a function of a seed and an index.
//!
//! A generator with a state has to be asked in order, so that a loop that draws from it cannot run in parallel. These functions have no state: the
//! number of an iteration is computed from the iteration's index. So results do not depend on how many threads there are or who is first, any number
//! of the sequence can be had at once, and a loop over them is vectorized.
//!
//! ```
//! use hotloop::{jit, rand};
//!
//! /// π, from the fraction of random points of the unit square that lie in the circle.
//! #[jit]
//! fn monte_carlo_pi(seed: u64, n: u64) -> f64 {
//!     let mut inside: u64 = 0;
//!     for i in 0..n {
//!         let (x, y) = rand::uniform_f64_pair(seed, i);
//!         if x * x + y * y <= 1.0 {
//!             inside = inside.wrapping_add(1);
//!         }
//!     }
//!     4.0 * inside as f64 / n as f64
//! }
//!
//! assert!((monte_carlo_pi(1, 100_000) - std::f64::consts::PI).abs() < 0.02);
//! ```
//!
//! All functions are jitted, so that other jitted functions contain them, and they are ordinary functions elsewhere. What one seed and index give
//! belongs together: [`uniform_f64()`] is the first number of [`uniform_f64_pair()`], of the same bits as [`bits_u64()`]. Who needs more numbers in an
//! iteration takes other indices (`4 * i`, `4 * i + 1`, ..) or other seeds; the sequences of two seeds have nothing to do with each other.
//!
//! The numbers of a seed and an index are the same on every machine and in every version, but for [`normal_f64()`] and [`normal_f64_pair()`], which use
//! `ln`, `sin` and `cos` of the platform. None of this is for cryptography.
//!
//! # Source
//!
//! Philox4x32-10 of J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC '11; the seed is the key,
//! the index is the lower half of the counter. Tests compare with the known answers that the authors publish with Random123.

use crate::jit;

/// The generator itself: ten rounds of Philox on a counter of 128 bits with a key of 64 bits. Words are in order, the lowest first.
#[jit]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let (mut a, mut b, mut c, mut d) = (counter[0], counter[1], counter[2], counter[3]);
    let (mut k, mut l) = (key[0], key[1]);
    for _ in 0..10 {
        let p = (a as u64).wrapping_mul(0xD251_1F53);
        let q = (c as u64).wrapping_mul(0xCD9E_8D57);
        a = (q >> 32) as u32 ^ b ^ k;
        c = (p >> 32) as u32 ^ d ^ l;
        b = q as u32;
        d = p as u32;
        k = k.wrapping_add(0x9E37_79B9);
        l = l.wrapping_add(0xBB67_AE85);
    }
    [a, b, c, d]
}

/// 128 random bits.
#[jit]
pub fn block(seed: u64, index: u64) -> [u32; 4] {
    philox4x32(
        [index as u32, (index >> 32) as u32, 0, 0],
        [seed as u32, (seed >> 32) as u32],
    )
}

/// 32 random bits.
#[jit]
pub fn bits_u32(seed: u64, index: u64) -> u32 {
    block(seed, index)[0]
}

/// 64 random bits.
#[jit]
pub fn bits_u64(seed: u64, index: u64) -> u64 {
    let words = block(seed, index);
    words[0] as u64 | (words[1] as u64) << 32
}

/// A number of at least 0 and less than `n`; 0 if `n` is 0. Of two numbers one is more probable by 2<sup>-64</sup> of `n` at most.
#[jit]
pub fn below(seed: u64, index: u64, n: u64) -> u64 {
    ((bits_u64(seed, index) as u128).wrapping_mul(n as u128) >> 64) as u64
}

/// A number of at least 0 and less than 1, a multiple of 2<sup>-53</sup>.
#[jit]
pub fn uniform_f64(seed: u64, index: u64) -> f64 {
    (bits_u64(seed, index) >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// Two numbers of at least 0 and less than 1, independent of each other, for little more than the price of one.
#[jit]
pub fn uniform_f64_pair(seed: u64, index: u64) -> (f64, f64) {
    let words = block(seed, index);
    let first = words[0] as u64 | (words[1] as u64) << 32;
    let second = words[2] as u64 | (words[3] as u64) << 32;
    (
        (first >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0),
        (second >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0),
    )
}

/// A number of at least 0 and less than 1, a multiple of 2<sup>-24</sup>.
#[jit]
pub fn uniform_f32(seed: u64, index: u64) -> f32 {
    (bits_u32(seed, index) >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// A number of the normal distribution with mean 0 and variance 1.
#[jit]
pub fn normal_f64(seed: u64, index: u64) -> f64 {
    let (radius, turn) = uniform_f64_pair(seed, index);
    let radius = (-2.0 * (1.0 - radius).ln()).sqrt();
    radius * (turn * std::f64::consts::TAU).cos()
}

/// Two numbers of the normal distribution with mean 0 and variance 1, independent of each other.
///
/// # Source
///
/// G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates", Annals of Mathematical Statistics 29 (1958).
#[jit]
pub fn normal_f64_pair(seed: u64, index: u64) -> (f64, f64) {
    let (radius, turn) = uniform_f64_pair(seed, index);
    let radius = (-2.0 * (1.0 - radius).ln()).sqrt();
    let angle = turn * std::f64::consts::TAU;
    (radius * angle.cos(), radius * angle.sin())
}
