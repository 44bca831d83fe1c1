//! Calls a jitted function and rustc's body with the same arguments, on several numbers of threads, and compares all that can be seen.

use std::cell::RefCell;
use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Once, OnceLock};

/// Pools of several sizes; `None` is rayon's own.
pub(crate) fn pools() -> impl Iterator<Item = Option<&'static rayon::ThreadPool>> {
    static POOLS: OnceLock<Vec<rayon::ThreadPool>> = OnceLock::new();
    let pool = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().expect("a pool")
    };
    let pools = POOLS.get_or_init(|| [1, 2, 7, 64].map(pool).into());
    pools.iter().map(Some).chain([None])
}

pub(crate) fn in_pool<R: Send>(
    pool: Option<&rayon::ThreadPool>,
    run: impl FnOnce() -> R + Send,
) -> R {
    match pool {
        Some(pool) => pool.install(run),
        None => run(),
    }
}

pub(crate) struct Rng {
    state: u64,
    /// Whether what is made may count iterations, which takes for ever if there are too many.
    counts: bool,
    /// Whether floats may be what is no number, or a zero of either sign.
    odd: bool,
}

impl Rng {
    pub(crate) fn new(seed: u64) -> Rng {
        let state = seed.wrapping_mul(0x9e37_79b9) ^ 0x6174_7461;
        Rng {
            state,
            counts: false,
            odd: false,
        }
    }

    /// For the parameter of this name.
    pub(crate) fn named(&mut self, name: &str) -> &mut Rng {
        self.counts = matches!(name, "n" | "m" | "steps");
        self.odd = name == "odd";
        self
    }

    pub(crate) fn below(&mut self, n: u32) -> u32 {
        self.state = (self.state)
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.state >> 33) % u64::from(n)) as u32
    }
}

/// What a parameter takes: made from random numbers, lent to a call, and looked at behind it.
pub(crate) trait Arg<'a> {
    type Owned: Clone + Send + Sync;
    fn make(rng: &mut Rng) -> Self::Owned;
    fn lend(owned: &'a mut Self::Owned) -> Self;
    /// All that is in it, as bits.
    fn seen(owned: &Self::Owned) -> Vec<u64>;
}

macro_rules! scalars {
    ($($ty:ty: $make:expr;)*) => { $(
        impl Arg<'_> for $ty {
            type Owned = $ty;
            fn make(rng: &mut Rng) -> $ty {
                let make: fn(&mut Rng) -> $ty = $make;
                make(rng)
            }
            fn lend(owned: &mut $ty) -> $ty {
                *owned
            }
            fn seen(_: &$ty) -> Vec<u64> {
                Vec::new()
            }
        }
    )* };
}
scalars! {
    bool: |rng| rng.below(2) == 0;
    usize: |rng| match rng.below(30) {
        0..=2 if rng.counts => 40,
        0 => 1 << 62,
        1 => 1 << 63,
        2 => usize::MAX - rng.below(3) as usize,
        3 => 300 + rng.below(600) as usize,
        _ => rng.below(9) as usize,
    };
    isize: |rng| rng.below(60) as isize - 20;
    i64: |rng| i64::from(rng.below(40)) - 12;
    u64: |rng| u64::from(rng.below(50));
    f64: |rng| match rng.below(12) {
        0 if rng.odd => f64::NAN,
        1 if rng.odd => f64::INFINITY,
        2 if rng.odd => f64::NEG_INFINITY,
        3 | 4 if rng.odd => -0.0,
        5 | 6 if rng.odd => 0.0,
        _ => f64::from(rng.below(40)) - 20.0,
    };
}

fn elements<T>(rng: &mut Rng, make: impl Fn(&mut Rng) -> T) -> Vec<T> {
    let len = match rng.below(6) {
        0 => rng.below(12),
        1 => 500 + rng.below(500),
        _ => 20 + rng.below(40),
    };
    (0..len).map(|_| make(rng)).collect()
}

macro_rules! slices {
    ($($ty:ty, $bits:expr;)*) => { $(
        impl<'a> Arg<'a> for &'a [$ty] {
            type Owned = Vec<$ty>;
            fn make(rng: &mut Rng) -> Vec<$ty> {
                elements(rng, <$ty as Arg<'_>>::make)
            }
            fn lend(owned: &'a mut Vec<$ty>) -> &'a [$ty] {
                owned
            }
            fn seen(_: &Vec<$ty>) -> Vec<u64> {
                Vec::new()
            }
        }

        impl<'a> Arg<'a> for &'a mut [$ty] {
            type Owned = Vec<$ty>;
            fn make(rng: &mut Rng) -> Vec<$ty> {
                elements(rng, <$ty as Arg<'_>>::make)
            }
            fn lend(owned: &'a mut Vec<$ty>) -> &'a mut [$ty] {
                owned
            }
            fn seen(owned: &Vec<$ty>) -> Vec<u64> {
                let bits: fn(&$ty) -> u64 = $bits;
                owned.iter().map(bits).collect()
            }
        }
    )* };
}
slices! {
    u64, |x| *x;
    i64, |x| *x as u64;
    f64, |x| x.to_bits();
}

/// Places in other slices, in order or not.
fn places(rng: &mut Rng) -> Vec<usize> {
    let most = [6, 12, 24, 40][rng.below(4) as usize];
    let mut places = elements(rng, |rng| rng.below(most) as usize);
    if rng.below(2) == 0 {
        places.sort_unstable();
    }
    places
}

impl<'a> Arg<'a> for &'a [usize] {
    type Owned = Vec<usize>;
    fn make(rng: &mut Rng) -> Vec<usize> {
        places(rng)
    }
    fn lend(owned: &'a mut Vec<usize>) -> &'a [usize] {
        owned
    }
    fn seen(_: &Vec<usize>) -> Vec<u64> {
        Vec::new()
    }
}

impl<'a> Arg<'a> for &'a mut [usize] {
    type Owned = Vec<usize>;
    fn make(rng: &mut Rng) -> Vec<usize> {
        places(rng)
    }
    fn lend(owned: &'a mut Vec<usize>) -> &'a mut [usize] {
        owned
    }
    fn seen(owned: &Vec<usize>) -> Vec<u64> {
        owned.iter().map(|&place| place as u64).collect()
    }
}

impl<'a> Arg<'a> for &'a mut u64 {
    type Owned = u64;
    fn make(rng: &mut Rng) -> u64 {
        u64::from(rng.below(50))
    }
    fn lend(owned: &'a mut u64) -> &'a mut u64 {
        owned
    }
    fn seen(owned: &u64) -> Vec<u64> {
        vec![*owned]
    }
}

/// The message and the place of a panic.
type Panicked = (String, String);

thread_local! {
    static LAST: RefCell<Option<Panicked>> = const { RefCell::new(None) };
    static QUIET: RefCell<bool> = const { RefCell::new(false) };
}

/// Runs, and returns the result or the panic.
pub(crate) fn outcome<R>(run: impl FnOnce() -> R) -> Result<R, Panicked> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.with(|quiet| *quiet.borrow()) {
                return before(info);
            }
            let payload = info.payload();
            let message = match payload.downcast_ref::<&'static str>() {
                Some(text) => (*text).to_owned(),
                None => payload
                    .downcast_ref::<String>()
                    .cloned()
                    .unwrap_or_default(),
            };
            let at = info.location().map(ToString::to_string).unwrap_or_default();
            LAST.with(|last| *last.borrow_mut() = Some((message, at)));
        }));
    });
    QUIET.with(|quiet| *quiet.borrow_mut() = true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    QUIET.with(|quiet| *quiet.borrow_mut() = false);
    result.map_err(|_| LAST.with(|last| last.borrow_mut().take()).expect("seen"))
}

/// The result or the panic of a call, what was in its arguments before, and what is in them then.
pub(crate) type Call<R> = (Result<R, Panicked>, Vec<Vec<u64>>, Vec<Vec<u64>>);

/// The same result and the same stores; behind a panic, iterations that follow may have stored, too.
#[track_caller]
pub(crate) fn compare<R: Debug + PartialEq>(expected: &Call<R>, found: &Call<R>, text: &str) {
    let same = match (&expected.0, &found.0) {
        // A NaN is not itself.
        (Ok(expected), Ok(found)) => format!("{expected:?}") == format!("{found:?}"),
        (Err(expected), Err(found)) => expected == found,
        _ => false,
    };
    assert!(same, "{text}: {:?} {:?}", expected.0, found.0);
    for ((before, expected_after), found_after) in expected.1.iter().zip(&expected.2).zip(&found.2)
    {
        if expected.0.is_ok() {
            assert_eq!(expected_after, found_after, "{text}");
            continue;
        }
        for ((before, expected), found) in before.iter().zip(expected_after).zip(found_after) {
            assert!(
                before == expected || expected == found,
                "{text}: {expected} {found}"
            );
        }
    }
}

/// Whether this crate checks overflow. Where it wraps, more loops run in parallel.
pub(crate) fn overflow_checks() -> bool {
    let (a, b) = std::hint::black_box((255_u8, 1_u8));
    outcome(|| a + b).is_err()
}

/// How many calls of each function.
pub(crate) const CALLS: u64 = 60;

/// Calls of a function are those of rustc's body. Said of each is whether its outermost loop runs in parallel (`outer`), a loop inside, or none.
macro_rules! attack {
    ($how:ident $name:ident($($arg:ident: $ty:ty),*)) => {{
        use $crate::harness::{Arg, CALLS, Rng, compare, in_pool, outcome, pools};
        let (mut returned, mut panicked) = (0, 0);
        for seed in 0..CALLS {
            let call = |function: fn($($ty),*) -> _| {
                let mut rng = Rng::new(seed);
                $(let mut $arg = <$ty as Arg<'_>>::make(rng.named(stringify!($arg)));)*
                let before = vec![$(<$ty as Arg<'_>>::seen(&$arg)),*];
                let result = outcome(|| function($(<$ty as Arg<'_>>::lend(&mut $arg)),*));
                (result, before, vec![$(<$ty as Arg<'_>>::seen(&$arg)),*])
            };
            let expected = call($name::plain);
            match expected.0.is_ok() {
                true => returned += 1,
                false => panicked += 1,
            }
            for pool in pools() {
                let found = in_pool(pool, || call($name));
                compare(&expected, &found, concat!(stringify!($name)));
            }
        }
        assert!(returned + panicked > 0);
        let specializations = $name::specializations();
        let [specialization] = &specializations[..] else {
            panic!("{}: {:?}", stringify!($name), $name::declined());
        };
        let compiled = specialization.ir().contains("parallel fn#");
        let report = $name::report();
        let is_parallel = |found: &&hotloop::report::LoopReport| {
            found.parallel.as_ref().is_some_and(|it| it.is_parallel)
        };
        let outer = report.loops().filter(is_parallel).any(|found| found.depth == 0);
        let found = match (compiled, outer) {
            (false, _) => "serial",
            (true, true) => "outer",
            (true, false) => "inner",
        };
        println!("{}: {returned} {panicked} {found}", stringify!($name));
        if $crate::harness::overflow_checks() {
            assert_eq!(stringify!($how), found, "{report}");
        }
    }};
}
pub(crate) use attack;
