//! Arrays that closures make.

use hotloop::jit;

#[jit]
fn multiples(k: f64) -> [f64; 5] {
    std::array::from_fn(|i| i as f64 * k)
}

#[jit]
fn nested(k: f64) -> f64 {
    let t: [[f64; 3]; 3] = std::array::from_fn(|i| std::array::from_fn(|j| (i * 3 + j) as f64 * k));
    t[1][2] + t[2][0]
}

#[jit]
fn turbofish(k: f64) -> f64 {
    let t = core::array::from_fn::<f64, 4, _>(|i| i as f64 * k);
    t.iter().sum()
}

#[jit]
fn mapped(a: [i32; 4]) -> [f64; 4] {
    a.map(|x| f64::from(x) * 0.5)
}

#[jit]
fn mapped_by_paths(a: [f64; 4]) -> f64 {
    a.map(f64::sqrt).map(f64::abs).iter().sum()
}

#[jit]
fn long(k: u32) -> [u32; 20] {
    let t: [u32; 20] = std::array::from_fn(|i| i as u32 * k);
    t.map(|x| x + 1)
}

#[jit]
fn literals() -> u8 {
    let t: [u8; 12] = std::array::from_fn(|_| 200);
    let mut s = 0u8;
    for x in t {
        s = s.wrapping_add(x);
    }
    s
}

#[jit]
fn of_const_length<const N: usize>(k: [f64; N]) -> [f64; N] {
    let t = std::array::from_fn::<f64, N, _>(|i| k[i] * 2.0);
    t.map(|x| x + 1.0)
}

#[jit]
fn with_state(seed: u32) -> [u32; 4] {
    let mut s = seed;
    std::array::from_fn(|_| {
        s = s.wrapping_mul(1664525).wrapping_add(1013904223);
        s
    })
}

#[jit]
fn panicking(a: &[i32]) -> [i32; 3] {
    std::array::from_fn(|i| a[i * 2] + 1)
}

#[jit]
fn folded(a: &[[f64; 3]]) -> [f64; 3] {
    a.iter()
        .fold([0.0; 3], |acc, r| std::array::from_fn(|i| acc[i] + r[i]))
}

#[test]
fn arrays_made_by_closures_agree() {
    agree!(multiples(1.5));
    agree!(nested(1.5));
    agree!(turbofish(1.5));
    agree!(mapped([1, 2, 3, -4]));
    agree!(mapped_by_paths([1.0, 2.0, 3.0, -4.0]));
    agree!(long(7));
    agree!(long(u32::MAX));
    agree!(literals());
    agree!(with_state(3));
    for n in [0, 3, 5] {
        agree!(panicking(&vec![i32::MAX; n]));
        agree!(panicking(&vec![7; n]));
        agree!(folded(&vec![[1.0, 2.0, 4.0]; n]));
    }
    let (short, long) = ([1.0, 2.0, 3.0], [1.5; 11]);
    assert_eq!(of_const_length(short), of_const_length::plain(short));
    assert_eq!(of_const_length(long), of_const_length::plain(long));
    assert!(!of_const_length::specializations().is_empty());
}
