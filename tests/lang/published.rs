//! What published crates are written with: enums without `repr`, aliases of arrays in generic functions, constants and variables whose names are not as
//! lints want them, calls of which only the result's place tells what they are, traits with methods of the same names, macros that declare variables.

use hotloop::{JitType, jit};
use num_traits::Float;

use super::harness::compare;

/// Runs a function and rustc's body of it, each on variables of its own, and compares the results and the variables.
macro_rules! both {
    ($f:ident $(::<$t:ty>)? ($($arg:expr),*) $(, $v:ident = $e:expr)*) => {
        compare(
            (),
            |()| {
                $(let mut $v = $e;)*
                let result = $f $(::<$t>)? ($($arg),*);
                format!("{:?}", (result, $($v,)*)).into_bytes()
            },
            |()| {
                $(let mut $v = $e;)*
                let result = $f::plain $(::<$t>)? ($($arg),*);
                format!("{:?}", (result, $($v,)*)).into_bytes()
            },
        );
        assert!(
            !$f::specializations().is_empty(),
            "{} was not compiled: {:?}", stringify!($f), <$f as hotloop::JitFunction>::declined()
        );
    };
}

// Enums without `repr`.

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
enum Roots<F> {
    No([F; 0]),
    One([F; 1]),
    Two([F; 2]),
    Three([F; 3]),
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
enum Drag {
    Gone,
    Simple { c: [f64; 2], high: bool },
    Deep(Resonance, u8),
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
enum Resonance {
    OneDay { dr: f32 },
    HalfDay(u16, i8),
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
enum Small {
    A(u8),
    B(i8, u8),
    C,
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Orbit {
    n: u8,
    drag: Drag,
    roots: [Roots<f32>; 2],
}

/// The tag is in the gap that `bool` leaves.
#[derive(Clone, Copy, Debug, PartialEq, JitType)]
enum Gap {
    Flag(bool),
    Nothing,
}

#[jit]
fn linear<F: Float>(a: F, b: F) -> Roots<F> {
    if a == F::zero() {
        if b == F::zero() {
            Roots::One([F::zero()])
        } else {
            Roots::No([])
        }
    } else {
        Roots::One([-b / a])
    }
}

#[jit]
fn quadratic<F: Float>(a: F, b: F, c: F) -> Roots<F> {
    if a == F::zero() {
        return linear(b, c);
    }
    let two = F::one() + F::one();
    let d = b * b - two * two * a * c;
    if d < F::zero() {
        Roots::No([])
    } else if d == F::zero() {
        Roots::One([-b / (two * a)])
    } else {
        let s = d.sqrt();
        Roots::Two([(-b - s) / (two * a), (-b + s) / (two * a)])
    }
}

#[jit]
impl<F: Float> Roots<F> {
    fn largest(&self) -> Option<F> {
        match self {
            Roots::No(_) => None,
            Roots::One([x]) => Some(*x),
            Roots::Two(list) => Some(list[1]),
            Roots::Three([.., x]) => Some(*x),
        }
    }

    fn with(self, x: F) -> Self {
        match self {
            Roots::No(_) => Roots::One([x]),
            Roots::One([a]) => Roots::Two([a, x]),
            Roots::Two([a, b]) => Roots::Three([a, b, x]),
            other => other,
        }
    }
}

#[jit]
fn all_roots(list: &mut [Roots<f64>], x: f64) -> f64 {
    let mut sum = 0.0;
    for roots in list.iter_mut() {
        *roots = roots.with(x);
        if let Roots::Three(xs) = roots {
            xs[0] += 1.0;
        }
        sum += roots.largest().unwrap_or(-1.0);
    }
    if list.len() > 1 {
        list.swap(0, 1);
        list[0] = Roots::No([]);
    }
    sum
}

#[jit]
fn step(orbit: &mut Orbit, smalls: &mut [Small]) -> (Drag, Orbit, u8) {
    let before = orbit.drag;
    orbit.drag = match orbit.drag {
        Drag::Gone => Drag::Simple {
            c: [1.5, 2.5],
            high: true,
        },
        Drag::Simple { c, high: true } => Drag::Deep(Resonance::OneDay { dr: c[0] as f32 }, 3),
        Drag::Simple { .. } => Drag::Gone,
        Drag::Deep(Resonance::OneDay { dr }, n) => {
            Drag::Deep(Resonance::HalfDay(dr as u16, -1), n + 1)
        }
        Drag::Deep(Resonance::HalfDay(a, b), n) => Drag::Simple {
            c: [a as f64, b as f64],
            high: n > 7,
        },
    };
    let mut sum = 0;
    for small in smalls {
        *small = match *small {
            Small::A(n) => Small::B(-1, n),
            Small::B(_, n) if n > 100 => Small::C,
            Small::B(i, n) => Small::A(n + i as u8),
            Small::C => Small::B(5, 6),
        };
        if let Small::A(n) | Small::B(_, n) = small {
            sum += *n;
        }
    }
    orbit.roots[1] = Roots::Two([sum as f32, 1.0]);
    orbit.n += 1;
    (before, *orbit, sum)
}

const START: Drag = Drag::Deep(Resonance::HalfDay(7, -2), 9);
static DRAGS: [Drag; 3] = [Drag::Gone, START, Drag::Gone];

#[jit]
fn from_constants(i: usize) -> (Drag, bool) {
    let drag = DRAGS[i];
    (drag, matches!(START, Drag::Deep(..)) && drag == START)
}

#[jit]
fn gap(gap: Gap, n: i32) -> i32 {
    match gap {
        Gap::Flag(true) => n,
        Gap::Flag(false) => -n,
        Gap::Nothing => 0,
    }
}

#[test]
fn enums_without_repr_agree() {
    for a in [0.0, 1.0, -2.0, f64::NAN] {
        for b in [0.0, 2.0, 5.5] {
            both!(linear::<f64>(a, b));
            both!(quadratic::<f64>(a, b, 1.0));
            both!(quadratic::<f32>(a as f32, b as f32, -3.0));
        }
    }
    for n in 0..5 {
        let list = [
            Roots::No([]),
            Roots::One([2.0]),
            Roots::Two([1.0, 3.0]),
            Roots::Three([f64::NAN, -0.0, 8.0]),
        ];
        both!(all_roots(&mut list[..n.min(4)], 2.5), list = list);
    }
    let drags = [
        Drag::Gone,
        Drag::Simple {
            c: [0.5, -1.0],
            high: true,
        },
        Drag::Simple {
            c: [0.5, -1.0],
            high: false,
        },
        Drag::Deep(Resonance::OneDay { dr: 3.0 }, 255),
        Drag::Deep(Resonance::OneDay { dr: 300.0 }, 7),
        START,
    ];
    let smalls = [Small::A(3), Small::C, Small::B(-1, 101), Small::B(2, 100)];
    for drag in drags {
        let orbit = Orbit {
            n: 9,
            drag,
            roots: [Roots::No([]), Roots::One([1.0])],
        };
        both!(
            step(&mut orbit, &mut smalls[..]),
            orbit = orbit,
            smalls = smalls
        );
    }
    for i in 0..4 {
        both!(from_constants(i));
    }
}

#[test]
fn an_enum_whose_tag_has_no_place_runs_rustc_s_body() {
    assert_eq!(gap(Gap::Flag(true), 3), 3);
    assert_eq!(gap(Gap::Flag(false), 3), -3);
    assert_eq!(gap(Gap::Nothing, 3), 0);
    assert!(gap::specializations().is_empty());
}

#[test]
fn constants_of_enums_without_repr_have_their_tags() {
    for (index, drag) in [
        Drag::Gone,
        Drag::Simple {
            c: [1.0, 2.0],
            high: false,
        },
        START,
    ]
    .iter()
    .enumerate()
    {
        let constant = JitType::constant(drag);
        assert_eq!(constant.bytes.len(), size_of::<Drag>());
        assert_eq!(usize::from(constant.bytes[0]), index);
    }
}

// Aliases of arrays and tuples of type parameters.

type Vector3<T> = [T; 3];
type Quaternion<T> = (T, Vector3<T>);
type Matrix<T> = [Vector3<T>; 3];

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Pose<T> {
    at: Vector3<T>,
    turn: Quaternion<T>,
}

#[jit]
fn cross<T: Float>(a: Vector3<T>, b: Vector3<T>) -> Vector3<T> {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

#[jit]
fn product<T: Float>(a: Quaternion<T>, b: Quaternion<T>) -> Quaternion<T> {
    let c = cross(a.1, b.1);
    let mut v: Vector3<T> = [T::zero(); 3];
    let mut dot = a.0 * b.0;
    for i in 0..3 {
        v[i] = a.0 * b.1[i] + b.0 * a.1[i] + c[i];
        dot = dot - a.1[i] * b.1[i];
    }
    (dot, v)
}

#[jit]
fn transposed<T: Copy>(m: &Matrix<T>, rows: &mut [Vector3<T>]) -> Matrix<T> {
    let mut out = *m;
    for i in 0..3 {
        for j in 0..3 {
            out[i][j] = m[j][i];
        }
        rows[i] = m[i];
    }
    out
}

fn identity<T: Float>() -> Quaternion<T> {
    (T::one(), [T::zero(); 3])
}

#[jit]
fn turned<T: Float>(q: Quaternion<T>, axis: usize) -> Quaternion<T> {
    let (q0, [q1, q2, q3]): Quaternion<T>;
    let two = f(2.0);
    if axis == 0 {
        q0 = q.0 * two;
        [q1, q2, q3] = q.1;
    } else {
        (q0, [q3, q1, q2]) = q;
    }
    if q0 > T::one() {
        return identity();
    }
    (q0 - two, [q1, q2, third(q3, two)])
}

#[jit]
fn moved<T: Float>(pose: &mut Pose<T>, by: Pose<T>) -> Quaternion<T> {
    pose.turn = product(pose.turn, by.turn);
    pose.at = cross(pose.at, by.at);
    pose.turn
}

#[test]
fn aliases_in_generic_functions_agree() {
    let (a, b) = ([1.0, 2.5, -3.0], [0.5, f64::NAN, 1e300]);
    both!(cross::<f64>(a, b));
    both!(cross::<f32>([1.0, 2.0, 3.0], [-1.0, 0.25, 7.0]));
    both!(product::<f64>((2.0, a), (0.5, b)));
    both!(product::<f32>((2.0, [1.0; 3]), (0.5, [2.0; 3])));
    for n in 0..4 {
        both!(
            transposed::<u16>(&[[1, 2, 3], [4, 5, 6], [7, 8, 9]], &mut rows[..n]),
            rows = [[0_u16; 3]; 4]
        );
    }
    for axis in 0..5 {
        both!(turned::<f64>((1.5, a), axis));
        both!(turned::<f32>((0.5, [1.0, -2.0, f32::NAN]), axis));
    }
    let by = Pose {
        at: [3.0, 2.0, 1.0_f64],
        turn: (1.5, [0.0, -0.0, 4.0]),
    };
    both!(moved::<f64>(&mut pose, by), pose = by);
}

// Names that lints would change.

#[allow(non_upper_case_globals)]
const n_terms: usize = 4;
#[allow(non_upper_case_globals)]
static weights: [f64; n_terms] = [1.0, 0.5, 0.25, 0.125];

#[jit]
#[allow(non_snake_case)]
fn series<F: Float>(x: F) -> F {
    let TWO: F = F::one() + F::one();
    let (S1, mut Total) = (x * TWO, F::zero());
    for (K, _) in [(S1, 0), (TWO, 1)] {
        Total = Total + K;
    }
    let [P, .., Q] = [S1, TWO, Total];
    Total * P - Q
}

#[jit]
fn weighted(x: f64) -> f64 {
    let mut powers: [f64; n_terms] = [1.0; n_terms];
    for i in 1..n_terms {
        powers[i] = powers[i - 1] * x;
    }
    let mut sum = n_terms as f64;
    for i in 0..weights.len() {
        sum += weights[i] * powers[i];
    }
    sum
}

#[test]
fn names_of_any_case_agree() {
    for x in [0.0, 1.5, -7.25, f64::INFINITY] {
        both!(series::<f64>(x));
        both!(series::<f32>(x as f32));
        both!(weighted(x));
    }
}

// Calls whose place alone tells what they are.

#[jit]
fn f<F: Float>(x: f64) -> F {
    F::from(x).unwrap()
}

fn outside<F: Float>(x: f64) -> F {
    F::from(x * 2.0).unwrap()
}

struct Ease;

trait Easing<F: Float> {
    fn ease_in(t: F, b: F, c: F, d: F) -> F;
    fn ease_out(t: F, b: F, c: F, d: F) -> F;
}

#[jit]
impl<F: Float> Easing<F> for Ease {
    fn ease_in(t: F, b: F, c: F, d: F) -> F {
        let t = t / d;
        -c * ((F::one() - t * t).sqrt() - f(1.0)) + b
    }

    fn ease_out(t: F, b: F, c: F, d: F) -> F {
        let t = t / (d / f(2.0));
        if t < f(1.0) {
            c / outside(2.0) * t * t + b
        } else {
            let t = t - f(1.0);
            let s: F = f(1.70158);
            -c / f(2.0) * (t * (t - f(2.0)) - s * f(1.0)) + b
        }
    }
}

#[jit]
fn blend<F: Float>(x: F, y: F) -> F {
    let mut sum = x.max(f(0.25)) + y.powf(outside(0.5));
    sum = sum - f(3.0);
    if sum > f(10.0) {
        return f(10.5);
    }
    let half = third(f(1.5), sum);
    half + x
}

#[jit]
fn third<F: Float>(x: F, y: F) -> F {
    x * y / f(3.0)
}

#[jit]
fn scaled(x: f32) -> f64 {
    let y: f64 = f(1.25);
    let z: f32 = f(0.1);
    y * (x * z) as f64
}

#[test]
fn calls_of_which_the_place_tells_agree() {
    for x in [0.0, 0.4, 1.0, 3.5, -2.0, 1e9, f64::NAN] {
        both!(blend::<f64>(x, 0.75));
        both!(blend::<f32>(x as f32, 4.0));
        both!(scaled(x as f32));
        let all = |x: f64| {
            (
                Ease::ease_in(x, 1.0, 2.0, 4.0),
                Ease::ease_out(x as f32, 1.0, 2.0, 4.0),
            )
        };
        compare(
            (),
            |()| format!("{:?}", all(x)).into_bytes(),
            |()| format!("{:?}", hotloop::disabled(|| all(x))).into_bytes(),
        );
    }
}

// Traits that have methods of the same names.

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Line(f64, f64);

trait Direct<T> {
    fn direct(&self, x: f64) -> T;
}

#[jit]
impl Direct<f64> for Line {
    fn direct(&self, x: f64) -> f64 {
        self.0 * x + self.1
    }
}

#[jit]
impl Direct<(f64, f64)> for Line {
    fn direct(&self, x: f64) -> (f64, f64) {
        (self.0 * x, self.1 - x)
    }
}

trait Size {
    fn size(&self) -> f64;
}

trait Extent {
    fn size(&self) -> f64;
    fn least() -> f64;
}

#[jit]
impl Size for Line {
    fn size(&self) -> f64 {
        self.0.abs()
    }
}

#[jit]
impl Extent for Line {
    fn size(&self) -> f64 {
        self.1.abs() + 1.0
    }

    fn least() -> f64 {
        1.0
    }
}

#[jit]
fn extents(lines: &[Line]) -> f64 {
    let mut sum = Line::least();
    for line in lines {
        sum += line.0;
        sum += line.1;
    }
    sum
}

#[test]
fn traits_with_methods_of_the_same_names_agree() {
    let line = Line(-2.5, 3.0);
    let all = |x: f64| -> (f64, (f64, f64), f64, f64) {
        (
            line.direct(x),
            line.direct(x),
            Size::size(&line),
            Extent::size(&line),
        )
    };
    for x in [0.0, 2.0, f64::INFINITY] {
        assert_eq!(
            format!("{:?}", all(x)),
            format!("{:?}", hotloop::disabled(|| all(x)))
        );
    }
    let lines = [line, Line(1.0, 0.5)];
    assert_eq!(extents(&lines), extents::plain(&lines));
}

// Macros that declare variables.

macro_rules! constants {
    ($t:ty; $($name:ident = $value:expr),+) => { $(let $name: $t = f($value as f64);)+ };
}

macro_rules! counter {
    ($name:ident, $by:expr) => {
        let mut $name = 1_u32;
        $name += $by;
    };
}

#[jit]
fn bounce<F: Float>(t: F, c: F) -> F {
    constants!(F; _1 = 1, _1_5 = 1.5, _2 = 2, _2_25 = 2.25, _7 = 7.5625);
    let t = t / c;
    if t < _1 / f(2.75) {
        c * (_7 * t * t)
    } else {
        let t = t - _1_5 / _2;
        c * (_7 * t * t + _2_25)
    }
}

#[jit]
fn counted(n: u32, xs: &mut [u32]) -> u32 {
    counter!(k, n);
    for x in xs.iter_mut() {
        counter!(j, n);
        *x = j;
        k += *x;
    }
    constants!(f64; half = 0.5);
    (k as f64 * half) as u32
}

#[test]
fn macros_that_declare_variables_agree() {
    for t in [0.0, 0.3, 1.0, 2.5, f64::NAN] {
        both!(bounce::<f64>(t, 1.25));
        both!(bounce::<f32>(t as f32, 3.0));
    }
    for n in 0..4 {
        both!(counted(n as u32, &mut xs[..n]), xs = [0_u32; 4]);
    }
    both!(counted(u32::MAX, &mut xs[..]), xs = [0_u32; 1]);
}
