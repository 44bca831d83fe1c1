//! Constants: of the module, of other modules and crates, associated ones, statics and tables, and items inside of functions.

use std::f64::consts::{FRAC_PI_2, PI};

use hotloop::jit;

pub const LIMIT: u32 = 41;
static SCALE: f64 = 2.5;
const TABLE: [f64; 5] = [1.0, -2.0, 3.5, 0.25, 9.0];
static WEIGHTS: [[i32; 3]; 2] = [[1, 2, 3], [40, 50, 60]];
const COEFFICIENTS: &[f64] = &[0.5, -0.25, 0.125, 2.0];
const FLAG: bool = true;
const MASK: u8 = 0b1010_0101;

pub mod inner {
    pub const DEEP: u32 = 77;
    pub static NAMES: [u8; 4] = *b"abcd";
    pub struct Grid;
    impl Grid {
        pub const WIDTH: usize = 3;
        pub const STEP: f32 = 0.125;
    }
}

use inner::Grid;

#[jit]
fn scalars(x: f64, n: u32) -> f64 {
    if FLAG && n > LIMIT {
        x * SCALE + PI
    } else {
        x / FRAC_PI_2 + f64::from(inner::DEEP) + f64::from(MASK)
    }
}

#[jit]
fn associated(a: &[f32]) -> f32 {
    let mut sum = 0.0;
    for i in 0..a.len() / Grid::WIDTH {
        sum += a[i * inner::Grid::WIDTH] * Grid::STEP;
    }
    sum
}

#[jit]
fn tables(i: usize, j: usize) -> f64 {
    TABLE[i] * f64::from(WEIGHTS[j][i]) + f64::from(inner::NAMES[j]) + TABLE.len() as f64
}

#[jit]
fn horner(x: f64) -> f64 {
    let mut value = 0.0;
    for i in 0..COEFFICIENTS.len() {
        value = value * x + COEFFICIENTS[i];
    }
    value
}

#[jit]
fn items_in_the_body(x: i32) -> i32 {
    const BASE: i32 = 10;
    const SQUARE: i32 = BASE * BASE;
    static OFFSET: i32 = 3;
    let y = {
        const BASE: i32 = 7;
        BASE + 5
    };
    x.wrapping_mul(SQUARE) + OFFSET + y + const { 3 * 4 }
}

#[test]
fn constants_agree() {
    for (x, n) in [(1.5, 3), (-2.0, 41), (0.0, 42), (f64::NAN, 99)] {
        agree!(scalars(x, n));
    }
    agree!(associated(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]));
    agree!(associated(&[]));
    for x in [0.0, 1.0, -3.25, 1e300] {
        agree!(horner(x));
    }
}

#[test]
fn tables_agree() {
    for i in 0..6 {
        for j in 0..3 {
            agree!(tables(i, j));
        }
    }
}

#[test]
fn items_agree() {
    for x in [0, 1, -7, 1 << 28] {
        agree!(items_in_the_body(x));
    }
}

/// A slice of constants is an array behind a pointer, which is iterated over through it.
#[jit]
fn lanczos(x: f64) -> f64 {
    let tail = COEFFICIENTS
        .iter()
        .enumerate()
        .skip(1)
        .fold(COEFFICIENTS[0], |s, t| s + t.1 / (x + t.0 as f64));
    let pairs: f64 = COEFFICIENTS.windows(2).map(|w| w[0] * w[1]).sum();
    tail + pairs * x
}

#[jit]
fn polynomial_of(coefficients: &[f64], x: f64) -> f64 {
    let mut sum = 0.0;
    for &c in coefficients {
        sum = sum * x + c;
    }
    sum
}

/// What is passed by reference becomes a slice at the call.
#[jit]
fn polynomial_of_table(x: f64) -> f64 {
    polynomial_of(&TABLE, x) + polynomial_of(COEFFICIENTS, x)
}

#[test]
fn slices_of_constants_are_iterated_over_and_passed_on() {
    for x in [0.5, -3.25, 1e300, f64::NAN] {
        assert_eq!(lanczos(x).to_bits(), lanczos::plain(x).to_bits());
        assert_eq!(
            polynomial_of_table(x).to_bits(),
            polynomial_of_table::plain(x).to_bits()
        );
    }
    assert_eq!(lanczos::specializations().len(), 1);
    assert_eq!(polynomial_of_table::specializations().len(), 1);
}

#[jit]
fn begins_with_bytes(a: &[u8]) -> bool {
    a == b"abc" || a.starts_with(b"xy")
}

#[jit]
fn digits_of_bases(a: &[u8]) -> usize {
    let t = b"ACGT";
    let mut n = 0;
    for b in a {
        for (i, k) in t.iter().enumerate() {
            if b == k {
                n = n * 4 + i;
            }
        }
    }
    n + t.len() + b"\x00\xff"[1] as usize
}

#[test]
fn byte_strings_agree() {
    for text in ["abc", "xyz", "x", "", "GATTACA"] {
        agree!(begins_with_bytes(&text.as_bytes().to_vec()));
        agree!(digits_of_bases(&text.as_bytes().to_vec()));
    }
}
