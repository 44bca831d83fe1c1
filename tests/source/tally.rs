//! Runs generated functions and rustc's bodies of them on the same arguments, and counts what agrees: results to the bit (a NaN for
//! a NaN), what was stored, panics with message, file, line and column.

use std::cell::RefCell;
use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe};

use hotloop::JitFunction;

/// Numbers that look random: splitmix64.
pub struct Numbers {
    state: u64,
    /// Which kind of arguments to make.
    style: u32,
}

/// How many kinds of arguments there are.
pub const STYLES: u32 = 10;

impl Numbers {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn len(&mut self) -> usize {
        let lengths: &[u64] = match self.style {
            0 => &[5],
            1 => &[0],
            2 => &[1],
            3 => &[8, 9, 10],
            4 => &[0, 1, 2],
            5 => &[33, 34],
            _ => &[0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17],
        };
        lengths[self.below(lengths.len() as u64) as usize] as usize
    }

    /// An integer: small ones mostly, in some styles the greatest and least.
    fn integer(&mut self) -> i128 {
        match (self.style, self.below(8)) {
            (0 | 1, _) => i128::from(self.below(6)),
            (7, 0..=2) | (8 | 9, 0) => {
                let bits = [7, 8, 15, 16, 31, 32, 63, 64, 127][self.below(9) as usize];
                let near = i128::from(self.below(3)) - 1;
                (i128::MAX >> (127 - bits)).wrapping_add(near)
            }
            (7, 3) | (8 | 9, 1) => !(i128::MAX >> [120, 112, 96, 64, 0][self.below(5) as usize]),
            (9, 2) => i128::from(self.next()) << 64 | i128::from(self.next()),
            (6.., 3) => -i128::from(self.below(40)),
            _ => i128::from(self.below(20)),
        }
    }

    fn float(&mut self) -> f64 {
        let special = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324,
            9.007_199_254_740_993e15,
            1e300,
            4_294_967_295.0,
        ];
        match (self.style, self.below(6)) {
            (7.., 0 | 1) | (5 | 6, 0) => special[self.below(special.len() as u64) as usize],
            (8 | 9, 2) => f64::from_bits(self.next()),
            (_, 3) => self.below(10) as f64,
            _ => self.below(4000) as f64 / 64.0 - 20.0,
        }
    }
}

/// A type of arguments and results.
pub trait Value: Clone + Debug {
    fn arbitrary(rng: &mut Numbers) -> Self;
    fn same(&self, other: &Self) -> bool;
}

macro_rules! integers {
    ($($ty:ident)*) => { $(impl Value for $ty {
        fn arbitrary(rng: &mut Numbers) -> Self {
            let wide = rng.integer();
            // What does not fit stays at the end of the type more often than not.
            if rng.below(2) == 0 { wide.clamp($ty::MIN as i128, ($ty::MAX as u128).min(i128::MAX as u128) as i128) as $ty } else { wide as $ty }
        }
        fn same(&self, other: &Self) -> bool { self == other }
    })* };
}
integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl Value for bool {
    fn arbitrary(rng: &mut Numbers) -> Self {
        rng.below(2) == 0
    }
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Value for () {
    fn arbitrary(_: &mut Numbers) -> Self {}
    fn same(&self, _: &Self) -> bool {
        true
    }
}

impl Value for f64 {
    fn arbitrary(rng: &mut Numbers) -> Self {
        rng.float()
    }
    fn same(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits() || self.is_nan() && other.is_nan()
    }
}

impl Value for f32 {
    fn arbitrary(rng: &mut Numbers) -> Self {
        rng.float() as f32
    }
    fn same(&self, other: &Self) -> bool {
        self.to_bits() == other.to_bits() || self.is_nan() && other.is_nan()
    }
}

impl<T: Value> Value for Option<T> {
    fn arbitrary(rng: &mut Numbers) -> Self {
        (rng.below(3) != 0).then(|| T::arbitrary(rng))
    }
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(a), Some(b)) => a.same(b),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T: Value, E: Value> Value for Result<T, E> {
    fn arbitrary(rng: &mut Numbers) -> Self {
        match rng.below(3) {
            0 => Err(E::arbitrary(rng)),
            _ => Ok(T::arbitrary(rng)),
        }
    }
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Ok(a), Ok(b)) => a.same(b),
            (Err(a), Err(b)) => a.same(b),
            _ => false,
        }
    }
}

impl<T: Value, const N: usize> Value for [T; N] {
    fn arbitrary(rng: &mut Numbers) -> Self {
        std::array::from_fn(|_| T::arbitrary(rng))
    }
    fn same(&self, other: &Self) -> bool {
        self.iter().zip(other).all(|(a, b)| a.same(b))
    }
}

impl<T: Value> Value for Vec<T> {
    fn arbitrary(rng: &mut Numbers) -> Self {
        let len = rng.len();
        (0..len).map(|_| T::arbitrary(rng)).collect()
    }
    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.same(b))
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt)*) => {
        impl<$($name: Value),*> Value for ($($name,)*) {
            fn arbitrary(rng: &mut Numbers) -> Self { ($($name::arbitrary(rng),)*) }
            fn same(&self, other: &Self) -> bool { $(self.$index.same(&other.$index))&&* }
        }
    };
}
tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);

#[macro_export]
macro_rules! arbitrary_struct {
    ($name:ident $($field:tt)*) => {
        impl $crate::tally::Value for $name {
            fn arbitrary(rng: &mut $crate::tally::Numbers) -> Self {
                $name { $($field: $crate::tally::Value::arbitrary(rng)),* }
            }
            fn same(&self, other: &Self) -> bool { $(self.$field.same(&other.$field))&&* }
        }
    };
}

#[macro_export]
macro_rules! arbitrary_enum {
    ($name:ident $($variant:ident)*) => {
        impl $crate::tally::Value for $name {
            fn arbitrary(rng: &mut $crate::tally::Numbers) -> Self {
                let all = [$($name::$variant),*];
                all[usize::arbitrary(rng) % all.len()]
            }
            fn same(&self, other: &Self) -> bool { self == other }
        }
    };
}

/// What a panic says.
#[derive(Clone, Debug, PartialEq)]
struct Panicked {
    message: String,
    location: String,
    is_static: bool,
}

thread_local! {
    static LAST: RefCell<Option<Panicked>> = const { RefCell::new(None) };
}

/// What was compared.
#[derive(Default, Debug)]
pub struct Tally {
    pub functions: usize,
    pub calls: usize,
    pub panics: usize,
    /// Functions that rustc's body ran for, with the reason.
    pub declined: Vec<String>,
    pub differences: Vec<String>,
    only: Option<String>,
}

impl Tally {
    /// Counts from nothing, and keeps panics from being printed.
    pub fn new() -> Self {
        panic::set_hook(Box::new(|info| {
            let payload = info.payload();
            let text = payload.downcast_ref::<&'static str>();
            let message = match text {
                Some(text) => (*text).to_owned(),
                None => (payload.downcast_ref::<String>().cloned()).unwrap_or_default(),
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
        Tally {
            only: std::env::var("HOTLOOP_SOURCE_ONLY").ok(),
            ..Tally::default()
        }
    }

    /// What there is to say, for people.
    pub fn report(&self) -> String {
        let mut text = String::new();
        for what in self.declined.iter().chain(&self.differences) {
            text.push_str(what);
            text.push('\n');
        }
        text + &format!(
            "{} functions, {} calls, {} of which panicked, {} declined, {} different",
            self.functions,
            self.calls,
            self.panics,
            self.declined.len(),
            self.differences.len()
        )
    }

    /// Compares one function with rustc's body of it. After a panic, what a parallel loop has stored is not looked at.
    pub fn function<F: JitFunction, A: Value, R: Value>(
        &mut self,
        parallel: bool,
        make: impl Fn(&mut Numbers) -> A,
        jit: impl Fn(&mut A) -> R,
        plain: impl Fn(&mut A) -> R,
    ) {
        if self.only.as_ref().is_some_and(|only| only != F::name()) {
            return;
        }
        self.functions += 1;
        for style in 0..STYLES * 2 {
            let mut rng = Numbers {
                state: u64::from(style) << 32,
                style: style % STYLES,
            };
            let args = make(&mut rng);
            let (mut after_jit, mut after_plain) = (args.clone(), args.clone());
            // Also what the function calls is rustc's.
            let from_plain = outcome(|| hotloop::disabled(|| plain(&mut after_plain)));
            let from_jit = outcome(|| jit(&mut after_jit));
            self.calls += 1;
            self.panics += usize::from(from_plain.is_err());
            let agree = match (&from_jit, &from_plain) {
                (Ok(a), Ok(b)) => a.same(b),
                (Err(a), Err(b)) => a == b,
                _ => false,
            };
            let stored = from_plain.is_err() && parallel || after_jit.same(&after_plain);
            if !agree || !stored {
                self.differences.push(format!(
                    "{}: for {args:?}\n  jit:   {from_jit:?}, {after_jit:?}\n  plain: {from_plain:?}, {after_plain:?}",
                    F::name()
                ));
                break;
            }
        }
        if let Some(declined) = F::declined().first() {
            self.declined.push(format!("{}: {declined:?}", F::name()));
        }
    }
}

fn outcome<R>(run: impl FnOnce() -> R) -> Result<R, Panicked> {
    panic::catch_unwind(AssertUnwindSafe(run)).map_err(|_| {
        let last = LAST.with(|last| last.borrow_mut().take());
        last.unwrap_or(Panicked {
            message: "a panic that the hook has not seen".to_owned(),
            location: String::new(),
            is_static: true,
        })
    })
}
