//! Operators of user's types whose `impl`s are jitted, wherever the type stands; `Index`; functions that return references.

use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Div, Index, IndexMut, Mul, MulAssign, Neg, Not, Rem, Sub};

use hotloop::{JitType, jit};
use num_traits::Float;

use crate::harness::compare;

#[derive(Clone, Copy, Debug, JitType)]
struct V2 {
    x: f64,
    y: f64,
}

#[jit]
impl Add for V2 {
    type Output = Self;
    fn add(self, other: Self) -> Self::Output {
        V2 {
            x: self.x + other.x,
            y: self.y + other.y,
        }
    }
}

#[jit]
impl<'a> Add<&'a V2> for &'a V2 {
    type Output = V2;
    // Another function than that of values, so that a mistake would be seen.
    fn add(self, other: &'a V2) -> V2 {
        V2 {
            x: self.x + other.x + 0.125,
            y: self.y + other.y,
        }
    }
}

#[jit]
impl Sub<&V2> for V2 {
    type Output = V2;
    fn sub(self, other: &V2) -> V2 {
        V2 {
            x: self.x - other.x,
            y: self.y - other.y,
        }
    }
}

#[jit]
impl Mul<f64> for V2 {
    type Output = V2;
    fn mul(self, by: f64) -> V2 {
        V2 {
            x: self.x * by,
            y: self.y * by,
        }
    }
}

#[jit]
impl Mul<V2> for f64 {
    type Output = V2;
    fn mul(self, v: V2) -> V2 {
        V2 {
            x: self * v.x,
            y: self * v.y,
        }
    }
}

#[jit]
impl Mul for V2 {
    type Output = f64;
    fn mul(self, other: V2) -> f64 {
        self.x * other.x + self.y * other.y
    }
}

#[jit]
impl Neg for &V2 {
    type Output = V2;
    fn neg(self) -> V2 {
        V2 {
            x: -self.x,
            y: -self.y,
        }
    }
}

#[jit]
impl AddAssign for V2 {
    fn add_assign(&mut self, other: V2) {
        self.x += other.x;
        self.y += other.y;
    }
}

#[jit]
impl AddAssign<&V2> for V2 {
    fn add_assign(&mut self, other: &V2) {
        self.x += other.x;
        self.y += other.y * 2.0;
    }
}

#[jit]
impl MulAssign<f64> for V2 {
    fn mul_assign(&mut self, by: f64) {
        *self = *self * by;
    }
}

#[jit]
impl PartialEq for V2 {
    fn eq(&self, other: &V2) -> bool {
        self.x == other.x && (self.y - other.y).abs() < 0.5
    }
}

#[jit]
impl PartialOrd for V2 {
    fn partial_cmp(&self, other: &V2) -> Option<Ordering> {
        self.x.partial_cmp(&other.x)
    }
}

#[jit]
fn arithmetic(x: f64, y: f64) -> (f64, f64, f64) {
    let v = V2 { x, y };
    let w = 2.0 * v + x * (v * 3.0) - &v;
    let sum = &(&v + &w) + &w;
    let mut total = -&sum + v;
    total += w * 0.5;
    total += &v;
    total *= y;
    (total.x, total.y, v * w + 1.0)
}

#[jit]
fn comparisons(a: (f64, f64), b: (f64, f64)) -> (bool, bool, bool, bool, bool, bool) {
    let v = V2 { x: a.0, y: a.1 };
    let w = V2 { x: b.0, y: b.1 };
    (v == w, v != w, v < w, &v <= &w, v > w, v >= w * 1.0)
}

#[jit]
fn sum_of(points: &[V2], weights: &[f64]) -> V2 {
    let mut sum = V2 { x: 0.0, y: 0.0 };
    for (p, w) in points.iter().zip(weights) {
        sum += *w * *p;
        sum += p;
    }
    let rest = points.iter().fold(sum, |a, b| a + *b);
    rest - &points[0]
}

#[jit]
fn runge_kutta(y0: f64, n: usize, h: f64) -> V2 {
    let f = |t: f64, s: V2| V2 {
        x: s.y,
        y: -s.x - 0.1 * t,
    };
    let mut s = V2 { x: y0, y: 0.0 };
    let mut t = 0.0;
    for _ in 0..n {
        let k1 = f(t, s);
        let k2 = f(t + 0.5 * h, s + 0.5 * h * k1);
        let k3 = f(t + 0.5 * h, s + k2 * (0.5 * h));
        let k4 = f(t + h, s + h * k3);
        s += (h / 6.0) * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
        t += h;
    }
    s
}

#[derive(Clone, Copy, Debug, JitType)]
struct Dual<T> {
    value: T,
    slope: T,
}

#[jit]
impl<T: Float> Mul for Dual<T> {
    type Output = Dual<T>;
    fn mul(self, other: Dual<T>) -> Dual<T> {
        Dual {
            value: self.value * other.value,
            slope: self.value * other.slope + self.slope * other.value,
        }
    }
}

#[jit]
impl<T: Float> Mul<T> for Dual<T> {
    type Output = Dual<T>;
    fn mul(self, by: T) -> Dual<T> {
        Dual {
            value: self.value * by,
            slope: self.slope * by,
        }
    }
}

#[jit]
impl Sub<Dual<f64>> for f64 {
    type Output = Dual<f64>;
    fn sub(self, other: Dual<f64>) -> Dual<f64> {
        Dual::<f64> {
            value: self - other.value,
            slope: -other.slope,
        }
    }
}

#[jit]
fn derivative(x: f64) -> (f64, f64) {
    let x = Dual::<f64> {
        value: x,
        slope: 1.0,
    };
    let y = 3.0 - x * x * 0.5;
    (y.value, y.slope)
}

#[derive(Clone, Copy, Debug, JitType)]
struct Matrix<const R: usize, const C: usize> {
    rows: [[f64; C]; R],
}

#[jit]
impl<const R: usize, const C: usize> Index<(usize, usize)> for Matrix<R, C> {
    type Output = f64;
    fn index(&self, (i, j): (usize, usize)) -> &f64 {
        &self.rows[i][j]
    }
}

#[jit]
impl<const R: usize, const C: usize> IndexMut<(usize, usize)> for Matrix<R, C> {
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut f64 {
        &mut self.rows[i][j]
    }
}

#[jit]
impl<const R: usize, const C: usize> Index<usize> for Matrix<R, C> {
    type Output = [f64; C];
    fn index(&self, i: usize) -> &Self::Output {
        &self.rows[i]
    }
}

#[jit]
impl<const R: usize, const C: usize> Matrix<R, C> {
    fn row(&self, i: usize) -> &[f64] {
        &self.rows[i]
    }

    fn row_mut(&mut self, i: usize) -> &mut [f64; C] {
        if i == R {
            return &mut self.rows[0];
        }
        &mut self.rows[i]
    }

    fn get(&self, i: usize, j: usize) -> Option<&f64> {
        if i < R && j < C {
            Some(&self.rows[i][j])
        } else {
            None
        }
    }
}

#[jit]
impl<const N: usize> Mul for Matrix<N, N> {
    type Output = Matrix<N, N>;
    fn mul(self, other: Self) -> Self {
        let mut product = Matrix {
            rows: [[0.0; N]; N],
        };
        for i in 0..N {
            for j in 0..N {
                let mut sum = 0.0;
                for k in 0..N {
                    sum += self[(i, k)] * other[(k, j)];
                }
                product[(i, j)] = sum;
            }
        }
        product
    }
}

#[jit]
fn indexed(a: f64, i: usize, j: usize) -> f64 {
    let mut m = Matrix::<3, 3> {
        rows: [[0.5; 3]; 3],
    };
    for k in 0..3 {
        m[(k, k)] = a + k as f64;
        m[(0, k)] *= 2.0;
    }
    let product = m * m;
    let x = &mut m[(1, 2)];
    *x += 1.0;
    std::mem::swap(&mut m[(0, 0)], &mut 7.5);
    product[(i, j)] + m[i][j] + m[(1, 2)] + m[(0, 0)]
}

#[jit]
fn rows(a: f64, i: usize) -> f64 {
    let mut m = Matrix::<2, 3> {
        rows: [[a, 1.0, 2.0], [3.0, a, 5.0]],
    };
    m.row_mut(i)[1] -= 4.0;
    m.row_mut(0).reverse();
    let mut sum = 0.0;
    for (x, y) in m.row(0).iter().zip(m.row(1)) {
        sum += x * y;
    }
    sum + m.get(i, 2).copied().unwrap_or(100.0) + m.row(1).len() as f64
}

#[jit]
fn larger<'a>(a: &'a [f64], b: &'a [f64]) -> &'a [f64] {
    if a.len() > b.len() { a } else { b }
}

#[jit]
fn of_larger(a: &[f64], b: &[f64], i: usize) -> f64 {
    larger(a, b)[i] + larger(b, a).iter().sum::<f64>()
}

#[derive(Clone, Copy, Debug, JitType)]
struct Fixed(i32);

#[jit]
impl Mul for Fixed {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(((self.0 as i64 * other.0 as i64) >> 16) as i32)
    }
}

#[jit]
impl Div<i32> for Fixed {
    type Output = Self;
    fn div(self, by: i32) -> Self {
        Self(self.0 / by)
    }
}

#[jit]
impl Rem<i32> for Fixed {
    type Output = i32;
    fn rem(self, by: i32) -> i32 {
        self.0 % by
    }
}

#[jit]
impl Not for Fixed {
    type Output = bool;
    fn not(self) -> bool {
        self.0 == 0
    }
}

#[jit]
fn fixed(a: i32, b: i32) -> (i32, i32, bool) {
    let (x, y) = (Fixed(a), Fixed(b));
    ((x * y / 3).0, y / b % 7, !x)
}

fn bits(v: V2) -> (u64, u64) {
    let bits = |x: f64| if x.is_nan() { 1 } else { x.to_bits() };
    (bits(v.x), bits(v.y))
}

#[test]
fn operators_agree() {
    for (x, y) in [(1.5, 2.0), (0.0, -0.0), (f64::MAX, 3.0), (0.1, 0.7)] {
        agree!(arithmetic(x, y));
        agree!(derivative(x));
        for (z, w) in [(1.5, 2.25), (0.0, 1.0), (f64::NAN, 0.7)] {
            agree!(comparisons((x, y), (z, w)));
        }
        let points = [V2 { x, y }, V2 { x: y, y: x }];
        let weights = [0.25, x];
        assert_eq!(
            bits(sum_of(&points, &weights)),
            bits(sum_of::plain(&points, &weights))
        );
        assert_eq!(
            bits(runge_kutta(x, 7, 0.1)),
            bits(runge_kutta::plain(x, 7, 0.1))
        );
    }
    compare(
        ([0.5; 1],),
        |(weights,)| sum_of(&[], &weights[..]).x,
        |(weights,)| sum_of::plain(&[], &weights[..]).x,
    );
    for (a, b) in [(1 << 20, 3 << 15), (0, 1), (i32::MAX, 0), (i32::MIN, -1)] {
        agree!(fixed(a, b));
    }
    assert!(!sum_of::specializations().is_empty());
    assert!(!runge_kutta::specializations().is_empty());
}

#[test]
fn indices_agree() {
    for i in 0..4 {
        for j in 0..4 {
            agree!(indexed(1.5, i, j));
        }
        agree!(rows(0.25, i));
        agree!(of_larger(&vec![1.0, 2.0, 3.0], &vec![0.5], i));
    }
}
