//! Consumers that end at the first `None` or `Err`; `Option`s as iterators.

use hotloop::jit;

#[jit]
fn fold_results(a: &[i32]) -> Result<i32, i32> {
    a.iter()
        .try_fold(0i32, |s, x| if *x < 0 { Err(*x) } else { Ok(s + x) })
}

#[jit]
fn fold_options(a: &[i32]) -> Option<i32> {
    a.iter().try_fold(0i32, |s, x| s.checked_add(*x))
}

#[jit]
fn each_result(a: &[i32], out: &mut [i32]) -> Result<(), usize> {
    a.iter().enumerate().try_for_each(|(i, x)| {
        if *x < 0 {
            return Err(i);
        }
        out[i] = *x;
        Ok(())
    })
}

#[jit]
fn question_mark(a: &[i32]) -> Result<i32, i32> {
    let s = a
        .iter()
        .try_fold(0i32, |s, x| if *x < 0 { Err(*x) } else { Ok(s + x) })?;
    Ok(s * 2)
}

#[jit]
fn from_the_end(a: &[i32]) -> Option<i32> {
    a.iter()
        .try_rfold(0i32, |s, x| s.checked_mul(2)?.checked_add(*x))
}

#[jit]
fn sum_options(a: &[i32]) -> Option<i32> {
    a.iter().map(|x| x.checked_mul(1000000)).sum()
}

#[jit]
fn sum_results(a: &[f64]) -> Result<f64, usize> {
    a.iter()
        .enumerate()
        .map(|(i, x)| if *x < 0.0 { Err(i) } else { Ok(*x) })
        .sum::<Result<f64, usize>>()
}

#[jit]
fn product_options(a: &[i32]) -> Option<i32> {
    a.iter()
        .map(|x| if *x == 0 { None } else { Some(*x % 3 + 1) })
        .product::<Option<i32>>()
}

#[jit]
fn chained_option(x: Option<i32>, a: &[i32]) -> i32 {
    x.iter().sum::<i32>() + a.iter().copied().chain(x).sum::<i32>()
}

#[jit]
#[allow(for_loops_over_fallibles)] // What is tested.
fn loop_over_option(x: Option<i32>) -> i32 {
    let mut s = 0;
    for v in x {
        s += v;
    }
    s
}

#[jit]
#[allow(for_loops_over_fallibles)] // What is tested.
fn loop_over_reference(x: Option<i32>) -> i32 {
    let mut s = 1;
    for v in &x {
        s += *v;
    }
    s + x.iter().copied().sum::<i32>()
}

#[jit]
fn from_the_back(a: &[i32], k: usize) -> i32 {
    let mut it = a.iter();
    let x = it.nth_back(k).copied().unwrap_or(-1);
    x * 10 + it.len() as i32 + a.iter().map(|x| x * 2).nth_back(k).unwrap_or(5)
}

#[jit]
fn rest(a: &[i32]) -> usize {
    let mut it = a.iter();
    it.next();
    it.as_slice().len()
}

#[test]
fn tries_agree() {
    for a in [
        vec![],
        vec![3],
        vec![-1, 2],
        vec![1, 2, 3],
        vec![3, 2, 0, 7, -5, 2, 2, 9],
        vec![2000, 3000, i32::MAX],
    ] {
        agree!(fold_results(&a));
        agree!(fold_options(&a));
        agree!(from_the_end(&a));
        agree!(question_mark(&a));
        agree!(each_result(&a, &mut vec![0; 10]));
        agree!(each_result(&a, &mut vec![0; 2]));
        agree!(sum_options(&a));
        agree!(product_options(&a));
        let floats: Vec<f64> = a.iter().map(|x| f64::from(*x)).collect();
        agree!(sum_results(&floats));
        agree!(rest(&a));
        for k in [0, 1, 9] {
            agree!(from_the_back(&a, k));
        }
    }
}

#[test]
fn options_are_iterators() {
    for x in [Some(4), None] {
        agree!(loop_over_option(x));
        agree!(chained_option(x, &vec![1, 2]));
        assert_eq!(loop_over_reference(x), loop_over_reference::plain(x));
    }
}
