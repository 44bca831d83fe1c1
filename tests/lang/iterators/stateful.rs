//! Iterators that look ahead, begin again, or find the ends of parts by closures; copies of their state.

use hotloop::jit;

#[jit]
fn differences(a: &[i32]) -> i32 {
    let mut it = a.iter().peekable();
    let mut s = 0;
    while let Some(x) = it.next() {
        if let Some(y) = it.peek() {
            s += *x * **y;
        } else {
            s -= *x;
        }
    }
    s
}

#[jit]
fn merge(a: &[i32], b: &[i32], out: &mut [i32]) -> usize {
    let (mut x, mut y) = (a.iter().peekable(), b.iter().copied().peekable());
    let mut n = 0;
    loop {
        match (x.peek(), y.peek()) {
            (Some(&&p), Some(&q)) => {
                if p <= q {
                    out[n] = p;
                    x.next();
                } else {
                    out[n] = q;
                    y.next();
                }
            }
            (Some(&&p), None) => {
                out[n] = p;
                x.next();
            }
            (None, Some(&q)) => {
                out[n] = q;
                y.next();
            }
            (None, None) => break,
        }
        n += 1;
    }
    n
}

#[jit]
fn numbers(a: &[u8]) -> u32 {
    let mut it = a.iter().copied().peekable();
    let mut total = 0u32;
    while it.peek().is_some() {
        let mut n = 0u32;
        while let Some(d) = it.next_if(|c| c.is_ascii_digit()) {
            n = n.wrapping_mul(10).wrapping_add(u32::from(d - b'0'));
        }
        total = total.wrapping_add(n);
        it.next_if_eq(&b',');
        it.next();
    }
    total
}

#[jit]
fn slopes(a: &[i32]) -> i32 {
    let mut it = a.iter().enumerate().peekable();
    let mut s = 0;
    while let Some((i, x)) = it.next() {
        if let Some((j, y)) = it.peek() {
            s += (*j - i) as i32 * (*y - x);
        }
    }
    s
}

#[jit]
fn first_changed(a: &[i32]) -> i32 {
    let mut it = a.iter().copied().peekable();
    if let Some(x) = it.peek_mut() {
        *x *= 10;
    }
    it.sum()
}

#[jit]
fn lengths(a: &[i32]) -> i32 {
    let mut it = a.chunks(2).peekable();
    let mut s = 0;
    while let Some(c) = it.next() {
        let n = it.peek().map_or(0, |c| c.len() as i32);
        s += n * c[0];
    }
    s
}

#[jit]
fn greatest_kept(a: &[i32]) -> i32 {
    let mut it = a.iter().filter(|x| **x > 0);
    let mut best = &a[0];
    while let Some(x) = it.next() {
        if *x > *best {
            best = x;
        }
    }
    *best
}

#[jit]
fn least_ahead(a: &[i32]) -> i32 {
    let mut it = a.iter().peekable();
    let mut best = &a[0];
    let mut last = None;
    while let Some(x) = it.next() {
        if let Some(n) = it.peek() {
            if **n < *best {
                best = *n;
            }
        }
        last = Some(x);
    }
    *best * 3 + *last.unwrap()
}

#[jit]
fn clones(a: &[i32]) -> i32 {
    let mut it = a.iter().filter(|x| **x > 0);
    it.next();
    let mut other = it.clone();
    let mut third = it.clone().peekable();
    third.peek();
    other.next();
    it.next().copied().unwrap_or(0) * 100
        + other.next().copied().unwrap_or(0) * 10
        + third.next().copied().unwrap_or(7)
}

#[jit]
fn repeated(a: &[f64], n: usize) -> f64 {
    a.iter().cycle().take(n).sum()
}

#[jit]
fn zipped(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b.iter().cycle()).map(|(x, y)| x * y).sum()
}

#[jit]
fn every_other(a: &[i32]) -> i32 {
    let mut it = a.iter().cycle().skip(1).step_by(2);
    let mut s = 0;
    for _ in 0..7 {
        if let Some(x) = it.next() {
            s = s * 3 + x;
        }
    }
    s
}

#[jit]
fn filtered(a: &[i32], n: usize) -> i32 {
    let mut s = 0;
    for (i, x) in a.iter().filter(|x| **x > 0).cycle().take(n).enumerate() {
        s = s * 3 + x - i as i32;
    }
    s
}

#[jit]
fn until(a: &[i32], n: i32) -> i32 {
    let mut s = 0i32;
    for (i, x) in a.iter().cycle().enumerate() {
        s = s.wrapping_mul(3).wrapping_add(*x);
        if i > 40 || s % 7 == n {
            break;
        }
    }
    s
}

#[jit]
fn scanned(a: &[i32], n: usize) -> i32 {
    let mut it = a
        .iter()
        .scan(0, |s, x| {
            *s += x;
            Some(*s)
        })
        .cycle();
    let mut s = 0;
    for _ in 0..n {
        s = s * 2 + it.next().unwrap_or(1);
    }
    s
}

#[jit]
fn generated(n: usize) -> u64 {
    let mut s = 1u64;
    std::iter::repeat_with(|| {
        s = s.wrapping_mul(6364136223846793005).wrapping_add(1);
        s >> 33
    })
    .take(n)
    .fold(0, |a, b| a ^ b)
}

#[jit]
fn copies(n: usize) -> f64 {
    std::iter::repeat_n(0.5, n).sum()
}

#[jit]
fn parts(a: &[i32]) -> i32 {
    let mut s = 0;
    for (i, part) in a.split(|x| *x == 0).enumerate() {
        s += (i as i32 + 1) * part.len() as i32 + part.iter().sum::<i32>();
    }
    s
}

#[jit]
fn greatest_part(a: &[i32]) -> i32 {
    a.split(|x| *x == 0)
        .map(|p| p.iter().sum::<i32>())
        .max()
        .unwrap_or(0)
}

#[jit]
fn runs_after_first(a: &[i32]) -> i32 {
    let mut it = a.chunk_by(|x, y| x <= y);
    let first = it.next().map_or(0, |c| c.len());
    it.map(|c| c.len() as i32 * c[0]).sum::<i32>() + first as i32
}

#[jit]
fn runs(a: &[i32]) -> i32 {
    a.chunk_by(|x, y| x <= y)
        .map(|c| c.len() as i32 * c[0])
        .sum()
}

fn slices() -> [Vec<i32>; 8] {
    [
        vec![],
        vec![3],
        vec![-1, 2],
        vec![1, 2, 3],
        vec![3, 2, 0, 7, -5, 2, 2, 9],
        vec![5, 0, 0, 1, 1, 4, -2, 0],
        vec![2000, 2000, 3000],
        vec![0, 0],
    ]
}

#[test]
fn what_looks_ahead_agrees() {
    for a in slices() {
        agree!(differences(&a));
        agree!(slopes(&a));
        agree!(first_changed(&a));
        agree!(lengths(&a));
        agree!(greatest_kept(&a));
        agree!(least_ahead(&a));
        agree!(clones(&a));
        for room in [3, 20] {
            agree!(merge(&a, &a, &mut vec![0; room]));
            agree!(merge(&a, &vec![1, 4, 7], &mut vec![0; room]));
        }
    }
    for text in ["", "7", "12,34", "1;2,,3", ",99"] {
        agree!(numbers(&text.as_bytes().to_vec()));
    }
}

#[test]
fn what_begins_again_agrees() {
    for a in slices() {
        let floats: Vec<f64> = a.iter().map(|x| f64::from(*x) * 0.5).collect();
        for n in [0, 1, 5, 17] {
            agree!(repeated(&floats, n));
            agree!(filtered(&a, n));
            agree!(scanned(&a, n));
            agree!(generated(n));
            agree!(copies(n));
        }
        for n in [1, 5] {
            agree!(until(&a, n));
        }
        agree!(zipped(&floats, &vec![1.0, 2.0, 3.0]));
        agree!(zipped(&floats, &vec![]));
        agree!(every_other(&a));
    }
}

#[test]
fn parts_found_by_closures_agree() {
    for a in slices() {
        agree!(parts(&a));
        agree!(greatest_part(&a));
        agree!(runs(&a));
        agree!(runs_after_first(&a));
    }
}
