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
