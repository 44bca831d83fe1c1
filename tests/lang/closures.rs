//! Closures: bound, called, given to methods; functions by their names.

use hotloop::jit;
use num_traits::Float;

#[jit]
fn called(x: f64, y: f64) -> f64 {
    let f = |a: f64, b| a * b + x;
    let g = |a: f64| -> f64 {
        if a > 0.0 {
            return f(a, 2.0);
        }
        f(a, y)
    };
    g(x) + g(-y) + f(1.0, 2.0)
}

#[jit]
fn by_reference(a: &mut [f64], n: usize) -> (f64, i32) {
    let index = |i: usize, j: usize| i * 2 + j;
    let mut count = 0;
    let mut bump = || {
        count += 1;
        count
    };
    bump();
    bump();
    for i in 0..n {
        a[index(i, 1)] = 3.0;
    }
    let mut set = |i: usize, x: f64| a[i] += x;
    set(0, 1.0);
    set(1, -1.0);
    let at = |i: usize| a[i];
    (at(0) + at(1), count)
}

#[jit]
fn moved(n: i32) -> (i32, i32, i32) {
    let mut x = n;
    let mut f = move || {
        x += 1;
        x
    };
    let a = f();
    let b = f();
    x += 10;
    (a, b, x)
}

#[jit]
fn call_each_other(x: f64) -> f64 {
    let square = |v: f64| v * v;
    let twice = |v: f64| square(square(v));
    let apply = |v: f64, k: usize| {
        let mut r = v;
        for _ in 0..k {
            r = twice(r) * 0.5;
        }
        r
    };
    apply(x, 3)
}

#[jit]
fn return_early(a: &[i32]) -> i32 {
    let check = |x: i32| {
        if x < 0 {
            return 0;
        }
        for y in a {
            if *y > x {
                return *y;
            }
        }
        x
    };
    check(1) + check(-1) + check(100)
}

#[jit]
fn patterns(a: &[f64]) -> f64 {
    let f = |(x, y): (f64, f64), [p, q]: [f64; 2]| x * y + p - q;
    let g = |&x: &f64, k: &f64| x * *k;
    a.iter().map(|x| g(x, &2.0)).sum::<f64>() + f((1.0, 2.0), [3.0, 4.5])
}

#[jit]
fn simpson(a: f64, b: f64, n: usize) -> f64 {
    let f = |x: f64| (-x * x).exp() * x.cos();
    let h = (b - a) / n as f64;
    let inner = |i: usize| if i % 2 == 0 { 2.0 } else { 4.0 } * f(a + i as f64 * h);
    (f(a) + f(b) + (1..n).map(inner).sum::<f64>()) * h / 3.0
}

#[jit]
fn by_name(a: &[f64]) -> (f64, f64, f64, i32) {
    (
        a.iter().copied().map(f64::sqrt).sum(),
        a.iter().copied().fold(0.0, f64::max),
        a.iter().map(|x| *x as f32).map(f64::from).sum(),
        a.iter()
            .map(|x| *x as i32)
            .map(i32::abs)
            .max()
            .map_or(0, i32::signum),
    )
}

#[jit]
fn items(x: f64) -> f64 {
    const K: f64 = 2.0;
    fn helper(v: f64) -> f64 {
        if v < 0.0 {
            return other(-v);
        }
        v * K
    }
    fn other(v: f64) -> f64 {
        v + 1.0
    }
    helper(x) + [x, -x].iter().map(|v| helper(*v)).sum::<f64>() + Some(x).map_or(0.0, helper)
}

#[jit]
fn square(x: f64) -> f64 {
    x * x
}

#[jit]
fn other_functions(a: &[f64]) -> f64 {
    a.iter().copied().map(square).sum::<f64>() + a.iter().map(|&x| square(x + 1.0)).sum::<f64>()
}

#[jit]
fn options(x: i32, y: i32) -> (i32, Option<i32>, i32, i32, i32) {
    let o = x.checked_div(y);
    (
        o.map(|v| v + 1).unwrap_or(-1),
        o.and_then(|v| v.checked_sub(1)).filter(|v| *v > 0),
        o.unwrap_or_else(|| x / 2),
        (x > y).then(|| x / 2 - y / 2).map_or(0, |v| v / 3),
        o.map_or_else(|| -5, |v| v / 2),
    )
}

#[jit]
fn option_tests(x: i32, y: i32) -> (bool, bool, Option<i32>, i32) {
    let o = x.checked_rem(y);
    (
        o.is_some_and(|v| v > 1),
        (y == 3).then_some(x).is_some_and(|v| v < 0),
        o.or_else(|| x.checked_add(1)),
        o.or(x.checked_add(1)).unwrap_or_default(),
    )
}

#[jit]
fn results(
    x: i32,
    y: i32,
) -> (
    Result<i32, u8>,
    Result<i32, i64>,
    i32,
    bool,
    Result<i32, i32>,
) {
    let r = x.checked_div(y).ok_or_else(|| (y & 7) as u8);
    (
        r.map(|v| v / 2),
        r.map_err(|e| i64::from(e) + 1),
        r.unwrap_or_else(|e| i32::from(e) - 1),
        r.is_ok_and(|v| v > 0) || r.is_err_and(|e| e == 3),
        r.map_err(|e| i32::from(e))
            .and_then(|v| if v > 0 { Ok(v) } else { Err(v) }),
    )
}

#[jit]
fn generic<T: Float>(a: &[T], k: T) -> (T, T) {
    let f = |x: T| x * k + T::one();
    let mut last = T::zero();
    let mut keep = |x: T| last = x;
    for &x in a {
        keep(f(x));
    }
    (last, a.iter().map(|&x| f(x)).fold(T::zero(), T::max))
}

#[jit]
fn panics(a: &[i32], i: usize) -> i32 {
    let at = |k: usize| a[k] + 1;
    let half = |k: usize| at(k / 2) * at(k);
    half(i)
}

#[test]
fn closures_agree() {
    for (x, y) in [(1.0, 2.0), (-3.0, 0.5), (0.0, f64::NAN)] {
        agree!(called(x, y));
        agree!(call_each_other(x));
        agree!(items(x));
    }
    agree!(simpson(-1.0, 2.0, 10));
    let a = vec![1.0, 2.5, 3.0, 4.0];
    agree!(by_reference(&mut a, 2));
    agree!(by_reference(&mut a, 3));
    agree!(patterns(&a));
    for n in [5, i32::MAX - 1] {
        agree!(moved(n));
    }
    for a in [vec![], vec![1, 2, 3]] {
        agree!(return_early(&a));
    }
}

#[test]
fn functions_agree() {
    for a in [vec![], vec![1.0, 4.0, 2.5], vec![-1.0, -7.0]] {
        agree!(by_name(&a));
        agree!(other_functions(&a));
        agree!(generic::<f64>(&a, 2.0));
        let a: Vec<f32> = a.iter().map(|x| *x as f32).collect();
        agree!(generic::<f32>(&a, -0.5));
    }
}

#[test]
fn options_agree() {
    for x in [7, -8, 0, i32::MIN, i32::MAX] {
        for y in [2, 0, 3, -1, 100] {
            agree!(options(x, y));
            agree!(option_tests(x, y));
            agree!(results(x, y));
        }
    }
}

#[test]
fn panics_agree() {
    let a = vec![1, 2, i32::MAX];
    for i in [0, 1, 2, 3, 9] {
        agree!(panics(&a, i));
    }
}
