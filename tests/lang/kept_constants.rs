//! Constants that a reference leads to: what is computed of them panics as it does elsewhere.

use hotloop::jit;

use super::harness::compare;

fn peek(r: &i32) -> i32 {
    std::hint::black_box(*r)
}

trait Limits {
    const GREATEST: i32;
    const SHIFT: u32;
}

impl Limits for f64 {
    const GREATEST: i32 = i32::MAX;
    const SHIFT: u32 = 40;
}

impl Limits for f32 {
    const GREATEST: i32 = 7;
    const SHIFT: u32 = 3;
}

trait Number: Copy {}
impl Number for f64 {}
impl Number for f32 {}

#[jit]
fn added<T: Number + Limits>(_x: T) -> i32 {
    let b = T::GREATEST + 1;
    let r = &b;
    peek(r)
}

#[jit]
fn shifted<T: Number + Limits>(_x: T) -> i32 {
    let b = 1i32 << T::SHIFT;
    peek(&b)
}

#[jit]
fn negated<T: Number + Limits>(_x: T) -> i32 {
    let b = -(T::GREATEST - i32::MAX) - i32::MAX;
    let c = -(b - 1);
    peek(&c)
}

#[jit]
fn unnamed<T: Number + Limits>(_x: T) -> i32 {
    peek(&(T::GREATEST + 1))
}

#[test]
fn overflow_behind_references_agrees() {
    macro_rules! both {
        ($($f:ident)*) => {$(
            compare((), |()| vec![$f(1.0f64)], |()| vec![$f::plain(1.0f64)]);
            compare((), |()| vec![$f(1.0f32)], |()| vec![$f::plain(1.0f32)]);
        )*};
    }
    both!(added shifted negated unnamed);
    assert!(!added::specializations().is_empty());
}
