//! Patterns of slices and arrays, and alternatives that bind names.

use hotloop::jit;

#[jit]
fn sum(a: &[f64]) -> f64 {
    match a {
        [] => 0.0,
        [x] => *x,
        [x, rest @ ..] => x + sum(rest),
    }
}

#[jit]
fn ends(a: &[i32]) -> i32 {
    match a {
        [first, .., last] => first * last,
        [x] => *x,
        [] => -1,
    }
}

#[jit]
fn chain(a: &[i32]) -> i32 {
    if let [a, b, ..] = a {
        a + b
    } else if let [x] = a {
        *x
    } else if let &[] = a {
        7
    } else {
        0
    }
}

#[jit]
fn literals(a: &[u8]) -> i32 {
    match a {
        [b'-', rest @ ..] => -(rest.len() as i32),
        [b'+', ..] => 1,
        [0..=9, ..] => 2,
        &[x, y] if x == y => 3,
        [.., b'!'] => 4,
        [_, middle @ .., _] => 10 + middle.len() as i32,
        _ => 5,
    }
}

#[jit]
fn let_else(a: &[f64]) -> f64 {
    let [x, y, z, ..] = a else {
        let &[x, y] = a else { return -1.0 };
        return x - y;
    };
    x + y * z
}

#[jit]
fn exclusive(a: &mut [f64]) -> usize {
    if let [first, .., last] = a {
        std::mem::swap(first, last);
    }
    match a {
        [a, b, c, rest @ ..] => {
            *a += *b;
            *c = 0.5;
            rest.fill(2.0);
            rest.len()
        }
        [x] => {
            *x = 8.0;
            0
        }
        _ => 100,
    }
}

#[jit]
fn pairs(a: &[i32], b: &[i32]) -> i32 {
    match (a, b) {
        ([x, ..], [y, ..]) => x * y,
        ([], []) => 0,
        ([x], []) | ([], [x]) => *x,
        _ => -1,
    }
}

#[jit]
fn walk(mut a: &[i32]) -> i32 {
    let mut s = 0;
    while let [x, rest @ ..] = a {
        s = s * 3 + x;
        a = rest;
    }
    s
}

#[jit]
fn from_the_end(mut a: &[i32]) -> i32 {
    let mut s = 0;
    loop {
        match a {
            [rest @ .., x] => {
                s = s * 3 + x;
                a = rest;
            }
            _ => break s,
        }
    }
}

#[jit]
fn digits(mut text: &[u8]) -> Option<u32> {
    let mut n = 0u32;
    while let Some((c, rest)) = text.split_first() {
        if !c.is_ascii_digit() {
            return None;
        }
        n = n.checked_mul(10)?.checked_add((c - b'0') as u32)?;
        text = rest;
    }
    Some(n)
}

#[jit]
fn arrays(a: [i32; 4]) -> (i32, i32) {
    let [x, .., y] = a;
    let [_, rest @ ..] = a;
    let n = match a {
        [0, rest @ ..] => rest[0] + rest[2],
        [.., 5] => y,
        [1, middle @ .., _] => middle[0] - middle[1] + middle.len() as i32,
        [p, q, r, s] => p + q + r + s,
    };
    (n, x + rest[1])
}

#[jit]
fn behind(a: [i32; 3], mut b: [i32; 3]) -> i32 {
    let [x, y, z] = &a;
    if let [first, rest @ ..] = &mut b {
        *first += x;
        rest[1] *= y + z;
    }
    b[0] + b[2]
}

#[jit]
fn peaks(a: &[f64]) -> (usize, f64, usize) {
    let mut n = 0;
    for w in a.windows(3) {
        if let [a, b, c] = w
            && b > a
            && b > c
        {
            n += 1;
        }
    }
    let steps = a.windows(2).map(|w| match w {
        [a, b] => b - a,
        _ => unreachable!(),
    });
    let rising = a.windows(2).filter(|w| matches!(w, [a, b] if a < b));
    (n, steps.sum(), rising.count())
}

#[jit]
fn records(a: &[(f64, u32)], b: &[[i32; 2]]) -> f64 {
    let x = match a {
        [(x, 1), .., (y, _)] => x - y,
        [(x, n)] => x * *n as f64,
        [] => -1.0,
        [.., (_, n)] => *n as f64,
    };
    let y = match b {
        [[a, 0 | 1], [2, b], ..] => a * b,
        [[a, b], ..] => a - b,
        _ => 0,
    };
    x + y as f64
}

#[jit]
fn alternatives(p: (i32, i32)) -> i32 {
    match p {
        (0, x) | (x, 0) => x,
        (1 | 2, y @ (3 | 4)) => y * 10,
        (a, b) if a > b => a,
        _ => -1,
    }
}

#[jit]
fn nested(o: Option<i32>, b: i32) -> i32 {
    let o = match o {
        Some(n) => Some((n, b)),
        None => None,
    };
    match o {
        Some((0, x) | (x, 0)) => x,
        x @ Some((1..=5, _)) => x.unwrap().0 + 50,
        Some((a, _)) => a * 2,
        None => -3,
    }
}

#[jit]
fn either(n: i32) -> i32 {
    let r: Result<i32, i32> = if n > 0 { Ok(n) } else { Err(n - 1) };
    let (Ok(v) | Err(v)) = r;
    let mut s = v;
    if let Ok(mut x @ 2..) | Err(mut x) = r {
        x *= 7;
        s += x;
    }
    s
}

#[jit]
fn chosen(a: &mut [i32], k: usize) -> i32 {
    let mut pair = (k as i32, a[0]);
    let ((0, ref mut x) | (ref mut x, _)) = pair;
    *x += 5;
    if let [0, x, ..] | [x, ..] = a {
        *x += 1;
    }
    pair.0 * 100 + pair.1
}

#[jit]
fn by_reference(o: Option<f64>) -> f64 {
    let mut o = o;
    if let Some(ref mut x) = o {
        *x += 1.0;
    }
    match o {
        Some(ref x) => *x,
        None => 0.0,
    }
}

#[jit]
fn parse(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i64;
    for &c in digits {
        let (b'0'..=b'9') = c else { return None };
        value = value.checked_mul(10)?.checked_add((c - b'0') as i64)?;
    }
    Some(if negative { -value } else { value })
}

#[test]
fn slices_agree() {
    for n in 0..6 {
        let a: Vec<i32> = (0..n).map(|i| i * 7 % 5 + 2).collect();
        let x: Vec<f64> = a.iter().map(|n| f64::from(*n) * 1.5).collect();
        agree!(sum(&x));
        agree!(ends(&a));
        agree!(chain(&a));
        agree!(let_else(&x));
        agree!(exclusive(&mut x.clone()));
        agree!(walk(&a));
        agree!(from_the_end(&a));
        agree!(peaks(&x));
        for m in 0..3 {
            agree!(pairs(&a, &a[..m.min(a.len())].to_vec()));
            agree!(pairs(&a[..m.min(a.len())].to_vec(), &a));
        }
        let pairs: Vec<(f64, u32)> = a.iter().map(|n| (f64::from(*n), *n as u32 - 1)).collect();
        let arrays: Vec<[i32; 2]> = a.iter().map(|n| [*n, n - 2]).collect();
        agree!(records(&pairs, &arrays));
    }
    agree!(peaks(&vec![1.0, 3.0, 2.0, 5.0, 4.0, f64::NAN, 3.0]));
    agree!(ends(&vec![i32::MAX, 3, 2]));
}

#[test]
fn bytes_agree() {
    for text in [
        "",
        "-",
        "-12",
        "+",
        "+7",
        "\u{3}a",
        "zz",
        "a!",
        "xyz",
        "12a",
        "99999999999999999999",
        "4294967296",
        "77",
    ] {
        let text = text.as_bytes().to_vec();
        agree!(literals(&text));
        agree!(digits(&text));
        agree!(parse(&text));
    }
}

#[test]
fn arrays_agree() {
    for a in [[0, 1, 2, 3], [4, 3, 2, 5], [1, 9, 4, 7], [7, 8, 9, 1]] {
        agree!(arrays(a));
        agree!(behind([a[0], a[1], a[2]], [a[3], 2, 3]));
    }
}

#[test]
fn alternatives_agree() {
    for a in -1..7 {
        for b in -1..5 {
            agree!(alternatives((a, b)));
            agree!(nested(Some(a), b));
        }
        agree!(nested(None, a));
        agree!(either(a));
        agree!(chosen(&mut vec![a, 3], a.unsigned_abs() as usize));
        agree!(chosen(&mut vec![0, a], 0));
    }
    agree!(by_reference(Some(2.5)));
    agree!(by_reference(None));
}

const N_AXES: usize = 3;

#[jit]
fn axes(a: [f64; N_AXES]) -> f64 {
    let [x, y, z] = a;
    let [.., last] = a;
    x + y * z - last
}

#[test]
fn lengths_that_are_constants_agree() {
    agree!(axes([1.0, 2.0, 4.0]));
}

#[jit]
fn guarded_alternatives(p: Option<(i32, i32)>, list: &[i32], limit: i32) -> (i32, i32) {
    let mut tried = 0;
    let found = match p {
        Some((0, x) | (x, 0) | (x, _))
            if {
                tried += 1;
                x > limit
            } =>
        {
            x
        }
        Some((x @ (1..=5 | 9), _)) if x % 2 == 0 => -x,
        _ => match list {
            [first, (0 | 1), ..] | [_, .., first] if *first > limit => *first * 100,
            _ => 7,
        },
    };
    (found, tried)
}

#[test]
fn guarded_alternatives_agree() {
    for p in [
        None,
        Some((0, 0)),
        Some((0, 5)),
        Some((5, 0)),
        Some((4, 9)),
        Some((-3, -4)),
        Some((9, 0)),
    ] {
        for list in [vec![], vec![3], vec![3, 1], vec![8, 0, 2], vec![1, 1, 9]] {
            for limit in [-10, 0, 4, 8] {
                agree!(guarded_alternatives(p, &list, limit));
            }
        }
    }
}
