//! `Option` and `Result` as values, parameters and results; `?`.

use hotloop::jit;

#[jit]
fn reciprocal(x: f64) -> Option<f64> {
    if x == 0.0 { None } else { Some(1.0 / x) }
}

#[jit]
fn checked(a: i32, b: i32) -> Option<i32> {
    let product = a.checked_mul(b)?;
    let sum = product.checked_add(a)?;
    sum.checked_rem(b)
}

#[jit]
fn fallible(x: f64) -> Result<f64, i32> {
    let root = if x < 0.0 { Err(-1) } else { Ok(x.sqrt()) };
    let root = root?;
    if root > 100.0 {
        return Err(root as i32);
    }
    Ok(root + 1.0)
}

#[jit]
fn nothing_or_error(n: u32) -> Result<(), u8> {
    if n > 9 {
        return Err(n as u8);
    }
    Ok(())
}

#[jit]
fn methods(x: Option<i32>, y: i32) -> i32 {
    let mut score = 0;
    if x.is_some() {
        score += 1;
    }
    if x.is_none() {
        score += 2;
    }
    score += x.unwrap_or(y) / 3;
    score += x.or(Some(4)).unwrap_or_default() / 5;
    let r: Result<i32, u8> = x.ok_or(3);
    if r.is_err() {
        score += 100;
    }
    score + r.ok().unwrap_or(1) / 7
}

#[jit]
fn best(a: &[f64]) -> Option<(usize, f64)> {
    let mut best: Option<(usize, f64)> = None;
    for i in 0..a.len() {
        match best {
            Some((_, value)) if value >= a[i] => {}
            _ => best = Some((i, a[i])),
        }
    }
    best
}

#[jit]
fn unwrapped(x: u8, y: u8) -> u8 {
    x.checked_sub(y).unwrap()
}

#[jit]
fn expected(x: u8, y: u8) -> u8 {
    x.checked_sub(y).expect("x is larger")
}

#[jit]
fn option_of_tuple(x: i32) -> Option<(i32, bool)> {
    let (value, wrapped) = x.overflowing_add(1 << 30);
    if value > 0 {
        Some((value, wrapped))
    } else {
        None
    }
}

#[jit]
fn combined(a: Option<i32>, b: Option<i32>) -> (Option<i32>, Option<(i32, i32)>, Option<i32>) {
    let nested = if b.is_some() { Some(a) } else { None };
    (a.xor(b), a.zip(b), a.and(b).or(nested.flatten()))
}

#[jit]
fn compared(a: Option<i32>, b: Option<i32>) -> (bool, bool, bool, bool, bool) {
    let r: Result<i32, u8> = a.ok_or(1);
    let s: Result<i32, u8> = b.ok_or(1);
    (
        a == b,
        a != Some(2) && b != None,
        a < b,
        a >= b,
        r == s || r == Err(2),
    )
}

#[jit]
fn compared_floats(a: Option<f64>, b: Option<f64>) -> (bool, bool, bool, bool) {
    (a == b, a < b, a <= b, (1, a) > (1, b))
}

#[jit]
fn changed(a: Option<i32>) -> (Option<i32>, Option<i32>, i32, Option<i32>) {
    let mut a = a;
    if let Some(x) = a.as_mut() {
        *x += 1;
    }
    let taken = a.take();
    let mut b = taken;
    let old = b.replace(5);
    let mut c = a;
    let first = *c.get_or_insert(7);
    *c.get_or_insert_with(|| 100) += 1;
    let inserted = *a.insert(4);
    (taken, old, first + inserted + c.unwrap(), a)
}

#[jit]
fn cached(a: &[f64]) -> f64 {
    let mut memo: Option<f64> = None;
    let mut sum = 0.0;
    for x in a {
        let scale = *memo.get_or_insert_with(|| x * 2.0);
        sum += x / scale;
        if x > &3.0 {
            memo.take();
        }
    }
    sum
}

#[jit]
fn first_or(a: Option<&[f64]>, i: usize, default: Option<&f64>) -> Option<f64> {
    match a {
        Some([]) => None,
        Some(a) if i == 9 => Some(a.iter().sum()),
        Some(a) => Some(a[i]),
        None => default.copied(),
    }
}

#[jit]
fn fill(a: Option<&mut [f64]>, count: Option<&mut u32>, with: Option<(f64, usize)>) -> bool {
    let (Some(a), Some((x, n))) = (a, with) else {
        if let Some(count) = count {
            *count += 100;
        }
        return false;
    };
    for i in 0..n {
        a[i] = x;
        if i == 2 {
            a[i] -= 0.5;
        }
    }
    if let Some(count) = count {
        *count += n as u32;
    }
    true
}

#[jit]
fn unpacked(
    r: Result<(f64, [u8; 2]), i32>,
    unit: Result<(), (u8, i64)>,
) -> Result<f64, (i64, bool)> {
    let extra = match unit {
        Ok(()) => 0,
        Err((n, m)) => n as i64 + m,
    };
    match r {
        Ok((x, [a, b])) => Ok(x + a as f64 - b as f64 + extra as f64),
        Err(code) => Err((code as i64 + extra, unit.is_ok())),
    }
}

#[jit]
fn nested<T: num_traits::Num + Copy>(
    a: Option<Option<T>>,
    b: Option<Result<&[T], T>>,
    c: Option<()>,
) -> (Option<T>, bool) {
    let sum = match (a, b) {
        (Some(Some(x)), Some(Ok(list))) => {
            let mut sum = x;
            for y in list {
                sum = sum + *y;
            }
            Some(sum)
        }
        (Some(None), Some(Err(x))) => Some(x),
        (Some(Some(x)), None) => Some(x + x),
        _ => None,
    };
    (sum, c.is_some())
}

#[jit]
fn callers(a: &mut [f64], n: usize) -> (f64, u32) {
    let mut count = 1_u32;
    let first = first_or(Some(&a[1..]), 0, None).unwrap_or(-1.0);
    let none = first_or(None, 0, Some(&a[0])).unwrap_or(-2.0);
    let missing = first_or(None, 3, None).is_none();
    let done = fill(Some(&mut a[..n]), Some(&mut count), Some((first, n)));
    let not = fill(None, Some(&mut count), None) || fill(Some(a), None, None);
    let whole = match unpacked(Ok((none, [3, 1])), Err((2, 3))) {
        Ok(x) => x,
        Err(_) => 0.0,
    };
    let (sum, unit) = nested::<f64>(Some(Some(1.5)), Some(Ok(&*a)), Some(()));
    let (other, _) = nested(Some(None), Some(Err(count)), None);
    if done && !not && missing && unit {
        (whole + sum.unwrap_or(0.0), other.unwrap_or(0))
    } else {
        (-1.0, 0)
    }
}

#[test]
fn parameters_agree() {
    let a = vec![1.5, -0.0, 4.0];
    let lists: [Option<&[f64]>; 3] = [None, Some(&[]), Some(&[1.5, -0.0, 4.0])];
    for list in lists {
        for i in [0, 1, 2, 3, 9] {
            for default in [None, Some(&2.5)] {
                crate::harness::compare(
                    (),
                    |()| first_or(list, i, default),
                    |()| first_or::plain(list, i, default),
                );
            }
        }
    }
    for with in [None, Some((7.0, 3)), Some((7.0, 4)), Some((7.0, 0))] {
        for (has_slice, has_count) in [(true, true), (true, false), (false, true), (false, false)] {
            type Fill = fn(Option<&mut [f64]>, Option<&mut u32>, Option<(f64, usize)>) -> bool;
            let call = |f: Fill, a: &mut Vec<f64>, n: &mut u32| {
                f(
                    has_slice.then_some(&mut a[..]),
                    has_count.then_some(n),
                    with,
                )
            };
            crate::harness::compare(
                (a.clone(), 5),
                |(a, n)| call(fill, a, n),
                |(a, n)| call(fill::plain, a, n),
            );
        }
    }
    for r in [Ok((0.5, [1, 2])), Err(-3)] {
        for unit in [Ok(()), Err((4, i64::MAX)), Err((4, -9))] {
            agree!(unpacked(r, unit));
        }
    }
    for a in [None, Some(None), Some(Some(3_i64)), Some(Some(i64::MAX))] {
        for b in [None, Some(Ok(&[1, 2][..])), Some(Err(9))] {
            for c in [None, Some(())] {
                crate::harness::compare((), |()| nested(a, b, c), |()| nested::plain(a, b, c));
            }
        }
    }
    for n in 0..5 {
        agree!(callers(&mut a, n));
    }
    assert!(!first_or::specializations().is_empty());
    assert!(!fill::specializations().is_empty());
    assert!(!nested::specializations().is_empty());
}

#[test]
fn combinations_agree() {
    for a in [None, Some(0), Some(2), Some(-3)] {
        for b in [None, Some(0), Some(2)] {
            agree!(combined(a, b));
            agree!(compared(a, b));
        }
        agree!(changed(a));
    }
    for a in [None, Some(1.0), Some(f64::NAN), Some(-0.0)] {
        for b in [None, Some(0.0), Some(f64::NAN)] {
            agree!(compared_floats(a, b));
        }
    }
    agree!(cached(&vec![1.0, 2.0, 5.0, 0.0, 7.0, 8.0]));
}

#[test]
fn options_agree() {
    for x in [0.0, -0.0, 2.0, -4.0, f64::NAN, 1e6] {
        agree!(reciprocal(x));
        agree!(fallible(x));
    }
    for (a, b) in [
        (1, 2),
        (i32::MAX, 2),
        (i32::MAX, 1),
        (-7, 0),
        (5, -3),
        (i32::MIN, -1),
    ] {
        agree!(checked(a, b));
        agree!(methods(Some(a), b));
        agree!(methods(None, b));
        agree!(option_of_tuple(a));
    }
    for n in [0, 9, 10, 300] {
        agree!(nothing_or_error(n));
    }
    agree!(best(&[]));
    agree!(best(&[1.0, 5.0, 5.0, -2.0]));
}

#[test]
fn unwraps_agree() {
    for (x, y) in [(7, 3), (3, 3), (3, 7)] {
        agree!(unwrapped(x, y));
        agree!(expected(x, y));
    }
}
