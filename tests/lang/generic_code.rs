//! What generic code needs of rustc: constants and functions of a user's trait, struct literals without arguments, generic functions inside
//! of functions.

use hotloop::{JitType, jit};

trait Real: Copy + std::ops::Add<Output = Self> + std::ops::Mul<Output = Self> + PartialOrd {
    const ZERO: Self;
    const STEPS: usize;
    fn from_f64(x: f64) -> Self;
    fn root(self) -> Self;
}

impl Real for f64 {
    const ZERO: f64 = 0.0;
    const STEPS: usize = 3;
    fn from_f64(x: f64) -> f64 {
        x
    }
    fn root(self) -> f64 {
        self.sqrt()
    }
}

impl Real for f32 {
    const ZERO: f32 = 0.0;
    const STEPS: usize = 5;
    fn from_f64(x: f64) -> f32 {
        x as f32
    }
    fn root(self) -> f32 {
        self.sqrt()
    }
}

#[derive(JitType, Clone, Copy, Debug, PartialEq)]
struct Point<T> {
    x: T,
    y: T,
}

#[derive(JitType, Clone, Copy, Debug, PartialEq)]
struct Pair<A, B>(A, B);

#[derive(JitType, Clone, Copy, Debug, PartialEq)]
struct Plain {
    n: usize,
    w: f32,
    p: Point<f64>,
    a: [u8; 2],
}

impl crate::harness::Same for Point<f64> {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[jit]
fn half_of_squares<T: Real>(a: &[T]) -> T {
    let mut s = T::ZERO;
    for x in a {
        s = s + *x * *x * T::from_f64(0.5);
    }
    s
}

#[jit]
fn norm<T: Real>(a: &[T]) -> T {
    let mut s: T = T::ZERO;
    for x in a {
        s = s + *x * *x;
    }
    T::root(s)
}

#[jit]
fn qualified<T: Real>(a: &[T]) -> T {
    let mut s = <T as Real>::ZERO;
    for x in a {
        s = s + <T as Real>::from_f64(0.5) * *x;
    }
    s
}

#[jit]
fn first_steps<T: Real>(a: &[T]) -> T {
    let half = T::from_f64(0.25);
    let mut s = a[0];
    for i in 0..T::STEPS {
        if a[i] > T::ZERO {
            s = s + a[i] * half;
        }
    }
    s
}

#[jit]
fn made(a: f64, b: f64) -> Point<f64> {
    Point { x: a, y: b }
}

#[jit]
fn taken_apart(a: f64, b: f64) -> f64 {
    let p = Point { x: a, y: b };
    let Point { x, y } = p;
    x + p.y * y
}

#[jit]
fn of_parameter<T: Copy + std::ops::Add<Output = T>>(a: T, b: T) -> T {
    let p = Point { x: a, y: b };
    p.x + p.y
}

#[jit]
fn pairs(a: i16) -> i16 {
    let p = Pair(a, 2.5);
    let q = Pair(1, true);
    if q.1 {
        p.0 + p.1 as i16 + q.0 as i16
    } else {
        0
    }
}

#[jit]
fn from_base(p: Point<f64>) -> Point<f64> {
    let q = Point { x: 1.5, ..p };
    Point { y: q.x, x: q.y }
}

#[jit]
fn plain(k: usize) -> f32 {
    let p = Plain {
        n: 3,
        w: 1.5,
        p: Point { x: 1.0, y: 2.0 },
        a: [1, 2],
    };
    let q = Plain { n: k, ..p };
    (p.n + q.n) as f32 + q.w * q.p.y as f32 + f32::from(q.a[1])
}

#[jit]
fn in_a_loop(a: &[f64]) -> f64 {
    let mut s = Point { x: 0.0, y: 0.0 };
    for v in a {
        s = Point {
            x: s.x + v,
            y: f64::max(s.y, *v),
        };
    }
    s.x * s.y
}

#[jit]
fn twice_of_two_types(a: i32, b: f64) -> f64 {
    fn twice<T: Copy + std::ops::Add<Output = T>>(x: T) -> T {
        x + x
    }
    twice(a) as f64 + twice(b)
}

#[jit]
fn least_of_two_types(a: &[f64], b: &[i32]) -> f64 {
    fn least<T: PartialOrd + Copy>(a: &[T]) -> T {
        let mut m = a[0];
        for &x in a {
            if x < m {
                m = x;
            }
        }
        m
    }
    least(a) + least(b) as f64
}

#[test]
fn traits_of_the_user_s_agree() {
    let a = vec![0.5, 2.0, -1.5, 4.0, 7.0];
    let b: Vec<f32> = a.iter().map(|x| *x as f32).collect();
    agree!(half_of_squares::<f64>(&a));
    agree!(half_of_squares::<f32>(&b));
    agree!(norm::<f64>(&a));
    agree!(qualified::<f32>(&b));
    agree!(qualified::<f64>(&vec![]));
    agree!(first_steps::<f64>(&a));
    agree!(first_steps::<f32>(&b));
    agree!(first_steps::<f32>(&vec![1.0]));
}

#[test]
fn literals_of_generic_structs_agree() {
    agree!(made(1.0, 2.0));
    agree!(taken_apart(1.0, 2.0));
    agree!(of_parameter::<f64>(1.0, 2.0));
    agree!(of_parameter::<i8>(100, 20));
    agree!(of_parameter::<i8>(100, 120));
    agree!(pairs(7));
    agree!(from_base(Point { x: 3.0, y: 4.0 }));
    agree!(plain(9));
    agree!(in_a_loop(&vec![1.0, 5.0, -2.0]));
}

#[test]
fn generic_functions_inside_agree() {
    agree!(twice_of_two_types(3, 1.5));
    agree!(twice_of_two_types(i32::MAX, 1.5));
    agree!(least_of_two_types(&vec![2.0, 1.5], &vec![3, -4]));
    agree!(least_of_two_types(&vec![2.0, 1.5], &vec![]));
}

// Conversions as `Option`s.

#[jit]
fn mean_of<T: num_traits::Float + num_traits::FromPrimitive>(x: &[T]) -> Option<T> {
    let n = T::from_usize(x.len())?;
    let sum = x.iter().fold(T::zero(), |sum, v| sum + *v);
    (!x.is_empty()).then_some(sum / n)
}

#[jit]
fn narrowed<T: num_traits::PrimInt, U: num_traits::PrimInt>(from: &[T], to: &mut [U]) -> i64 {
    let mut failed = 0;
    for (f, t) in from.iter().zip(to.iter_mut()) {
        *t = num_traits::NumCast::from(*f).unwrap_or_else(|| {
            failed += 1;
            U::zero()
        });
    }
    let first = from.first().and_then(|x| x.to_i8());
    let last = match from.last().map(|x| <u8 as num_traits::NumCast>::from(*x)) {
        Some(Some(x)) => i64::from(x),
        Some(None) => -1,
        None => -2,
    };
    failed * 1000 + last + first.map_or(500, i64::from)
}

#[jit]
fn of_floats(x: f64) -> (Option<i32>, Option<u64>, Option<f32>) {
    use num_traits::ToPrimitive;
    (x.to_i32(), x.to_u64(), x.to_f32())
}

#[test]
fn conversions_are_options() {
    agree!(mean_of::<f32>(&vec![1.0, 2.5]));
    agree!(mean_of::<f64>(&vec![]));
    for from in [
        vec![],
        vec![3i64, -200, 127, 255],
        vec![i64::MAX, i64::MIN],
        vec![-1],
    ] {
        agree!(narrowed::<i64, u8>(&from, &mut vec![9u8; 4]));
        agree!(narrowed::<i64, i128>(&from, &mut vec![9i128; 4]));
        let unsigned: Vec<u64> = from.iter().map(|x| *x as u64).collect();
        agree!(narrowed::<u64, i16>(&unsigned, &mut vec![9i16; 3]));
    }
    for x in [
        0.0,
        -0.9,
        -1.0,
        2147483647.5,
        2147483648.0,
        1e300,
        f64::NAN,
        f64::INFINITY,
        1.8446744073709552e19,
    ] {
        agree!(of_floats(x));
    }
}

// Arrays of a parameter's length.

#[jit]
fn sum_of(values: &[f64]) -> f64 {
    values.iter().sum()
}

#[jit]
fn first_of<T: Copy, const N: usize>(values: &[T; N]) -> T {
    values[0]
}

#[jit]
fn passed_on<const N: usize>(x: [f64; N], y: [f32; N]) -> f64 {
    let doubled = x.map(|v| v * 2.0);
    sum_of(&x) + sum_of(&doubled) + sum_of(&x[1..]) + f64::from(first_of(&y)) + first_of(&doubled)
}

#[derive(Clone, Copy, Debug, JitType)]
struct Grid<const R: usize, const C: usize>([[f64; C]; R]);

#[jit]
impl<const R: usize, const C: usize> Grid<R, C> {
    fn transposed(&self) -> Grid<C, R> {
        let mut out = [[0.0; R]; C];
        for (i, row) in self.0.iter().enumerate() {
            for (j, x) in row.iter().enumerate() {
                out[j][i] = *x;
            }
        }
        Grid(out)
    }
    fn corner(&self) -> f64 {
        self.0[R - 1][C - 1] + sum_of(&self.0[0])
    }
}

#[jit]
fn corner_of(a: f64, b: f64) -> f64 {
    let grid = Grid([[a, b, 3.0], [4.0, 5.0, 6.5]]);
    grid.transposed().corner() - grid.corner()
}

#[test]
fn arrays_of_a_parameter_s_length_are_passed_on() {
    agree!(passed_on([1.0, 2.5, -4.0], [0.5, 1.0, 2.0]));
    agree!(passed_on([7.0], [0.25]));
    agree!(corner_of(1.0, 2.5));
}
