//! `Wrapping` and `Saturating` of std.

use std::num::{Saturating, Wrapping};

use hotloop::jit;

impl crate::harness::Same for Wrapping<i8> {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl crate::harness::Same for Saturating<i16> {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[jit]
fn hash(a: &[u32]) -> u32 {
    let mut h = Wrapping(17u32);
    for x in a {
        h = h * Wrapping(31) + Wrapping(*x);
        h ^= h >> 3;
        h += Wrapping(7u32);
    }
    h.0
}

#[jit]
fn folded(a: &[Wrapping<i8>], k: Wrapping<i8>) -> Wrapping<i8> {
    let mut s = Wrapping(0i8);
    for &x in a {
        s += x;
        if x < k {
            s -= k;
        }
        s = -s | !x & (x << 9);
    }
    s
}

#[jit]
fn saturated(a: &mut [Saturating<i16>], k: i16) -> i16 {
    let k = Saturating(k);
    for x in a.iter_mut() {
        *x = *x * k - Saturating(1i16);
        *x += k;
        if *x == k {
            *x = -*x;
        }
    }
    a[0].0
}

#[jit]
fn random(mut state: Wrapping<u64>, n: usize) -> f64 {
    let mut s = 0.0;
    for _ in 0..n {
        state = state * Wrapping(6364136223846793005u64) + Wrapping(1442695040888963407u64);
        s += (state >> 11).0 as f64 / (1u64 << 53) as f64;
    }
    s
}

#[test]
fn wrappers_agree() {
    agree!(hash(&vec![1, 2, u32::MAX, 7]));
    agree!(hash(&vec![]));
    let a: Vec<Wrapping<i8>> = (i8::MIN..=i8::MAX).step_by(5).map(Wrapping).collect();
    for k in [-128, -1, 0, 5, 127] {
        let start = Wrapping(k);
        assert_eq!(folded(&a, start), folded::plain(&a, start));
        let k = i16::from(k);
        let values = [300, -32768, k].map(Saturating);
        agree!(saturated(&mut values.to_vec(), k * 90));
    }
    let seed = Wrapping(42);
    assert_eq!(random(seed, 9), random::plain(seed, 9));
    assert!(!folded::specializations().is_empty());
    assert!(!random::specializations().is_empty());
}
