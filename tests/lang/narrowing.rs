//! Indices that are cut to several widths in one loop. LLVM's vectorizer forgets to test that one of them does not wrap, and reads behind the end of a
//! slice: what lies there is 0xEE here.

use hotloop::jit;

use super::harness::compare;

#[jit]
fn masked(a: &[u8], b: &[u8], y: &[u8], w: &mut [u8]) {
    assert!(a.len() >= 8);
    for i in 0..a.len() {
        if b[i] == 7 {
            w[(i as u32) as usize] = w[i].wrapping_add(y[i & 7]);
        }
    }
}

#[jit]
fn masked_floats(a: &[f64], b: &[f64], y: &[f64], w: &mut [f64]) {
    assert!(a.len() >= 8);
    for i in 0..a.len() {
        if b[i] > 0.0 {
            w[(i as u32) as usize] = w[i] + y[i & 7];
        }
    }
}

#[jit]
fn stored_before(a: &[u8], b: &[u8], y: &mut [u8], w: &mut [u8]) {
    if a.len() < 8 {
        return;
    }
    for i in 0..a.len() {
        y[(i as u32) as usize] = y[i].wrapping_mul(a[i]);
        if b[i] == 7 {
            w[i] = w[i].wrapping_add(y[i & 7]);
        }
    }
}

#[jit]
fn two_masks(y: &[u8], z: &[u8], w: &mut [u8]) {
    assert!(y.len() >= 8 && z.len() >= 64);
    for i in 0..w.len() {
        w[i] = z[i & 63].wrapping_add(y[i & 7]);
    }
}

#[jit]
fn casts(y: &[u8], z: &[u16], w: &mut [u16]) {
    assert!(y.len() >= 256 && z.len() >= 8);
    for i in 0..w.len() {
        let (near, far) = (i as u8 as usize, i % 8);
        w[(i as u32) as usize] = z[far] + u16::from(y[near]);
    }
}

#[jit]
fn shifted(y: &[u8], w: &mut [u8]) {
    assert!(y.len() >= 8);
    for i in 0..w.len() {
        w[i as u32 as usize] = w[i].wrapping_add(y[(i << 61) >> 61]);
    }
}

#[jit]
fn cut(i: usize, bits: u32) -> usize {
    i & ((1 << bits) - 1)
}

#[jit]
fn in_callees(y: &[u8], z: &[u8], w: &mut [u8]) {
    assert!(y.len() >= 8 && z.len() >= 64);
    for i in 0..w.len() {
        w[(i as u32) as usize] = z[cut(i, 6)].wrapping_sub(y[cut(i, 3)]);
    }
}

/// Slices of these lengths, with other numbers behind them.
fn slices<T: Copy>(lengths: &[usize], inside: impl Fn(usize) -> T, behind: T) -> Vec<Vec<T>> {
    (lengths.iter())
        .map(|&len| (0..len).map(&inside).chain([behind; 300]).collect())
        .collect()
}

#[test]
fn indices_of_several_widths_agree() {
    for n in [8, 31, 64, 200, 300] {
        let bytes = slices(&[n, n, 8, n, 64, 256], |i| i as u8, 0xEE);
        let sevens = vec![7; n];
        let floats = slices(&[n, n, 8], |i| i as f64, f64::NAN);
        let ones = vec![1.0; n];
        let words = slices(&[8, n], |i| i as u16, 0xEEEE);
        let run = |jitted: bool| {
            let mut out = Vec::new();
            let mut w = bytes[0].clone();
            let f = if jitted { masked } else { masked::plain };
            f(&bytes[0][..n], &sevens, &bytes[2][..8], &mut w[..n]);
            out.push(w);
            let mut w = floats[0].clone();
            let f = if jitted {
                masked_floats
            } else {
                masked_floats::plain
            };
            f(&floats[0][..n], &ones, &floats[2][..8], &mut w[..n]);
            out.push(w.iter().flat_map(|x| x.to_bits().to_le_bytes()).collect());
            let (mut y, mut w) = (bytes[3].clone(), bytes[1].clone());
            let f = if jitted {
                stored_before
            } else {
                stored_before::plain
            };
            f(&bytes[0][..n], &sevens, &mut y[..n], &mut w[..n]);
            out.extend([y, w]);
            let mut w = bytes[0].clone();
            let f = if jitted { two_masks } else { two_masks::plain };
            f(&bytes[2][..8], &bytes[4][..64], &mut w[..n]);
            out.push(w);
            let mut w = words[1].clone();
            let f = if jitted { casts } else { casts::plain };
            f(&bytes[5][..256], &words[0][..8], &mut w[..n]);
            out.push(w.iter().flat_map(|x| x.to_le_bytes()).collect());
            let mut w = bytes[0].clone();
            let f = if jitted { shifted } else { shifted::plain };
            f(&bytes[2][..8], &mut w[..n]);
            out.push(w);
            let mut w = bytes[0].clone();
            let f = if jitted {
                in_callees
            } else {
                in_callees::plain
            };
            f(&bytes[2][..8], &bytes[4][..64], &mut w[..n]);
            out.push(w);
            out.concat()
        };
        compare((), |()| run(true), |()| run(false));
    }
    for declined in [
        masked::specializations().is_empty(),
        in_callees::specializations().is_empty(),
    ] {
        assert!(!declined);
    }
}
