//! Runs a jitted function and rustc's body of it on the same arguments and compares everything that can be seen: results to the
//! bit (a NaN for a NaN), what was stored, and panics with their message, payload type, file, line and column.

use std::cell::RefCell;
use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use proptest::prelude::*;

/// Equality to the bit, except that a NaN equals a NaN.
pub trait Same {
    fn same(&self, other: &Self) -> bool;
}

macro_rules! same_by_eq {
    ($($ty:ty)*) => { $(impl Same for $ty { fn same(&self, other: &Self) -> bool { self == other } })* };
}
same_by_eq!(() bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl Same for f32 {
    fn same(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits() || self.is_nan() && other.is_nan()
    }
}

impl Same for f64 {
    fn same(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits() || self.is_nan() && other.is_nan()
    }
}

impl<T: Same> Same for Option<T> {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(a), Some(b)) => a.same(b),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T: Same, E: Same> Same for Result<T, E> {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Ok(a), Ok(b)) => a.same(b),
            (Err(a), Err(b)) => a.same(b),
            _ => false,
        }
    }
}

impl<T: Same, const N: usize> Same for [T; N] {
    fn same(&self, other: &Self) -> bool {
        self.iter().zip(other).all(|(a, b)| a.same(b))
    }
}

impl<T: Same> Same for Vec<T> {
    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.same(b))
    }
}

macro_rules! same_tuple {
    ($($name:ident $index:tt)*) => {
        impl<$($name: Same),*> Same for ($($name,)*) {
            fn same(&self, other: &Self) -> bool { $(self.$index.same(&other.$index))&&* }
        }
    };
}
same_tuple!(A 0);
same_tuple!(A 0 B 1);
same_tuple!(A 0 B 1 C 2);
same_tuple!(A 0 B 1 C 2 D 3);
same_tuple!(A 0 B 1 C 2 D 3 E 4);
same_tuple!(A 0 B 1 C 2 D 3 E 4 F 5);
same_tuple!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
same_tuple!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
same_tuple!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
same_tuple!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);
same_tuple!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13);

/// What a panic says.
#[derive(Clone, Debug, PartialEq)]
pub struct Panicked {
    pub message: String,
    pub location: String,
    /// Whether the payload is a `&'static str` (and not a `String`).
    pub is_static: bool,
}

thread_local! {
    static LAST: RefCell<Option<Panicked>> = const { RefCell::new(None) };
    static QUIET: RefCell<bool> = const { RefCell::new(false) };
}

fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.with(|quiet| *quiet.borrow()) {
                return before(info);
            }
            let payload = info.payload();
            let text = payload.downcast_ref::<&'static str>();
            let message = match text {
                Some(text) => (*text).to_owned(),
                None => payload
                    .downcast_ref::<String>()
                    .cloned()
                    .unwrap_or_default(),
            };
            let location = info.location().map(ToString::to_string).unwrap_or_default();
            let is_static = text.is_some();
            LAST.with(|last| {
                *last.borrow_mut() = Some(Panicked {
                    message,
                    location,
                    is_static,
                });
            });
        }));
    });
}

/// Runs and returns the result or the panic.
pub fn outcome<R>(run: impl FnOnce() -> R) -> Result<R, Panicked> {
    install_hook();
    QUIET.with(|quiet| *quiet.borrow_mut() = true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    QUIET.with(|quiet| *quiet.borrow_mut() = false);
    result.map_err(|_| {
        LAST.with(|last| last.borrow_mut().take())
            .expect("the hook has seen the panic")
    })
}

/// Runs both on copies of the arguments and compares results, panics and the arguments afterwards.
#[track_caller]
pub fn compare<A: Clone + Debug + Same, R: Debug + Same>(
    args: A,
    jit: impl FnOnce(&mut A) -> R,
    plain: impl FnOnce(&mut A) -> R,
) {
    let (mut after_jit, mut after_plain) = (args.clone(), args.clone());
    let from_jit = outcome(|| jit(&mut after_jit));
    // Also what the function calls is rustc's.
    let from_plain = outcome(|| hotloop::disabled(|| plain(&mut after_plain)));
    let agree = match (&from_jit, &from_plain) {
        (Ok(a), Ok(b)) => a.same(b),
        (Err(a), Err(b)) => a == b,
        _ => false,
    };
    assert!(
        agree,
        "for {args:?}:\n  jit:   {from_jit:?}\n  plain: {from_plain:?}"
    );
    assert!(
        after_jit.same(&after_plain),
        "for {args:?}, stored:\n  jit:   {after_jit:?}\n  plain: {after_plain:?}"
    );
}

/// `agree!(f(a, &x, &mut y))`: a jitted function agrees with rustc's body; `x` and `y` are `Vec`s that are passed as slices. With type
/// arguments: `agree!(f::<f32>(..))`. The function must have been compiled, not fallen back.

macro_rules! agree {
    ($f:ident $(::<$($ty:ty),*>)? ($($args:tt)*)) => {{
        agree!(@take $f [$(::<$($ty),*>)?] () () a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 ; $($args)* ,);
        assert!(!$f::specializations().is_empty(), "{} was not compiled: {:?}", stringify!($f), <$f as hotloop::JitFunction>::declined());
    }};
    // Takes the arguments one by one: what to keep, and how to pass it.
    (@take $f:ident $t:tt ($($keep:tt)*) ($($pass:tt)*) $n:ident $($names:ident)* ; &mut $x:expr , $($rest:tt)*) => {
        agree!(@take $f $t ($($keep)* ($n, $x.clone())) ($($pass)* (&mut $n[..])) $($names)* ; $($rest)*)
    };
    (@take $f:ident $t:tt ($($keep:tt)*) ($($pass:tt)*) $n:ident $($names:ident)* ; & $x:expr , $($rest:tt)*) => {
        agree!(@take $f $t ($($keep)* ($n, $x.clone())) ($($pass)* (&$n[..])) $($names)* ; $($rest)*)
    };
    (@take $f:ident $t:tt ($($keep:tt)*) ($($pass:tt)*) $n:ident $($names:ident)* ; $x:expr , $($rest:tt)*) => {
        agree!(@take $f $t ($($keep)* ($n, $x)) ($($pass)* (*$n)) $($names)* ; $($rest)*)
    };
    (@take $f:ident [$($turbo:tt)*] ($(($keep:ident, $value:expr))*) ($(($($pass:tt)*))*) $($names:ident)* ; $(,)?) => {
        $crate::harness::compare(
            ($($value,)*),
            |($($keep,)*)| $f $($turbo)* ($($($pass)*),*),
            |($($keep,)*)| $f::plain $($turbo)* ($($($pass)*),*),
        )
    };
}

/// Floats, the awkward ones often.
pub fn any_f64() -> impl Strategy<Value = f64> + Clone {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        f64::EPSILON,
        5e-324,
        9.007_199_254_740_993e15,
        -1.5,
        2.5,
        709.8,
        1e300,
    ];
    prop_oneof![
        2 => prop::sample::select(special.to_vec()),
        3 => -100.0..100.0f64,
        1 => any::<u64>().prop_map(f64::from_bits),
    ]
}

/// The same for `f32`.
pub fn any_f32() -> impl Strategy<Value = f32> + Clone {
    prop_oneof![
        2 => any_f64().prop_map(|x| x as f32),
        1 => any::<u32>().prop_map(f32::from_bits),
    ]
}

/// Integers near the ends, near zero, and anywhere: 128 random bits to be cut to size.
pub fn any_bits() -> impl Strategy<Value = i128> + Clone {
    prop_oneof![
        2 => -3..=3i128,
        2 => (prop::sample::select(vec![8u32, 16, 32, 64, 128]), -2..=2i128).prop_map(|(bits, near)| {
            (i128::MAX >> (128 - bits)).wrapping_add(near)
        }),
        2 => (prop::sample::select(vec![8u32, 16, 32, 64, 127]), -2..=2i128).prop_map(|(bits, near)| {
            (1i128 << bits).wrapping_add(near)
        }),
        3 => any::<i128>(),
        2 => -200..200i128,
    ]
}

/// Lengths around the vector widths, and none.
pub fn any_len() -> impl Strategy<Value = usize> + Clone {
    prop_oneof![
        3 => prop::sample::select(vec![0usize, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65]),
        2 => 0..200usize,
    ]
}

pub fn vec_f64() -> impl Strategy<Value = Vec<f64>> {
    any_len().prop_flat_map(|len| prop::collection::vec(any_f64(), len))
}

pub fn vec_f32() -> impl Strategy<Value = Vec<f32>> {
    any_len().prop_flat_map(|len| prop::collection::vec(any_f32(), len))
}

pub fn vec_i64() -> impl Strategy<Value = Vec<i64>> {
    any_len().prop_flat_map(|len| prop::collection::vec(any_bits().prop_map(|x| x as i64), len))
}

/// A quick configuration: the functions are small, the awkward values frequent.
pub fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Whether this crate is compiled with overflow checks.
pub fn overflow_checks() -> bool {
    let (a, b) = std::hint::black_box((255u8, 1u8));
    outcome(|| a + b).is_err()
}

#[test]
fn this_package_checks_overflow_as_its_name_says() {
    let wrapping = env!("CARGO_PKG_NAME") == "hotloop-wrapping-tests";
    assert_eq!(overflow_checks(), !wrapping && cfg!(debug_assertions));
}
