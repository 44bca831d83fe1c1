//! Iterators and tuples that are compared, and whether items are in order.

use std::cmp::Ordering;

use hotloop::jit;

#[jit]
fn integers(a: &[i32], b: &[i32]) -> (bool, bool, bool, bool, Ordering) {
    (
        a.iter().eq(b),
        a.iter().lt(b.iter()),
        a.iter().ge(b.iter()),
        a.iter().ne(b.iter()),
        a.iter().cmp(b),
    )
}

#[jit]
fn floats_of(a: &[f64], b: &[f64]) -> (Option<Ordering>, bool, bool) {
    (a.iter().partial_cmp(b), a.iter().le(b), a.iter().gt(b))
}

#[jit]
fn pairs(a: &[(i32, i32)], b: &[(i32, i32)]) -> (Ordering, bool, bool) {
    (a.iter().cmp(b), a.iter().lt(b.iter()), a.iter().eq(b))
}

#[jit]
fn tuples_of_floats(a: (i32, f64), b: (i32, f64)) -> Option<Ordering> {
    a.partial_cmp(&b)
}

#[jit]
fn tuples(a: (i32, u8), b: (i32, u8)) -> (Ordering, bool) {
    (a.cmp(&b), a < b)
}

#[jit]
fn slices(a: &[f64]) -> (bool, bool, bool) {
    (
        a.is_sorted(),
        a.is_sorted_by(|x, y| x >= y),
        a.is_sorted_by_key(|x| x.abs()),
    )
}

#[jit]
fn iterators(a: &[f64]) -> (bool, bool, bool) {
    (
        a.iter().is_sorted(),
        a.iter().is_sorted_by(|x, y| x <= y),
        a.iter().map(|x| x * 2.0).is_sorted_by_key(|x| x.abs()),
    )
}

#[jit]
fn extremes(a: &[f64]) -> (f64, f64) {
    (
        a.iter()
            .copied()
            .min_by(|x, y| x.partial_cmp(y).unwrap())
            .unwrap_or(0.0),
        *a.iter().max_by(|x, y| x.total_cmp(y)).unwrap_or(&1.0),
    )
}

#[jit]
fn least(a: &[f64]) -> f64 {
    let m = a.iter().copied().min_by(f64::total_cmp);
    m.unwrap_or(9.0)
}

#[jit]
fn position_of_greatest(a: &[f64]) -> usize {
    a.iter()
        .enumerate()
        .max_by(|(_, x), (_, y)| x.total_cmp(y))
        .map(|(i, _)| i)
        .unwrap_or(99)
}

#[jit]
fn by_key(a: &[i32]) -> (i32, i32) {
    (
        *a.iter().min_by_key(|x| (**x - 3).abs()).unwrap_or(&0),
        *a.iter().max_by_key(|&&x| (x % 3, x)).unwrap_or(&0),
    )
}

#[jit]
fn of_least(a: &[(f64, i32)]) -> i32 {
    a.iter()
        .min_by(|x, y| x.0.partial_cmp(&y.0).unwrap())
        .map_or(-1, |p| p.1)
}

#[test]
fn comparisons_agree() {
    let slices = [
        vec![],
        vec![3],
        vec![1, 2, 3],
        vec![1, 2, 4],
        vec![3, 2, 0, 7],
        vec![3, 2, 0, 7, 1],
    ];
    for a in &slices {
        for b in &slices {
            let floats = |slice: &[i32]| -> Vec<f64> {
                let number = |x: &i32| {
                    if *x == 4 {
                        f64::NAN
                    } else {
                        f64::from(*x) * 0.5
                    }
                };
                slice.iter().map(number).collect()
            };
            let halves =
                |slice: &[i32]| -> Vec<(i32, i32)> { slice.iter().map(|x| (x / 2, *x)).collect() };
            let (f, g) = (floats(a), floats(b));
            let (p, q) = (halves(a), halves(b));
            assert_eq!(integers(a, b), integers::plain(a, b));
            assert_eq!(floats_of(&f, &g), floats_of::plain(&f, &g));
            assert_eq!(pairs(&p, &q), pairs::plain(&p, &q));
        }
    }
    for y in [f64::NAN, 1.0, 2.0, 3.0] {
        for x in [0, 1, 2] {
            let (a, b) = ((1, 2.0), (x, y));
            assert_eq!(tuples_of_floats(a, b), tuples_of_floats::plain(a, b));
            let (a, b) = ((1, 2), (x, y as u8));
            assert_eq!(tuples(a, b), tuples::plain(a, b));
        }
    }
    assert!(!integers::specializations().is_empty());
    assert!(!floats_of::specializations().is_empty());
    assert!(!pairs::specializations().is_empty());
    assert!(!tuples_of_floats::specializations().is_empty());
    assert!(!tuples::specializations().is_empty());
}

#[test]
fn orders_agree() {
    for a in [
        vec![],
        vec![2.0],
        vec![1.0, 1.0, 3.0],
        vec![3.0, 2.0, 2.0, -1.0],
        vec![-1.0, f64::NAN, 3.0],
        vec![0.5, -0.75, 1.0, 0.0],
    ] {
        agree!(slices(&a));
        agree!(iterators(&a));
        agree!(extremes(&a));
        agree!(least(&a));
        agree!(position_of_greatest(&a));
        let pairs: Vec<(f64, i32)> = a.iter().copied().zip(0..).collect();
        agree!(of_least(&pairs));
        agree!(by_key(&a.iter().map(|x| *x as i32).collect::<Vec<_>>()));
    }
}
