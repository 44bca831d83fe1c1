//! Closures that are bound and called, and functions by their names.

use super::agrees;

agrees! {
    fn called(x: f64, y: f64) -> f64 {
        let f = |a: f64, b| a * b + x;
        let g = |a: f64| -> f64 { if a > 0.0 { return f(a, 2.0); } f(a, y) };
        g(x) + g(-y) + f(1.0, 2.0)
    } for (1.0, 2.0) (-3.0, 0.5)

    fn captures(a: &mut [f64], n: usize) -> f64 {
        let idx = |i: usize, j: usize| i * 2 + j;
        let mut count = 0;
        let mut bump = || { count += 1; count };
        bump();
        bump();
        for i in 0..n { a[idx(i, 1)] = 3.0; }
        let at = |i: usize| a[i];
        at(0) + count as f64
    } for (&mut [1.0, 2.0, 3.0, 4.0], 2) (&mut [1.0, 2.0, 3.0, 4.0], 3)

    fn moved(n: i32) -> (i32, i32, i32) {
        let mut x = n;
        let mut f = move || { x += 1; x };
        let a = f();
        let b = f();
        x += 10;
        (a, b, x)
    } for (5)

    fn closures_call_closures(x: f64) -> f64 {
        let square = |v: f64| v * v;
        let twice = |v: f64| square(square(v));
        let apply = |v: f64, k: usize| { let mut r = v; for _ in 0..k { r = twice(r) * 0.5; } r };
        apply(x, 3)
    } for (0.5) (1.1)

    fn paths(a: &[f64]) -> (f64, f64, f64) {
        let s = a.iter().copied().map(f64::sqrt).sum();
        let m = a.iter().copied().fold(0.0, f64::max);
        (s, m, a.iter().map(|x| *x as f32).map(f64::from).sum())
    } for (&[]) (&[1.0, 4.0, 2.5])

    fn items(x: f64) -> f64 {
        const K: f64 = 2.0;
        fn helper(v: f64) -> f64 { if v < 0.0 { return other(-v); } v * K }
        fn other(v: f64) -> f64 { v + 1.0 }
        helper(x) + [x, -x].iter().map(|v| helper(*v)).sum::<f64>()
    } for (1.5) (-2.0)

    fn options(x: i32, y: i32) -> (i32, Option<i32>, i32, i32) {
        let o = x.checked_div(y);
        let a = o.map(|v| v + 1).unwrap_or(-1);
        let b = o.and_then(|v| v.checked_sub(1)).filter(|v| *v > 0);
        let c = o.unwrap_or_else(|| x * 2);
        (a, b, c, (x > y).then(|| x - y).map_or(0, |v| v * 3))
    } for (7, 2) (7, 0) (1, 3)

    fn patterns(a: &[f64]) -> f64 {
        let f = |(x, y): (f64, f64), [p, q]: [f64; 2]| x * y + p - q;
        let g = |&x: &f64, k: &f64| x * *k;
        a.iter().map(|x| g(x, &2.0)).sum::<f64>() + f((1.0, 2.0), [3.0, 4.5])
    } for (&[1.0, 2.0])

    fn early_return(a: &[i32]) -> i32 {
        let check = |x: i32| { if x < 0 { return 0; } for y in a { if *y > x { return *y; } } x };
        check(1) + check(-1) + check(100)
    } for (&[1, 2, 3]) (&[])

    fn returns_from_the_function(a: &[i32]) -> i32 {
        for (i, x) in a.iter().filter(|x| **x != 5).enumerate() { if *x == 3 { return i as i32; } }
        -1
    } for (&[1, 5, 3]) (&[])
}
