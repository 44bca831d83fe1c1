//! The expansion is clean in a crate that denies everything, forbids `unsafe`, and shadows what a macro could lean on.
//! A test without harness, so that it is a crate like the user's: `cargo test` builds and runs it, `cargo clippy --all-targets`
//! lints it.
#![deny(
    warnings,
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::undocumented_unsafe_blocks,
    non_camel_case_types,
    rust_2018_idioms,
    single_use_lifetimes,
    trivial_casts,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]
#![forbid(unsafe_code)]

/// Functions of every shape.
pub mod functions {
    use hotloop::jit;
    use num_traits::Float;

    /// `y = a x + y`.
    #[jit]
    pub fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
        for i in 0..y.len() {
            y[i] += a * x[i];
        }
    }

    /// The sum of the products.
    #[jit]
    #[must_use]
    pub fn dot<'a, T: Float>(a: &'a [T], b: &'a [T]) -> T {
        let mut sum = T::zero();
        for i in 0..a.len() {
            sum = sum + a[i] * b[i];
        }
        sum
    }

    /// Two numbers and whether they are in order.
    ///
    /// # Panics
    ///
    /// If the second is 7.
    #[allow(clippy::used_underscore_binding)]
    #[jit]
    #[inline]
    #[must_use]
    pub(crate) fn order(mut a: u8, _b: u8, flag: bool) -> (u8, (u8, bool)) {
        assert!(_b != 7);
        a /= 2;
        (a, (_b, flag))
    }

    #[jit]
    #[allow(clippy::too_many_arguments)]
    #[expect(clippy::many_single_char_names)]
    fn many(a: i8, b: i16, c: i32, d: i64, e: i128, f: isize, g: f32, h: u128) -> i8 {
        let _ = (b, c, d, e, f, g, h);
        a
    }

    /// Calls the private one.
    #[must_use]
    pub fn call_many() -> i8 {
        many(1, 2, 3, 4, 5, 6, 7.0, 8)
    }

    #[allow(dead_code)]
    #[jit]
    fn unused(a: u8) -> u8 {
        a
    }
}

/// Nothing that the expansion names is found through the user's scope.
mod shadows {
    #![deny(unreachable_pub)]
    #![no_implicit_prelude]
    #![allow(dead_code, non_camel_case_types)]

    struct Result;
    struct Option;
    struct Some;
    struct None;
    struct String;
    struct Vec;
    struct usize_;
    mod core {}
    mod std {}
    mod hotloop {}

    #[::hotloop::jit]
    pub(crate) fn shadowed(data: &[f64], n: usize) -> bool {
        data.len() == n
    }

    pub(crate) fn entry() -> bool {
        fn local() -> bool {
            #[::hotloop::jit]
            fn inner(a: u32) -> u32 {
                a
            }
            inner(3) == 3
        }
        local() && shadowed(&[1.0], 1)
    }
}

/// Functions that a `macro_rules` macro writes.
mod from_macros {
    use hotloop::jit;

    macro_rules! sums {
        ($($name:ident: $ty:ty, $param:ident;)*) => {
            $(
                #[jit]
                pub(crate) fn $name($param: &[$ty], scale: $ty) -> $ty {
                    let mut sum = scale;
                    for i in 0..$param.len() {
                        sum += $param[i];
                    }
                    sum
                }
            )*
        };
    }
    sums! {
        sum_f64: f64, data;
        sum_i32: i32, scale_of;
    }
}

/// Every operation that can panic, so that every replay is seen by the lints.
mod operations {
    use hotloop::jit;
    use num_traits::{Float, NumCast};

    #[jit]
    #[allow(clippy::many_single_char_names)]
    pub(crate) fn integers(mut a: i32, b: i32, data: &mut [u8]) -> u32 {
        assert!(b != 99);
        assert!(b != 98, "not 98");
        debug_assert!(b != 97);
        let n = data.len();
        for i in (0..n).step_by(n.max(1)) {
            data[i] = data[i].pow(2) + 1;
            data[i] <<= 1;
        }
        a += b;
        a -= b;
        a *= 3;
        a /= b;
        a %= 7;
        a = -a;
        let c = (a.abs() + b - a) * 2 / b % 5;
        let d = (c << 2) >> 1;
        if d == 12345 {
            panic!("twelve thousand");
        } else if d == 12346 {
            unreachable!();
        }
        d.rem_euclid(7).unsigned_abs()
    }

    #[jit]
    #[expect(clippy::needless_range_loop)]
    #[must_use]
    pub(crate) fn floats<T: Float + NumCast>(data: &[T], n: usize) -> T {
        let mut sum = T::zero();
        for i in 0..n {
            sum = sum + data[i].sqrt() / T::from(i + 1).unwrap();
        }
        sum
    }
}

fn main() {
    use functions::{axpy, call_many, dot, order};

    let mut y = [1.0, 2.0];
    axpy(2.0, &[3.0, 4.0], &mut y);
    assert_eq!(y.map(f64::to_bits), [7.0, 10.0].map(f64::to_bits));
    assert_eq!(
        dot(&[1.0_f64, 2.0], &[3.0, 4.0]).to_bits(),
        11.0_f64.to_bits()
    );
    assert_eq!(order(3, 2, true), (1, (2, true)));
    assert_eq!(call_many(), 1);
    assert!(shadows::entry());
    assert_eq!(from_macros::sum_i32(&[1, 2], 3), 6);
    assert_eq!(
        from_macros::sum_f64(&[1.0], 3.0).to_bits(),
        4.0_f64.to_bits()
    );
    axpy::plain(2.0, &[3.0, 4.0], &mut y);
    let (args, plain) = ((20, 3), operations::integers::plain);
    assert_eq!(
        operations::integers(args.0, args.1, &mut [1, 2]),
        plain(args.0, args.1, &mut [1, 2])
    );
    assert_eq!(
        operations::floats(&[4.0_f64, 16.0], 2).to_bits(),
        4.0_f64.to_bits()
    );
    let _ir: String = dot::ir();
    let _ = dot::compile::<f32>();
    assert!(order::specializations().len() <= 1);
}
