//! Valid Rust that once did not build with `#[jit]`, or was declined for a fault of ours.

use hotloop::{JitFunction, JitType, jit};

use super::harness::compare;

/// That nothing of it runs rustc's body.
fn captured<F: JitFunction>() {
    let declined = F::declined();
    assert!(declined.is_empty(), "{declined:?}");
}

/// Why it runs rustc's body.
fn reason<F: JitFunction>() -> String {
    let declined = F::declined();
    assert!(!declined.is_empty());
    format!("{declined:?}")
}

// Unsafe functions.

#[jit]
unsafe fn element(a: &[f64], i: usize) -> f64 {
    // SAFETY: the caller's.
    unsafe { *a.get_unchecked(i) }
}

#[jit]
fn sum_of_elements(a: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        // SAFETY: there are as many.
        sum += unsafe { element(a, i) };
    }
    sum
}

#[derive(Clone, Copy, Debug, JitType)]
struct Pair {
    x: f64,
    y: f64,
}

#[jit]
impl Pair {
    unsafe fn made(x: f64) -> Pair {
        Pair { x, y: x + 1.0 }
    }

    unsafe fn product(&self) -> f64 {
        self.x * self.y
    }
}

#[jit]
fn of_unsafe_methods(x: f64) -> f64 {
    // SAFETY: nothing in them needs anything.
    unsafe { Pair::made(x).product() }
}

#[test]
fn unsafe_functions_are_called() {
    compare(
        vec![1.0, 2.5, -3.0],
        |a| sum_of_elements(a),
        |a| sum_of_elements::plain(a),
    );
    captured::<sum_of_elements>();
    compare(
        1.5,
        |x| of_unsafe_methods(*x),
        |x| of_unsafe_methods::plain(*x),
    );
    captured::<of_unsafe_methods>();
}

// Statics in `unsafe`.

static mut COUNTER: u64 = 7;
static WEIGHTS: [f64; 3] = [1.0, 2.0, 4.0];
static mut ROWS: [u64; 3] = [1, 2, 3];

#[jit]
fn counted(x: u64) -> u64 {
    // SAFETY: one test uses it.
    unsafe { COUNTER + x }
}

#[jit]
fn row(i: usize) -> u64 {
    // SAFETY: one test uses it.
    unsafe { ROWS[i] }
}

#[jit]
fn weight(i: usize) -> f64 {
    const HALF: [f64; 2] = [0.5, 0.25];
    assert!(i < 2);
    // SAFETY: `i` is less than 2.
    unsafe { *WEIGHTS.get_unchecked(i) * *HALF.get_unchecked(i) }
}

#[test]
fn a_static_mut_is_no_constant() {
    assert_eq!((counted(1), row(1)), (8, 2));
    // SAFETY: this test alone uses them.
    unsafe {
        COUNTER = 100;
        ROWS[1] = 50;
    }
    assert_eq!((counted(1), row(1)), (101, 50));
    assert!(reason::<counted>().contains("it may change, as a `static mut`"));
    for i in 0..3 {
        compare(i, |i| weight(*i), |i| weight::plain(*i));
    }
    // Where nobody can tell it from a `static mut`, rustc's body runs.
    if cfg!(target_os = "linux") {
        captured::<weight>();
    }
}

// Functions of traits by the trait's name.

#[derive(Clone, Copy, Debug, Default, PartialEq, JitType)]
#[repr(u8)]
enum Mode {
    Low,
    #[default]
    Mid,
    High,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, JitType)]
struct Settings {
    gain: f64,
    mode: Mode,
}

#[jit]
fn defaults(x: f64) -> f64 {
    let mode: Mode = Default::default();
    let offset: f64 = Default::default();
    let settings = Settings {
        gain: x,
        ..Default::default()
    };
    let whole: Settings = Default::default();
    if mode == Mode::Mid && settings.mode == mode {
        settings.gain + offset + whole.gain
    } else {
        -1.0
    }
}

#[jit]
fn converted(a: &[f32], out: &mut [f64]) {
    for (o, x) in out.iter_mut().zip(a.iter().copied().map(Into::into)) {
        *o = x;
    }
}

#[test]
fn functions_of_std_traits_are_called_by_the_trait() {
    compare(2.5, |x| defaults(*x), |x| defaults::plain(*x));
    captured::<defaults>();
    let out = vec![0.0_f64; 3];
    compare(
        out,
        |out| converted(&[1.5, -2.0], out),
        |out| converted::plain(&[1.5, -2.0], out),
    );
}

// `char` by its name.

#[jit]
fn digit(x: u32, radix: u32) -> char {
    char::from_digit(x, radix).unwrap_or('?')
}

#[test]
fn digits_of_any_radix() {
    for (x, radix) in [(3, 10), (30, 10), (11, 16), (3, 40)] {
        compare(
            (x, radix),
            |(x, radix)| u32::from(digit(*x, *radix)),
            |(x, radix)| u32::from(digit::plain(*x, *radix)),
        );
    }
    captured::<digit>();
}

// Names for functions.

#[jit]
fn doubled(x: f64) -> f64 {
    x * 2.0
}

fn tripled(x: f64) -> f64 {
    x * 3.0
}

#[allow(non_upper_case_globals)]
const seven: f64 = 7.0;

#[jit]
fn by_names(a: &[f64]) -> f64 {
    let f = doubled;
    let g = tripled;
    let root = f64::sqrt;
    let n = seven;
    let inner: f64 = a.iter().copied().map(f).map(g).sum();
    let twice = |x: f64| f(f(x));
    n * root(f(inner) + g(1.0)) + twice(n)
}

#[test]
fn functions_have_names() {
    compare(vec![1.0, 2.5, 3.0], |a| by_names(a), |a| by_names::plain(a));
    captured::<by_names>();
}

// What an element of a constant is.

const TABLE: [u8; 5] = [1, 2, 3, 4, 5];

#[jit]
fn in_option(x: u8) -> Result<u8, u64> {
    let first = Some(TABLE[1]).map(|y| y.wrapping_add(x));
    Some(TABLE[4])
        .ok_or(4_u64)
        .map(|y| y.wrapping_add(x).wrapping_mul(first.unwrap_or(1)))
}

#[test]
fn an_element_of_a_constant_is_no_array() {
    compare(3, |x| in_option(*x), |x| in_option::plain(*x));
    captured::<in_option>();
}

// Comparisons that are the user's.

#[derive(Clone, Copy, Debug, JitType)]
struct Reversed {
    x: i32,
}

#[jit]
impl PartialEq for Reversed {
    fn eq(&self, other: &Reversed) -> bool {
        self.x / 2 == other.x / 2
    }
}

#[jit]
impl PartialOrd for Reversed {
    fn partial_cmp(&self, other: &Reversed) -> Option<std::cmp::Ordering> {
        other.x.partial_cmp(&self.x)
    }
}

#[jit]
fn is_within(a: Reversed, b: Reversed, x: Reversed) -> bool {
    (a..=b).contains(&x)
}

#[jit]
fn are_equal(a: &[Reversed], b: &[Reversed]) -> bool {
    a.iter().eq(b)
}

#[test]
fn comparisons_of_structs_inside_of_std_are_left_to_rustc() {
    let [a, b, c] = [1, 2, 3].map(|x| Reversed { x });
    assert!(is_within(c, a, b) && !is_within(a, c, b));
    assert!(reason::<is_within>().contains("does not have this operator"));
    assert!(are_equal(&[b], &[c]) && !are_equal(&[a], &[b]));
    assert!(reason::<are_equal>().contains("does not have this operator"));
}

// Structs with parts that have no layout that is known.

#[derive(Clone, Copy, Debug, JitType)]
struct Grid<'a> {
    data: &'a [f64],
    n_columns: usize,
}

#[derive(Clone, Copy, Debug, Default, JitType)]
struct Extremes {
    least: Option<f64>,
    n: u32,
}

#[jit]
fn at(grid: &Grid<'_>, i: usize, j: usize) -> f64 {
    grid.data[i * grid.n_columns + j]
}

#[jit]
fn extremes(a: &[f64]) -> Extremes {
    let mut found = Extremes::default();
    for x in a {
        found.n += 1;
        found.least = Some(found.least.map_or(*x, |least| least.min(*x)));
    }
    found
}

#[test]
fn the_field_that_is_not_known_is_named() {
    let grid = Grid {
        data: &[1.0, 2.0, 3.0, 4.0],
        n_columns: 2,
    };
    assert_eq!(at(&grid, 1, 0), 3.0);
    assert!(reason::<at>().contains("whose field data is a reference"));
    assert_eq!(extremes(&[2.0, 1.0]).least, Some(1.0));
    assert!(reason::<extremes>().contains("whose field least is an Option"));
}

// Conversions of the user's.

impl From<Mode> for f64 {
    fn from(mode: Mode) -> f64 {
        match mode {
            Mode::Low => 0.25,
            Mode::Mid => 1.0,
            Mode::High => 8.0,
        }
    }
}

impl From<&Mode> for i32 {
    fn from(mode: &Mode) -> i32 {
        10 * *mode as i32
    }
}

impl From<f64> for Pair {
    fn from(x: f64) -> Pair {
        Pair { x, y: -x }
    }
}

impl From<Pair> for (f64, f64) {
    fn from(pair: Pair) -> (f64, f64) {
        (pair.y, pair.x)
    }
}

#[jit]
fn of_modes(mode: Mode) -> f64 {
    let mut sum: f64 = mode.into();
    for _ in 0..3 {
        let more: f64 = mode.into();
        sum += more + f64::from(mode);
    }
    sum * f64::from(i32::from(&mode))
}

#[jit]
fn of_numbers(x: f64, n: u16) -> f64 {
    let pair: Pair = x.into();
    let other: Pair = 2.5.into();
    let (y, z): (f64, f64) = other.into();
    let wide: f64 = n.into();
    pair.y + y * z + wide + f64::from(n)
}

#[test]
fn conversions_of_the_users_are_called() {
    for mode in 0..3_usize {
        compare(
            mode,
            |mode| of_modes([Mode::Low, Mode::Mid, Mode::High][*mode]),
            |mode| of_modes::plain([Mode::Low, Mode::Mid, Mode::High][*mode]),
        );
    }
    captured::<of_modes>();
    compare(
        (1.5, 7),
        |(x, n)| of_numbers(*x, *n),
        |(x, n)| of_numbers::plain(*x, *n),
    );
    captured::<of_numbers>();
}

// Types that are only named.

struct Smoothing;

trait Filter {
    fn start() -> [f64; 2];
    fn step(state: &mut [f64; 2], x: f64) -> f64;
}

#[jit]
impl Filter for Smoothing {
    fn start() -> [f64; 2] {
        [0.0; 2]
    }

    fn step(state: &mut [f64; 2], x: f64) -> f64 {
        let y = (state[0] + state[1] + x) / 3.0;
        *state = [x, state[0]];
        y
    }
}

#[jit]
fn smooth(a: &mut [f64]) {
    let mut state = <Smoothing as Filter>::start();
    for x in a {
        *x = <Smoothing as Filter>::step(&mut state, *x);
    }
}

#[test]
fn a_type_that_only_names_functions_needs_no_description() {
    compare(vec![1.0, 5.0, 2.0], |a| smooth(a), |a| smooth::plain(a));
    captured::<smooth>();
}

// Iterators of the user's.

#[derive(Clone, Copy, Debug, JitType)]
struct Countdown {
    n: u64,
}

impl Iterator for Countdown {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.n = self.n.checked_sub(1)?;
        Some(self.n)
    }
}

#[jit]
fn of_countdown(n: u64) -> u64 {
    let all = Countdown { n };
    all.map(|x| x * 2).sum()
}

#[test]
fn iterators_of_the_users_are_left_to_rustc() {
    assert_eq!(of_countdown(4), 12);
    assert!(reason::<of_countdown>().contains("the method `map` of `Countdown`"));
}

// Elements of constants, in `unsafe` too, and names that are not what they seem.

static GRID: [[i32; 3]; 2] = [[1, 2, 3], [4, 5, 6]];
const STEPS: [(u8, i16); 3] = [(1, -2), (3, 4), (5, 6)];

#[jit]
fn of_grid(i: usize) -> i32 {
    let step = match STEPS[i] {
        (a, -2) => i32::from(a),
        (_, b) => i32::from(b),
    };
    // SAFETY: the index is 0 or 1.
    unsafe {
        let row = GRID.get_unchecked(i & 1);
        row[i] + i32::from(STEPS[i].0) + step
    }
}

mod own {
    pub(super) struct Default;

    impl Default {
        #[allow(clippy::should_implement_trait)]
        pub(super) fn default() -> f64 {
            9.0
        }
    }
}

#[jit]
fn with_own_default(x: f64) -> f64 {
    use own::Default;
    let f = tripled;
    let y = f(x);
    let f = |v: f64| v - Default::default();
    f(y)
}

#[test]
fn names_mean_what_rustc_says() {
    for i in 0..4 {
        compare(i, |i| of_grid(*i), |i| of_grid::plain(*i));
    }
    if cfg!(target_os = "linux") {
        captured::<of_grid>();
    }
    compare(
        1.5,
        |x| with_own_default(*x),
        |x| with_own_default::plain(*x),
    );
    captured::<with_own_default>();
}
