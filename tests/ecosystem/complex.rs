//! num-complex's `Complex`: by value, in slices, as a result; its operators and methods to the bit.

use hotloop::{JitFunction, jit};
use num_complex::{Complex, Complex32, Complex64};
use num_traits::Float;
use proptest::prelude::*;

use crate::harness::{Same, any_f32, any_f64, config};

impl<T: Same> Same for Complex<T> {
    fn same(&self, other: &Self) -> bool {
        self.re.same(&other.re) && self.im.same(&other.im)
    }
}

fn any_c64() -> impl Strategy<Value = Complex64> {
    (any_f64(), any_f64()).prop_map(|(re, im)| Complex::new(re, im))
}

fn any_c32() -> impl Strategy<Value = Complex32> {
    (any_f32(), any_f32()).prop_map(|(re, im)| Complex::new(re, im))
}

#[jit]
fn escapes(c: Complex64, limit: u32) -> u32 {
    let mut z = Complex64::new(0.0, 0.0);
    let mut n = 0;
    while n < limit && z.norm_sqr() <= 4.0 {
        z = z * z + c;
        n += 1;
    }
    n
}

#[test]
fn the_mandelbrot_set() {
    for i in 0..20 {
        for j in 0..20 {
            let c = Complex64::new(-2.0 + i as f64 * 0.15, -1.5 + j as f64 * 0.15);
            agree!(escapes(c, 200));
        }
    }
}

#[jit]
fn operators(z: Complex64, w: Complex<f64>, x: f64) -> Complex64 {
    let sum = z + w - x;
    let product = (z * w) * x;
    let quotient = z / w / x;
    let left = (x + z) - (x - w) * (x * z) + x / w;
    -(sum + product) * quotient - left
}

#[jit]
fn remainders(z: Complex32, w: Complex32, x: f32) -> Complex32 {
    z % w + z % x + x % w
}

#[jit]
fn assigned(z: Complex64, w: Complex64, x: f64) -> Complex64 {
    let mut a = z;
    a += w;
    a *= w;
    a -= z;
    a /= w;
    a %= z;
    a += x;
    a -= 1.0;
    a *= x;
    a /= x;
    a
}

#[jit]
fn literals(z: Complex32) -> Complex32 {
    2.0 * z + 1.0 - z / 3.0
}

#[jit]
fn parts(z: Complex64) -> (f64, f64) {
    let mut w = z;
    w.re = z.im;
    w.im += 1.0;
    (w.re, w.im + w.norm())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn operators_agree(z in any_c64(), w in any_c64(), x in any_f64()) {
        agree!(operators(z, w, x));
        agree!(assigned(z, w, x));
        agree!(parts(z));
    }

    #[test]
    fn operators_of_single_precision_agree(z in any_c32(), w in any_c32(), x in any_f32()) {
        agree!(remainders(z, w, x));
        agree!(literals(z));
    }
}

#[jit]
fn roots(z: Complex64) -> Complex64 {
    z.sqrt() + z.exp() * z.ln()
}

#[jit]
fn trigonometry(z: Complex64) -> Complex64 {
    z.sin() * z.cos() + z.tan() / z.sinh() - z.cosh() * z.tanh()
}

#[jit]
fn powers(z: Complex64, w: Complex64, x: f64, n: i32) -> Complex64 {
    z.powi(n) + z.powu(n.unsigned_abs() % 9) - z.powf(x) * z.powc(w) + z.log(x) - z.expf(x)
}

#[jit]
fn inverses(z: Complex64, w: Complex64, x: f64) -> Complex64 {
    z.inv() + z.conj() * z.finv() - z.fdiv(w) + z.scale(x).unscale(z.l1_norm())
}

#[jit]
fn polar(z: Complex64, r: f64) -> Complex64 {
    let (norm, arg) = z.to_polar();
    Complex64::from_polar(norm * r, arg) + Complex64::cis(r)
}

#[jit]
fn classes(z: Complex64) -> (bool, bool, bool, bool) {
    (z.is_nan(), z.is_infinite(), z.is_finite(), z.is_normal())
}

#[jit]
fn norms(z: Complex32) -> f32 {
    z.norm() + z.norm_sqr() * z.arg()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn methods_agree(z in any_c64(), w in any_c64(), x in any_f64(), n in -20..20i32) {
        agree!(roots(z));
        agree!(trigonometry(z));
        agree!(powers(z, w, x, n));
        agree!(inverses(z, w, x));
        agree!(polar(z, x));
        agree!(classes(z));
    }

    #[test]
    fn methods_of_single_precision_agree(z in any_c32()) {
        agree!(norms(z));
    }
}

#[jit]
fn rotate(a: &mut [Complex64], w: Complex64) {
    for i in 0..a.len() {
        a[i] = a[i] * w;
        a[i] += Complex64::new(i as f64, a[i].im);
    }
}

#[jit]
fn inner(a: &[Complex64], b: &[Complex64]) -> Complex64 {
    let mut sum = Complex64::new(0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        sum += x.conj() * y;
    }
    sum
}

#[jit]
fn scaled<T: Float>(a: &mut [Complex<T>], x: T) {
    for z in a.iter_mut() {
        *z = *z * x + z.conj();
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn slices_agree(a in prop::collection::vec(any_c64(), 0..20), w in any_c64()) {
        agree!(rotate(&mut a, w));
        let b: Vec<_> = a.iter().rev().copied().collect();
        agree!(inner(&a, &b));
        agree!(scaled::<f64>(&mut a, w.re));
    }

    #[test]
    fn slices_of_single_precision_agree(a in prop::collection::vec(any_c32(), 0..20), x in any_f32()) {
        agree!(scaled::<f32>(&mut a, x));
    }
}

#[jit]
fn bare(x: f64, y: f64) -> Complex<f64> {
    let z = Complex::new(x, y);
    let w = Complex::<f64> { re: y, im: 1.5 };
    z * w + Complex::new(0.0, 0.5)
}

#[jit]
fn units(z: Complex64) -> Complex64 {
    z * Complex64::I + Complex64::i() * Complex64::ONE - Complex64::ZERO
}

#[jit]
fn compared(z: Complex64, w: Complex64) -> (bool, bool) {
    (z == w, z != w)
}

#[jit]
fn generic<T: Float>(z: Complex<T>, x: T) -> Complex<T> {
    let mut table = [z; 3];
    table[1] = z * z;
    table[2] = table[1].sqrt() * x;
    table[0] + table[1] - table[2]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn other_spellings_agree(z in any_c64(), w in any_c64(), u in any_c32()) {
        agree!(bare(z.re, z.im));
        agree!(units(z));
        agree!(compared(z, w));
        agree!(compared(z, z));
        agree!(generic::<f64>(z, w.re));
        agree!(generic::<f32>(u, u.im));
    }
}

#[jit]
fn inverse_functions(z: Complex64) -> [Complex64; 6] {
    [
        z.asin(),
        z.acos(),
        z.atan(),
        z.asinh(),
        z.acosh(),
        z.atanh(),
    ]
}

#[jit]
fn more_functions(z: Complex32) -> [Complex32; 5] {
    [z.cbrt(), z.exp2(), z.log2(), z.log10(), z.sqrt()]
}

#[jit]
fn generic_functions<T: Float>(z: Complex<T>) -> Complex<T> {
    z.cbrt() + z.asin() - z.atanh() * z.acos()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn inverse_functions_agree(z in any_c64(), u in any_c32()) {
        agree!(inverse_functions(z));
        agree!(more_functions(u));
        agree!(generic_functions::<f64>(z));
        agree!(generic_functions::<f32>(u));
    }
}

#[test]
fn branch_cuts_agree() {
    for re in [0.0, -0.0, 1.0, -1.0, 2.5, f64::INFINITY, f64::NAN] {
        for im in [0.0, -0.0, 1.0, -1.0, -8.0, f64::NEG_INFINITY] {
            let z = Complex64::new(re, im);
            agree!(inverse_functions(z));
            agree!(roots(z));
            agree!(generic_functions::<f64>(z));
            let z = Complex32::new(re as f32, im as f32);
            agree!(more_functions(z));
        }
    }
}

#[jit]
fn totals(a: &[Complex64], b: &[Complex64]) -> (Complex64, Complex64, Complex64, Complex64) {
    let sum: Complex64 = a.iter().sum();
    let product = b.iter().product::<Complex64>();
    let dot: Complex64 = a.iter().zip(b).map(|(x, y)| x.conj() * y).sum();
    let folded = a.iter().fold(Complex64::ZERO, |acc, z| acc + *z * 2.0);
    (sum, product, dot, folded)
}

#[jit]
fn references(a: &[Complex64], x: f64) -> Complex64 {
    let mut acc = Complex64::from(x);
    for z in a {
        acc = &acc * z + x * z - z / &x;
        acc += z;
        acc *= &x;
        acc -= x;
    }
    acc
}

/// One stage of a transform after the other, in place; the length is a power of two.
#[jit]
fn fft(a: &mut [Complex64]) {
    let n = a.len();
    let mut j = 0;
    for i in 1..n {
        let mut bit = n >> 1;
        while j & bit != 0 {
            j ^= bit;
            bit >>= 1;
        }
        j |= bit;
        if i < j {
            a.swap(i, j);
        }
    }
    let mut len = 2;
    while len <= n {
        let step = Complex64::from_polar(1.0, -2.0 * std::f64::consts::PI / len as f64);
        for block in a.chunks_exact_mut(len) {
            let (low, high) = block.split_at_mut(len / 2);
            let mut w = Complex64::new(1.0, 0.0);
            for (x, y) in low.iter_mut().zip(high) {
                let t = *y * w;
                *y = *x - t;
                *x += t;
                w *= step;
            }
        }
        len *= 2;
    }
}

#[jit]
fn dft(input: &[Complex64], output: &mut [Complex64]) {
    let n = input.len();
    for (k, out) in output.iter_mut().enumerate() {
        *out = input
            .iter()
            .enumerate()
            .map(|(j, x)| {
                x * Complex64::cis(-2.0 * std::f64::consts::PI * (j * k) as f64 / n as f64)
            })
            .sum();
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sums_and_transforms_agree(a in prop::collection::vec(any_c64(), 0..20), x in any_f64()) {
        let b: Vec<_> = a.iter().rev().copied().collect();
        agree!(totals(&a, &b));
        agree!(references(&a, x));
        let mut padded = a.clone();
        padded.resize(a.len().next_power_of_two(), Complex64::new(0.5, -1.0));
        agree!(fft(&mut padded));
        let mut out = b;
        agree!(dft(&a, &mut out));
    }
}

#[jit]
fn single_fft(a: &mut [Complex<f32>]) {
    let mut len = 2;
    while len <= a.len() {
        let angle = -2.0 * std::f32::consts::PI / len as f32;
        let step = Complex::new(angle.cos(), angle.sin());
        for block in a.chunks_exact_mut(len) {
            let mut w = Complex::new(1.0, 0.0);
            let (low, high) = block.split_at_mut(len / 2);
            for (x, y) in low.iter_mut().zip(high) {
                let t = w * *y;
                *y = *x - t;
                *x = *x + t;
                w = w * step;
            }
        }
        len *= 2;
    }
}

/// Literals beside numbers of half the precision: `Complex::new(0.1, 0.7)` is no `Complex<f64>` here.
#[jit]
fn single_literals(a: &[Complex<f32>], k: &[f32]) -> [Complex<f32>; 6] {
    let w = Complex::new(0.1, 0.7);
    let mut product = Complex::new(1.0, 0.1);
    for z in a {
        product *= z;
    }
    [
        a[0].conj() / Complex::new(0.1, 0.7),
        Complex::new(0.1, 0.7) * a[1],
        w * a[0] + a[1] / Complex::new(0.3, 0.1),
        product,
        a.iter().zip(k).map(|(z, &k)| z * k).sum::<Complex<f32>>() * Complex::new(0.1, 1.0)
            + Complex::i() * 0.1,
        a.iter().fold(Complex::new(0.1, 0.0), |sum, z| sum + z),
    ]
}

#[jit]
fn single_stores(a: &mut [Complex<f32>]) {
    a[0] += Complex::new(0.1, 0.7);
    a[1] *= Complex::new(0.1, 0.7) + a[0];
    let unit = Complex::from_polar(1.0, 0.1);
    a[1] = a[1] * unit;
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn literals_have_their_neighbours_precision(
        a in prop::collection::vec(any_c32(), 2..20),
        k in prop::collection::vec(any_f32(), 20),
    ) {
        agree!(single_literals(&a, &k));
        let mut stored = a.clone();
        agree!(single_stores(&mut stored));
        let mut padded = a;
        padded.resize(padded.len().next_power_of_two(), Complex::new(0.5, -1.0));
        agree!(single_fft(&mut padded));
    }
}
