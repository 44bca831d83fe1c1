//! The trap table: each way to panic, with message, payload, file, line and column as rustc's body has them.

use hotloop::jit;

use crate::harness::{Panicked, outcome};

macro_rules! traps {
    ($($name:ident($($arg:ident: $ty:ty = $value:expr),*) -> $result:ty $body:block, $checked:ident, $message:literal;)*) => { $(
        #[test]
        fn $name() {
            #[jit]
            fn trap($($arg: $ty),*) -> $result $body

            let jit = outcome(|| trap($($value),*));
            let plain = outcome(|| trap::plain($($value),*));
            assert!(!trap::specializations().is_empty());
            assert_eq!(jit, plain);
            expect!($checked, plain, $message);
        }
    )* };
}

/// `always` panics in every profile, `overflow` only in those that check it.
macro_rules! expect {
    (always, $outcome:expr, $message:literal) => {
        let Err(Panicked {
            message, location, ..
        }) = $outcome
        else {
            panic!("no panic")
        };
        assert_eq!(message, $message);
        assert!(!location.is_empty());
    };
    (overflow, $outcome:expr, $message:literal) => {
        if crate::harness::overflow_checks() {
            expect!(always, $outcome, $message);
        } else {
            assert!($outcome.is_ok());
        }
    };
}

traps! {
    add(a: i32 = i32::MAX, b: i32 = 1) -> i32 { a + b }, overflow, "attempt to add with overflow";
    add_assign(a: u8 = 255, b: u8 = 1) -> u8 { let mut c = a; c += b; c }, overflow, "attempt to add with overflow";
    sub(a: usize = 0, b: usize = 1) -> usize { a - b }, overflow, "attempt to subtract with overflow";
    mul(a: i64 = i64::MAX, b: i64 = 2) -> i64 { 1 ^ a * b }, overflow, "attempt to multiply with overflow";
    mul_wide(a: i128 = i128::MAX, b: i128 = 2) -> i128 { a * b }, overflow, "attempt to multiply with overflow";
    neg(a: i16 = i16::MIN) -> i16 { 5 & -a }, overflow, "attempt to negate with overflow";
    shl(a: u32 = 1, by: u32 = 32) -> u32 { a << by }, overflow, "attempt to shift left with overflow";
    shl_negative(a: u32 = 1, by: i8 = -1) -> u32 { a << by }, overflow, "attempt to shift left with overflow";
    shr(a: i64 = 1, by: usize = 64) -> i64 { a >> by }, overflow, "attempt to shift right with overflow";
    shr_assign(a: u8 = 1, by: u128 = 1 << 100) -> u8 { let mut c = a; c >>= by; c }, overflow, "attempt to shift right with overflow";
    abs(a: i32 = i32::MIN) -> i32 { a.abs() }, overflow, "attempt to negate with overflow";
    abs_by_path(a: i64 = i64::MIN) -> i64 { i64::abs(a) }, overflow, "attempt to negate with overflow";
    pow(a: u8 = 4, n: u32 = 4) -> u8 { a.pow(n) }, overflow, "attempt to multiply with overflow";
    div_zero(a: i32 = 7, b: i32 = 0) -> i32 { a / b }, always, "attempt to divide by zero";
    div_overflow(a: i32 = i32::MIN, b: i32 = -1) -> i32 { a / b }, always, "attempt to divide with overflow";
    div_assign(a: u64 = 7, b: u64 = 0) -> u64 { let mut c = a; c /= b; c }, always, "attempt to divide by zero";
    rem_zero(a: u8 = 7, b: u8 = 0) -> u8 { a % b }, always, "attempt to calculate the remainder with a divisor of zero";
    rem_overflow(a: i8 = -128, b: i8 = -1) -> i8 { a % b }, always, "attempt to calculate the remainder with overflow";
    index(x: &[f64] = &[1.0, 2.0, 3.0], i: usize = 3) -> f64 { 1.0 + x[i] }, always, "index out of bounds: the len is 3 but the index is 3";
    index_of_empty(x: &[u8] = &[], i: usize = 0) -> u8 { x[i] }, always, "index out of bounds: the len is 0 but the index is 0";
    index_store(x: &mut [f32] = &mut [0.0; 2], i: usize = 9) -> f32 { x[i] = 1.0; 0.0 }, always, "index out of bounds: the len is 2 but the index is 9";
    index_compound(x: &mut [i32] = &mut [0; 2], i: usize = 2) -> i32 { x[i] += 1; 0 }, always, "index out of bounds: the len is 2 but the index is 2";
    literal_panic(a: i32 = 1) -> i32 { if a > 0 { panic!("a is positive") } a }, always, "a is positive";
    empty_panic(a: i32 = 1) -> i32 { if a > 0 { panic!() } a }, always, "explicit panic";
    braces_panic(a: i32 = 1) -> i32 { if a > 0 { panic!("{{not}} an argument") } a }, always, "{not} an argument";
    unreachable_panic(a: i32 = 1) -> i32 { if a > 0 { unreachable!() } else { a } }, always, "internal error: entered unreachable code";
    unreachable_message(a: i32 = 1) -> i32 { if a > 0 { unreachable!("never") } else { a } }, always, "internal error: entered unreachable code: never";
    plain_assert(a: i32 = 1, b: i32 = 2) -> i32 { assert!(a > b); a }, always, "assertion failed: a > b";
    odd_assert(x: &[i32] = &[1, 2]) -> i32 { assert!( x.len( )>3&&x[0]==(1+ 2) ); 0 }, always, "assertion failed: x.len() > 3 && x[0] == (1 + 2)";
    assert_message(a: i32 = 1) -> i32 { assert!(a < 0, "must be negative"); a }, always, "must be negative";
    step_by(n: usize = 5, step: usize = 0) -> usize { let mut s = 0; for i in (0..n).step_by(step) { s += i; } s }, always, "assertion failed: step != 0";
    clamp(x: f64 = 1.0, low: f64 = 3.0) -> f64 { x.clamp(low, 2.0) }, always, "min > max, or either was NaN. min = 3.0, max = 2.0";
    clamp_integer(x: i32 = 1, low: i32 = 3) -> i32 { x.clamp(low, 2) }, always, "min > max. min = 3, max = 2";
    rem_euclid(x: i32 = 1, y: i32 = 0) -> i32 { x.rem_euclid(y) }, always, "attempt to calculate the remainder with a divisor of zero";
    div_euclid(x: i32 = i32::MIN, y: i32 = -1) -> i32 { x.div_euclid(y) }, always, "attempt to divide with overflow";
    ilog2(x: u32 = 0) -> u32 { x.ilog2() }, always, "argument of integer logarithm must be positive";
    isqrt(x: i64 = -4) -> i64 { x.isqrt() }, always, "argument of integer square root cannot be negative";
    wrapping_div(x: i32 = 4, y: i32 = 0) -> i32 { x.wrapping_div(y) }, always, "attempt to divide by zero";
    div_ceil(x: u32 = 4, y: u32 = 0) -> u32 { x.div_ceil(y) }, always, "attempt to divide by zero";
    next_power(x: u8 = 200) -> u8 { x.next_power_of_two() }, overflow, "attempt to add with overflow";
    unwrapped(x: f64 = 1e30) -> i32 { num_traits::cast::<f64, i32>(x).unwrap() }, always, "called `Option::unwrap()` on a `None` value";
    expected(x: i64 = 300) -> u8 { num_traits::cast::<i64, u8>(x).expect("a byte") }, always, "a byte";
    tabs_and_lines(a: i32 = i32::MAX) -> i32 {
        let b =
            a
                .wrapping_sub(0)
                / (a
                    - a);
        b
    }, always, "attempt to divide by zero";
}

#[jit]
fn generic_index<T: num_traits::NumAssign + Copy>(x: &mut [T], i: usize, by: T) {
    x[i] += by;
    x[i] /= by;
}

#[test]
fn generic_operators_are_located() {
    let mut x = [100u8, 2, 3];
    let run = |x: &mut [u8], i, by| (outcome(|| generic_index(x, i, by)), x.to_vec());
    let plain = |x: &mut [u8], i, by| (outcome(|| generic_index::plain(x, i, by)), x.to_vec());
    for (i, by) in [(3, 1), (0, 0), (0, 200), (1, 2)] {
        assert_eq!(run(&mut x.clone(), i, by), plain(&mut x.clone(), i, by));
    }
    generic_index(&mut x, 1, 2);
    assert_eq!(x, [100, 2, 3]);
}

#[jit]
fn debug_assertion(x: i32) -> i32 {
    debug_assert!(x > 0, "x is positive");
    if cfg!(debug_assertions) { x } else { -x }
}

#[test]
fn debug_assertions_follow_the_profile() {
    for x in [1, -1] {
        assert_eq!(
            outcome(|| debug_assertion(x)),
            outcome(|| debug_assertion::plain(x))
        );
    }
    assert_eq!(
        outcome(|| debug_assertion(-1)).is_err(),
        cfg!(debug_assertions)
    );
}

/// Stores that come before a panic have happened, in order.
#[jit]
fn fill_until_panic(x: &mut [i32], n: usize) {
    for i in 0..n {
        x[i] = i as i32;
    }
}

#[test]
fn stores_before_a_panic_stay() {
    let mut x = vec![-1; 37];
    assert!(outcome(|| fill_until_panic(&mut x, 100)).is_err());
    assert!(x.iter().enumerate().all(|(i, v)| *v == i as i32));
}

/// The text of a failed assertion is rustc's print of its syntax tree, whatever the spacing of the source.
#[jit]
fn spelled_oddly(a: i64, x: &[f64], flag: bool, which: u32) {
    if which == 0 {
        assert!(a > 4 || flag)
    }
    if which == 1 {
        assert!(x[0] < -1.0)
    }
    if which == 2 {
        assert!(!(a == 3))
    }
    if which == 3 {
        assert!(a as f64 >= x[1] * 2.0 && x.len() != 0usize);
    }
    if which == 4 {
        assert!(a.pow(2) < i64::from(3i32))
    }
    if which == 5 {
        assert!(x[a as usize - 3].max(1.0,).sqrt() > 9e9,)
    }
    if which == 6 {
        assert!((a & 1) ^ 3 << 2 == 0x7f_u8 as i64)
    }
    if which == 7 {
        assert!(flag)
    }
    if which == 8 {
        assert!(std::f64::consts::PI < f64::EPSILON)
    }
    if which == 9 {
        assert!((a, flag).1)
    }
    if which == 10 {
        assert!(-a > -(-a))
    }
    if which == 11 {
        assert!((0.0..=1.0).contains(&x[0]))
    }
    if which == 12 {
        assert!([a, 4][1] < a && (0..a).contains(&7))
    }
}

#[test]
fn assertions_are_printed_as_rustc_prints_them() {
    let x = [1.5, 2.5];
    for which in 0..13 {
        let jit = outcome(|| spelled_oddly(3, &x, false, which));
        assert_eq!(jit, outcome(|| spelled_oddly::plain(3, &x, false, which)));
        assert!(jit.is_err(), "{which}");
    }
    assert!(!spelled_oddly::specializations().is_empty());
}
