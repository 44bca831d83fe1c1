//! `match`, `if let`, `while let`, `let .. else`, `matches!`, and the patterns in them.

use std::cmp::Ordering;

use hotloop::jit;

use crate::consts::LIMIT;

#[jit]
fn match_integers(x: i32) -> i32 {
    match x {
        0 => 10,
        1 | 2 => 20,
        3..=9 => 30,
        -5..0 => 40,
        i32::MIN..=-100 => 50,
        100.. => x - 100,
        _ => -1,
    }
}

#[jit]
fn match_bindings(x: u8, y: u8) -> u32 {
    match x {
        small @ 0..=9 => u32::from(small) + 1,
        n if n % 2 == 0 => u32::from(n) * u32::from(y),
        n if y > n => 7,
        other => {
            let doubled = u32::from(other) * 2;
            doubled + 1
        }
    }
}

#[jit]
fn match_tuples(a: i32, b: bool, c: u8) -> i32 {
    match (a, b, c) {
        (0, _, _) => 1,
        (x, true, 1..=9) if x > 5 => x,
        (_, true, z) => i32::from(z),
        (x, false, b'a' | b'b') => x.wrapping_neg(),
        (.., 200) => 200,
        (x, ..) => x.wrapping_add(1),
    }
}

#[jit]
fn match_on_booleans_and_floats(a: bool, x: f64) -> f64 {
    let sign = match a {
        true => 1.0,
        false => -1.0,
    };
    sign * match x {
        0.0 => 1.0,
        1.0..=2.0 => 2.0 * x,
        _ if x.is_nan() => 0.5,
        _ => x,
    }
}

#[jit]
fn match_as_statement(a: &mut [i32], k: usize) {
    for i in 0..a.len() {
        match a[i] % 4 {
            0 => a[i] = 1,
            1 if i == k => continue,
            2 => {
                a[i] += 5;
                if a[i] > 100 {
                    break;
                }
            }
            3 => return,
            _ => {}
        }
    }
}

#[jit]
fn or_patterns_bind(a: i32, b: i32) -> i32 {
    match (a, b) {
        (0, n) | (n, 0) => n,
        (1, n) | (n, 1) if n > 10 => n * 2,
        (x, y) => x.wrapping_mul(y),
    }
}

#[jit]
fn constants_in_patterns(x: u32) -> u32 {
    const HERE: u32 = 12;
    match x {
        LIMIT => 1,
        HERE => 2,
        crate::consts::inner::DEEP => 3,
        u32::MAX => 4,
        _ => x / 2,
    }
}

#[jit]
fn if_let_chain(a: &[i64], i: usize) -> i64 {
    if let 1..=3 = i
        && let x @ 5.. = a[i]
        && x % 2 == 1
    {
        x
    } else if let 0 = i {
        -1
    } else {
        -2
    }
}

fn collatz_step(n: u64) -> Option<u64> {
    if n <= 1 {
        None
    } else if n % 2 == 0 {
        Some(n / 2)
    } else {
        n.checked_mul(3)?.checked_add(1)
    }
}

#[jit]
fn while_let_checked(n: u64) -> u32 {
    let mut n = n;
    let mut steps = 0;
    while let Some(next) = if n <= 1 {
        None
    } else if n % 2 == 0 {
        Some(n / 2)
    } else {
        n.checked_mul(3)
    } {
        n = next;
        if n % 2 == 1 {
            n = n / 2 + 1;
        }
        steps += 1;
        if steps > 500 {
            break;
        }
    }
    steps
}

#[jit]
fn let_else(x: i32, y: i32) -> i32 {
    let Some(sum) = x.checked_add(y) else {
        return -1;
    };
    let (1..=100, half) = (sum, sum / 2) else {
        return -2;
    };
    half
}

#[jit]
fn matches_macro(x: i32, y: i32) -> bool {
    matches!(x, 1 | 3..=5) || matches!((x, y), (a, b) if a == b) && !matches!(y, 0)
}

#[jit]
fn nested(x: i32, y: i32) -> i32 {
    match x.checked_mul(y) {
        Some(0) => 0,
        Some(n @ 1..=50) => match y {
            1 => n,
            _ if n % 2 == 0 => n / 2,
            _ => -n,
        },
        Some(n) => n,
        None => i32::MIN,
    }
}

#[jit]
fn orderings(a: f64, b: f64, c: i32, d: i32) -> i32 {
    let floats = match a.partial_cmp(&b) {
        Some(Ordering::Less) => -1,
        Some(Ordering::Equal) => 0,
        Some(std::cmp::Ordering::Greater) => 1,
        None => 7,
    };
    let integers = match c.cmp(&d) {
        Ordering::Less => -10,
        Ordering::Equal => 0,
        Ordering::Greater => 10,
    };
    floats + integers
}

#[test]
fn matches_agree() {
    for x in [
        i32::MIN,
        -101,
        -100,
        -99,
        -6,
        -5,
        -1,
        0,
        1,
        2,
        3,
        5,
        9,
        10,
        50,
        99,
        100,
        101,
        i32::MAX,
    ] {
        agree!(match_integers(x));
        for y in [-3, 0, 1, 2, 17, i32::MAX] {
            agree!(or_patterns_bind(x, y));
            agree!(let_else(x, y));
            agree!(matches_macro(x, y));
            agree!(nested(x, y));
            agree!(match_tuples(x, y > 1, y as u8));
            agree!(match_tuples(x, y <= 1, b'a'));
            agree!(match_tuples(x, y <= 1, 200));
        }
    }
    for x in 0..=255 {
        for y in [0, 3, 200] {
            agree!(match_bindings(x, y));
        }
    }
    for x in [0, 5, 11, 12, 40, 41, 42, 77, 78, u32::MAX] {
        agree!(constants_in_patterns(x));
    }
    for x in [0.0, -0.0, 1.0, 1.5, 2.0, 2.5, f64::NAN, -7.0] {
        agree!(match_on_booleans_and_floats(true, x));
        agree!(match_on_booleans_and_floats(false, x));
        for y in [0.0, 1.5, f64::NAN] {
            agree!(orderings(x, y, 3, x as i32));
        }
    }
}

#[test]
fn statements_agree() {
    for k in 0..6 {
        agree!(match_as_statement(&mut vec![4, 5, 6, 98, 2, 7, 8], k));
        agree!(match_as_statement(&mut vec![4, 5, 6, 8, 98, 4], k));
        agree!(match_as_statement(&mut vec![], k));
        agree!(if_let_chain(&[9, 7, 6, 5], k));
    }
    for n in [0, 1, 2, 3, 6, 7, 27, 97, u64::MAX, u64::MAX / 3 + 1] {
        agree!(while_let_checked(n));
    }
    assert_eq!(collatz_step(7), Some(22));
}
