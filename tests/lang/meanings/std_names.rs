//! Names that std or num-traits have as well. Where rustc does not refuse the function (`tests/ui/names`), it is rustc's meaning that counts.

use super::*;

mod constants {
    use super::*;

    trait Limits {
        const MAX: f64;
        const DIGITS: u32;
    }
    impl Limits for f64 {
        const MAX: f64 = 1.0;
        const DIGITS: u32 = 3;
    }
    impl Limits for i32 {
        const MAX: f64 = 2.0;
        const DIGITS: u32 = 5;
    }

    #[jit]
    fn by_trait(x: f64) -> f64 {
        <f64 as Limits>::MAX + <i32 as Limits>::MAX * 10.0 + f64::from(<i32 as Limits>::DIGITS) * x
    }

    #[jit]
    fn first_of_the_type(x: f64) -> f64 {
        f64::MAX + f64::from(f64::DIGITS) * f64::from(i32::DIGITS) * x
    }

    #[test]
    fn of_a_trait_are_the_traits() {
        same! {
            by_trait(2.0);
            first_of_the_type(2.0);
        }
    }
}

mod num_traits_names {
    use super::*;

    trait Number {
        fn is_zero(&self) -> bool;
        fn to_f64(&self) -> Option<f64>;
        fn to_usize(&self) -> Option<usize>;
    }
    impl Number for f64 {
        fn is_zero(&self) -> bool {
            true
        }
        fn to_f64(&self) -> Option<f64> {
            None
        }
        fn to_usize(&self) -> Option<usize> {
            Some(3)
        }
    }

    #[jit]
    fn is_zero(x: f64) -> bool {
        x.is_zero()
    }

    #[jit]
    fn to_f64(x: f64) -> f64 {
        x.to_f64().unwrap_or(1.5)
    }

    #[jit]
    fn to_usize(x: f64) -> usize {
        x.to_usize().unwrap()
    }

    #[test]
    fn of_a_trait_of_the_user_are_left_to_rustc() {
        declined! {
            is_zero(4.0): "`is_zero` is not std's";
            to_f64(4.0): "`to_f64` is not std's";
            to_usize(4.0): "`to_usize` is not std's";
        }
    }
}

mod of_num_traits {
    use super::*;
    use num_traits::{AsPrimitive, Float, NumCast, One, ToPrimitive, Zero};

    #[jit]
    fn methods(x: f64) -> f64 {
        let n: i32 = x.as_();
        let back: f64 = n.as_();
        match x.is_zero() || x.is_one() {
            true => back,
            false => x.to_f64().unwrap_or(0.0) + n.to_usize().unwrap_or(7) as f64,
        }
    }

    #[jit]
    fn functions(x: f64) -> f64 {
        f64::zero() + <f64 as One>::one() + Float::max(x, f64::infinity()) + Float::sqrt(x)
    }

    #[jit]
    fn casts(x: f64) -> i32 {
        <i32 as NumCast>::from(x).unwrap_or(-1)
    }

    #[test]
    fn are_known() {
        same! {
            methods(2.0);
            methods(1.0);
            methods(-2.0);
            functions(2.0);
            casts(2.5);
            casts(1e30);
        }
    }
}

mod of_std {
    use super::*;
    use std::f64;
    use std::{cmp, iter, mem};

    type Result<T> = std::result::Result<T, u8>;

    #[jit]
    fn modules(mut x: f64, mut y: f64) -> f64 {
        mem::swap(&mut x, &mut y);
        x * f64::consts::PI + mem::replace(&mut y, f64::MAX) + f64::from(cmp::max(1, 2))
    }

    #[jit]
    fn iterators(n: i32) -> i32 {
        iter::repeat_n(n, 3).chain(iter::once(5)).sum()
    }

    #[jit]
    fn results(x: f64) -> f64 {
        let result: Result<f64> = if x > 0.0 { Ok(x) } else { Err(1) };
        match result {
            Ok(value) => value,
            Err(code) => f64::from(code),
        }
    }

    #[jit]
    fn imported_here(x: f64) -> f64 {
        use std::f64::consts::E as PI;
        use std::{assert as check, matches as fits};
        check!(x < 10.0);
        if fits!(x, 1.0..3.0) { PI * x } else { x }
    }

    #[test]
    fn are_known() {
        same! {
            modules(1.0, 2.0);
            iterators(4);
            results(2.0);
            results(-2.0);
        }
        assert_eq!(imported_here(2.0), imported_here::plain(2.0));
    }
}

mod macros_of_others {
    use super::*;

    mod tests {
        macro_rules! check {
            ($cond:expr) => {
                if !$cond { 1.0 } else { 2.0 }
            };
        }
        pub(crate) use check as assert;
    }

    #[jit]
    fn by_path(x: f64) -> f64 {
        x + tests::assert!(x > 3.0)
    }

    #[test]
    fn are_expanded_by_rustc() {
        same! {
            by_path(2.0);
            by_path(4.0);
        }
    }
}

mod bindings {
    use super::*;

    const LIMIT: i32 = 3;

    #[jit]
    fn matched(x: Option<i32>) -> i32 {
        match x {
            Some(LIMIT) => 1,
            Some(limit) if limit > 5 => limit,
            Some(other) => -other,
            None => 0,
        }
    }

    #[test]
    fn are_variables() {
        same! {
            matched(Some(3));
            matched(Some(4));
            matched(Some(9));
            matched(None);
        }
    }
}
