//! `hotloop::rand`: known answers, moments, and the same numbers compiled, not compiled and in any order.

use hotloop::{jit, rand};

/// The known answers for `philox4x32 10` that the authors publish with Random123 (`tests/kat_vectors`): counter, key, result.
const KNOWN: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
    (
        [0; 4],
        [0; 2],
        [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
    ),
    (
        [0xffff_ffff; 4],
        [0xffff_ffff; 2],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
    ),
    (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    ),
];

#[test]
fn philox_gives_the_known_answers() {
    for (counter, key, expected) in KNOWN {
        assert_eq!(rand::philox4x32(counter, key), expected);
        assert_eq!(rand::philox4x32::plain(counter, key), expected);
    }
    assert!(!rand::philox4x32::specializations().is_empty());
}

#[jit]
fn draw(seed: u64, first: u64, out: &mut [f64], bits: &mut [u64]) {
    for i in 0..out.len() {
        let index = first.wrapping_add(i as u64);
        let (x, y) = rand::uniform_f64_pair(seed, index);
        out[i] =
            x + 2.0 * y - rand::uniform_f64(seed, index) + rand::uniform_f32(seed, index) as f64;
        bits[i] = rand::bits_u64(seed, index) ^ rand::below(seed, index, 1000);
    }
}

#[jit]
fn normals(seed: u64, out: &mut [f64]) {
    for i in 0..out.len() {
        let (x, y) = rand::normal_f64_pair(seed, i as u64);
        out[i] = if i % 2 == 0 { x } else { y };
    }
}

#[test]
fn the_numbers_are_those_of_rustc() {
    for first in [0, 1, u32::MAX as u64 - 2, u64::MAX - 3] {
        agree!(draw(
            first ^ 0x1234_5678_9abc,
            first,
            &mut vec![0.0; 37],
            &mut vec![0; 37]
        ));
    }
    agree!(normals(3, &mut vec![0.0; 37]));
}

#[test]
fn indices_and_seeds_have_numbers_of_their_own() {
    let low = rand::block(1, 7);
    assert_ne!(low, rand::block(1, 7 + (1 << 32)));
    assert_ne!(low, rand::block(1 + (1 << 32), 7));
    assert_eq!(rand::bits_u64(1, 7) as u32, low[0]);
    assert_eq!((rand::bits_u64(1, 7) >> 32) as u32, low[1]);
    assert_eq!(rand::uniform_f64(1, 7), rand::uniform_f64_pair(1, 7).0);
    assert_eq!(rand::normal_f64(1, 7), rand::normal_f64_pair(1, 7).0);
}

/// The bounds are five standard deviations of the mean wide; the numbers are always the same.
#[test]
fn moments_are_those_of_the_distributions() {
    const N: u64 = 20_000;
    let mean = |of: &dyn Fn(u64) -> f64| (0..N).map(of).sum::<f64>() / N as f64;
    let root = (N as f64).sqrt();
    let deviation = (1.0f64 / 12.0).sqrt();
    let near = |found: f64, expected: f64, deviation: f64| {
        assert!((found - expected).abs() < 5.0 * deviation / root, "{found}");
    };
    near(mean(&|i| rand::uniform_f64(5, i)), 0.5, deviation);
    near(mean(&|i| rand::uniform_f64_pair(5, i).1), 0.5, deviation);
    near(mean(&|i| rand::uniform_f32(5, i) as f64), 0.5, deviation);
    let both = |i| {
        let (x, y) = rand::uniform_f64_pair(5, i);
        (x - 0.5) * (y - 0.5)
    };
    near(mean(&both), 0.0, 1.0 / 12.0);
    near(mean(&|i| rand::normal_f64(6, i)), 0.0, 1.0);
    near(mean(&|i| rand::normal_f64(6, i).powi(2)), 1.0, 2f64.sqrt());
    near(mean(&|i| rand::normal_f64_pair(6, i).1), 0.0, 1.0);
    near(mean(&|i| rand::below(7, i, 10) as f64), 4.5, 2.9);
    assert!((0..N).all(|i| rand::below(7, i, 3) < 3 && rand::uniform_f64(8, i) < 1.0));
    assert_eq!(rand::below(1, 2, 0), 0);
}
