//! What only rustc knows and a jitted function uses as it is: macros of the user's, methods that are not jitted, `cfg!`; and jitted `impl`s
//! of traits, for numbers, too, of which methods can be left out.

use hotloop::{JitFunction, JitType, jit};

use super::harness::compare;

// Macros.

macro_rules! close {
    ($a:expr, $b:expr) => {
        close!($a, $b, 1e-9)
    };
    ($a:expr, $b:expr, $epsilon:expr) => {
        ($a - $b).abs() <= $epsilon
    };
}

macro_rules! keep {
    ($value:expr) => {
        ::std::hint::black_box($value);
    };
}

macro_rules! put {
    ($slice:expr, $index:expr, = $value:expr) => {
        $slice[$index] = $value
    };
}

macro_rules! at_least {
    ($x:expr, $min:expr) => {{
        // Another variable of the name that the caller has.
        let x = $x;
        assert!(x >= $min, "{x} is less than {}", $min);
        x
    }};
}

macro_rules! table {
    () => {
        [1.5, 2.5, 4.5]
    };
}

#[jit]
fn macros_of_ours(x: f64, a: &mut [f64], i: usize) -> f64 {
    let scaled = x * 2.0;
    put!(a, i, = scaled + x);
    keep!(scaled - 1.0);
    let floor = at_least!(scaled, 0.0);
    if close!(a[0], x) || close!(scaled, 3.0, x) {
        return floor + table!()[2];
    }
    let mut sum = 0.0;
    for k in 0..a.len() {
        sum += if close!(a[k], 1.0, 0.5) {
            a[k]
        } else {
            at_least!(a[k], -3.0)
        };
    }
    sum
}

#[test]
fn macros_agree() {
    for x in [0.0, 1.25, 1.5, -1.0, f64::NAN] {
        for i in [0, 2, 5] {
            agree!(macros_of_ours(x, &mut vec![1.25, 0.75, 3.0, -2.5], i));
        }
    }
}

#[jit]
fn configured(x: f64) -> f64 {
    let mut sum = x;
    if cfg!(target_pointer_width = "64") {
        sum += 1.0;
    }
    if cfg!(all(test, not(unix))) || !cfg!(debug_assertions) {
        sum *= 3.0;
    }
    sum
}

#[test]
fn cfg_agrees() {
    agree!(configured(0.5));
    let text = configured::llvm_ir().expect("it was compiled");
    assert!(
        !text.contains("3.000000e+00") || !cfg!(debug_assertions),
        "{text}"
    );
}

// Traits for numbers.

trait Special: Sized {
    fn logistic(self) -> Self;
    fn halves(&self, n: u32) -> Self;
    fn checked(&self, other: &Self) -> Option<Self>;
    fn clip(&mut self, other: Self);
}

macro_rules! specials {
    ($($ty:ident)*) => { $(
        #[jit]
        impl Special for $ty {
            fn logistic(self) -> Self {
                1.0 / (1.0 + (-self).exp())
            }
            fn halves(&self, n: u32) -> Self {
                let mut x = *self;
                for _ in 0..n {
                    x /= 2.0;
                }
                x
            }
            fn checked(&self, other: &Self) -> Option<Self> {
                if *self < *other { Some(*other - *self) } else { None }
            }
            fn clip(&mut self, other: Self) {
                if *self > other {
                    *self = other;
                }
            }
        }
    )* };
}
specials!(f32 f64);

#[jit]
fn of_numbers(x: f64, a: &[f64], y: f32) -> f64 {
    let mut clipped = x;
    clipped.clip(1.5);
    let mut sum = clipped.logistic() + a[0].logistic() * 2.0 + y.halves(3) as f64;
    if let Some(more) = x.checked(&a[1]) {
        sum += more;
    }
    sum
}

#[test]
fn traits_for_numbers_agree() {
    for x in [0.5, -3.25, 2.75, f64::NAN, f64::INFINITY] {
        agree!(of_numbers(x, &vec![1.0, 2.0], x as f32));
        compare((x, 3), |(x, n)| x.halves(*n), |(x, n)| x.halves(*n));
        compare((x,), |(x,)| x.logistic(), |(x,)| x.logistic());
        compare((x,), |(x,)| x.clip(1.0), |(x,)| x.clip(1.0));
        compare((x as f32,), |(x,)| x.checked(&2.0), |(x,)| x.checked(&2.0));
    }
}

trait Total {
    fn total(&self) -> f64;
}

#[jit]
impl Total for [f64] {
    fn total(&self) -> f64 {
        let mut sum = 0.0;
        for x in self {
            sum += x;
        }
        sum
    }
}

trait Twice {
    fn twice(self) -> Self;
}

#[jit]
impl<T: num_traits::Float> Twice for T {
    fn twice(self) -> T {
        self + self
    }
}

#[test]
fn traits_for_slices_and_parameters_agree() {
    let a = vec![1.5, -2.0, 4.25];
    compare((a,), |(a,)| a.total(), |(a,)| a.total());
    compare((1.5_f64,), |(x,)| x.twice(), |(x,)| x.twice());
    compare((2.5_f32,), |(x,)| x.twice(), |(x,)| x.twice());
}

// Methods that are left out.

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Filter {
    gain: f64,
    state: f64,
}

trait Filtering {
    fn step(&mut self, x: f64) -> f64;
    fn gain(&self) -> f64;
    fn twice(&mut self, x: f64) -> f64 {
        self.step(x);
        self.step(x)
    }
}

#[jit]
impl Filtering for Filter {
    fn step(&mut self, x: f64) -> f64 {
        self.state += (x - self.state) * self.gain;
        self.state
    }
    // There is another one of this name.
    fn gain(&self) -> f64 {
        self.gain
    }
}

#[jit]
impl Filter {
    pub const fn new(gain: f64) -> Self {
        Filter { gain, state: 0.0 }
    }
    fn gain(&self) -> f64 {
        self.gain + 1.0
    }
    #[jit(skip)]
    fn reset(&mut self) -> usize {
        let text = format!("{}", self.state);
        self.state = 0.0;
        text.len()
    }
    fn run(&mut self, a: &mut [f64]) -> f64 {
        let mut last = Filter::new(0.5);
        for x in a.iter_mut() {
            *x = self.step(*x) + self.gain();
            if *x > 3.0 {
                *x += self.reset() as f64;
            }
            last.step(*x);
            *x += self.twice(0.25);
        }
        last.state
    }
}

const STARTED: Filter = Filter::new(0.75);

#[jit]
fn filtered(a: &mut [f64]) -> f64 {
    let mut filter = STARTED;
    let last = filter.run(a);
    filter.reset() as f64 + last
}

impl super::harness::Same for Filter {
    fn same(&self, other: &Self) -> bool {
        self.gain.same(&other.gain) && self.state.same(&other.state)
    }
}

#[test]
fn what_is_left_out_is_called() {
    for size in [1.0, 4.0, 100.0] {
        let a = vec![size, 2.0, -size, 0.5 * size];
        agree!(filtered(&mut a));
        compare(
            (STARTED, a),
            |(filter, a)| filter.run(a),
            |(filter, a)| filter.run(a),
        );
    }
}

#[derive(JitType, Clone, Copy, Debug, PartialEq)]
struct Scaled {
    x: f64,
}

// Not jitted.
impl Scaled {
    fn times(self, k: f64) -> f64 {
        self.x * k
    }

    fn add(&mut self, k: f64) -> f64 {
        self.x += k;
        self.x
    }
}

#[jit]
fn next(x: &mut f64) -> f64 {
    *x += 1.0;
    *x
}

trait Mix {
    fn mix(self, k: f64) -> f64;
}

impl Mix for f64 {
    fn mix(self, k: f64) -> f64 {
        self * 10.0 + k
    }
}

/// Arguments change receivers that are taken by value: they were copied before.
#[jit]
fn receivers_that_arguments_change(x: f64) -> (f64, f64, f64, f64) {
    let mut p = Scaled { x };
    let a = p.times({
        p.x = 7.0;
        2.0
    });
    let mut n = x;
    let b = n.mix(next(&mut n));
    let mut m = x;
    let c = p.add(next(&mut m));
    (a, b, c, p.x + n + m)
}

#[test]
fn receivers_are_copied_in_time() {
    agree!(receivers_that_arguments_change(3.5));
}
