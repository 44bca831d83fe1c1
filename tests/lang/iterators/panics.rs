//! Where pipelines panic, and what they have done before.

use hotloop::jit;

#[jit]
fn sum_by_reference(a: &[i32]) -> i32 {
    a.iter().sum()
}

#[jit]
fn sum_by_value(a: &[u8]) -> u8 {
    let doubled = a.iter().map(|x| x / 2);
    doubled.sum::<u8>()
}

#[jit]
fn product(a: &[i64]) -> (i64, i64) {
    (
        a.iter().filter(|x| **x < 0).product(),
        a.iter().copied().product(),
    )
}

#[jit]
fn generic_sum<T: num_traits::PrimInt + std::iter::Sum>(a: &[T]) -> T {
    a.iter().copied().sum()
}

#[jit]
fn folds(a: &[i32]) -> i32 {
    a.iter().fold(0, |acc, x| acc * 10 + x)
}

#[jit]
fn in_a_closure(a: &[u32], k: u32) -> u32 {
    a.iter().map(|x| x - k).max().unwrap_or(0)
}

#[jit]
fn unwraps(a: &[f64]) -> f64 {
    let top = a.iter().copied().max_by(|x, y| x.partial_cmp(y).unwrap());
    top.expect("no values")
}

#[jit]
fn in_order(a: &[i32], b: &mut [i32]) -> i32 {
    let mut s = 0;
    for x in (0..5).map(|i| a[i]).filter(|x| *x > 0) {
        b[x as usize] += 1;
        s += x;
    }
    s
}

#[jit]
fn of_a_window(a: &[f64]) -> f64 {
    a.windows(2).map(|w| w[1] - w[2]).sum()
}

#[jit]
fn of_a_chunk(a: &[f64]) -> f64 {
    let mut s = 0.0;
    for c in a.chunks(2) {
        s += c[1];
    }
    s
}

#[jit]
fn no_steps(a: &[i32], n: usize) -> i32 {
    a.iter().map(|x| x * 2).step_by(n).sum()
}

#[jit]
fn no_windows(a: &[i32], n: usize) -> usize {
    a.windows(n).count()
}

#[jit]
fn no_chunks(a: &mut [i32], n: usize) {
    for c in a.chunks_mut(n) {
        c[0] += 1;
    }
}

#[jit]
fn no_exact_chunks(a: &mut [i32], n: usize) {
    a.chunks_exact_mut(n).for_each(|c| c[0] += 1);
}

#[test]
fn sums_panic_inside_of_std() {
    let (a, b) = (vec![i32::MAX, 1], vec![i32::MIN, -1, 5]);
    agree!(sum_by_reference(&a));
    agree!(sum_by_reference(&b));
    agree!(generic_sum::<i32>(&a));
    let c = vec![200u8; 4];
    agree!(sum_by_value(&c));
    agree!(generic_sum::<u8>(&c));
    for d in [vec![i64::MIN, -1], vec![i64::MAX, 2], vec![3, 4]] {
        agree!(product(&d));
    }
}

#[test]
fn closures_panic_at_their_tokens() {
    let digits = vec![9; 12];
    agree!(folds(&digits));
    let (some, none, nan) = (vec![5u32, 2], Vec::new(), vec![1.0, f64::NAN]);
    agree!(in_a_closure(&some, 2));
    agree!(in_a_closure(&some, 3));
    agree!(unwraps(&none));
    agree!(unwraps(&nan));
}

#[test]
fn indices_panic_in_order() {
    for a in [vec![1, 1, 1, 1, 1], vec![1, 1, 3, 1, 1], vec![0, 1]] {
        let b = vec![0, 0];
        agree!(in_order(&a, &mut b));
    }
    for n in 0..5 {
        let a = vec![1.0; n];
        agree!(of_a_window(&a));
        agree!(of_a_chunk(&a));
    }
}

#[test]
fn sizes_of_zero() {
    for n in [0, 1, 2] {
        for a in [vec![], vec![3, 4, 5]] {
            agree!(no_steps(&a, n));
            agree!(no_windows(&a, n));
            agree!(no_chunks(&mut a, n));
            agree!(no_exact_chunks(&mut a, n));
        }
    }
}
