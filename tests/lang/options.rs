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
