use crate::harness::compare;
use hotloop::{JitType, jit};

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(u8)]
pub enum Shape {
    Empty,
    Circle(f64),
    Rect { w: f64, h: f64 },
    Tagged(u8, i32),
    Flag(bool),
}
use Shape::*;

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(C)]
pub enum One {
    Only(f64, Kind),
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
pub enum Kind {
    A,
    B = 4,
    C,
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(i64)]
pub enum Big {
    Many([u64; 20]),
    Kinds(Kind, One),
    Chars([char; 2], ()),
    Wide(i128),
}

type Alias = Shape;

#[jit]
fn order(n: i32) -> (Shape, i32) {
    let mut k = n;
    let s = Shape::Rect {
        h: {
            k += 1;
            k as f64
        },
        w: {
            k *= 2;
            k as f64
        },
    };
    let t = Tagged(k as u8, {
        k -= 3;
        k
    });
    let t2 = Shape::Tagged((k + i32::MAX - 5) as u8, {
        k += 1;
        k
    });
    (
        if n > 2 {
            s
        } else if n > 0 {
            t
        } else {
            t2
        },
        k,
    )
}

#[jit]
fn panics_in_the_middle(a: &[i32], out: &mut [Alias]) -> usize {
    for i in 0..a.len() {
        out[i] = Alias::Tagged((10 / a[i]) as u8, a[i] + 2147483600);
        if let Tagged(n, _) = &mut out[i] {
            *n += 250;
        }
    }
    a.len()
}

#[jit]
fn through_options(a: &[f64], i: usize) -> Option<Shape> {
    let first = a.get(i).map(|&x| Circle(x));
    let second = a.get(i + 1).copied().map(Shape::Circle);
    match (first, second) {
        (Some(Circle(x)), Some(Circle(y))) if x > y => Some(Shape::Rect { w: x, h: y }),
        (Some(s @ Circle(_)), None) => Some(s),
        (None, _) => None,
        (Some(_), Some(Circle(y) | Rect { w: y, .. })) => Some(Circle(y * 2.0)),
        (_, Some(other)) => Some(other),
        (Some(o), None) => Some(o),
    }
}

#[jit]
fn alternatives(s: Shape) -> f64 {
    if let Circle(r) | Rect { w: r, .. } = s {
        return r;
    }
    match s {
        Tagged(n, _) if n > 200 => -1.0,
        Flag(true) | Empty => 1.0,
        Tagged(1 | 2, k @ (0..=9 | 20)) => k as f64,
        _ => 9.0,
    }
}

#[jit]
fn guarded(s: Shape, t: f64) -> f64 {
    match s {
        Circle(r) | Rect { w: r, .. } if r > t => r,
        Rect { h: r, .. } | Circle(r) if r < -t => -r,
        Circle(_) => 0.5,
        _ => 2.0,
    }
}

#[jit]
fn replaced(list: &mut [Shape]) -> Shape {
    let mut hold = Empty;
    for s in list.iter_mut() {
        let old = std::mem::replace(s, hold);
        hold = match old {
            Circle(r) => {
                *s = Flag(r > 1.0);
                Circle(r + 1.0)
            }
            Flag(b) => Flag(!b),
            x => x,
        };
    }
    hold
}

#[jit]
fn pipelines(list: &[Shape]) -> (f64, usize, Option<f64>, f64) {
    let sum: f64 = list
        .iter()
        .filter_map(|s| match s {
            Circle(r) => Some(*r),
            Rect { w, h } => Some(w * h),
            _ => None,
        })
        .sum();
    let n = list
        .iter()
        .filter(|s| matches!(s, Flag(_) | Tagged(..)))
        .count();
    let first = list
        .iter()
        .find_map(|s| if let Circle(r) = s { Some(*r) } else { None });
    let mut it = list.iter();
    let mut run = 0.0;
    while let Some(Circle(r) | Rect { w: r, .. }) = it.next() {
        run += r;
    }
    (sum, n, first, run)
}

#[jit]
fn big(which: u8, k: Kind, x: i128) -> (Big, i128, Kind) {
    let b = match which {
        0 => Big::Many([x as u64; 20]),
        1 => Big::Kinds(k, One::Only(x as f64, Kind::C)),
        2 => Big::Chars(['a', which as char], ()),
        _ => Big::Wide(x),
    };
    let n = match b {
        Big::Many(list) => list[3] as i128 + list.len() as i128,
        Big::Kinds(Kind::A, One::Only(y, _)) => y as i128,
        Big::Kinds(_, One::Only(y, Kind::C)) => -(y as i128),
        Big::Kinds(..) => 5,
        Big::Chars([a, b], _) => a as i128 * b as i128,
        Big::Wide(w) => w + 1,
    };
    let One::Only(_, kind) = One::Only(1.0, k);
    (b, n, kind)
}

#[jit(parallel(min_len = 1))]
fn par(list: &[Shape], out: &mut [Shape]) -> f64 {
    let mut sum = 0.0;
    for i in 0..out.len() {
        out[i] = match list[i] {
            Circle(r) => Rect { w: r, h: r },
            Rect { w, h } => Circle(w + h),
            s => s,
        };
    }
    for s in out.iter() {
        if let Circle(r) = s {
            sum += r;
        }
    }
    sum
}

#[jit]
fn fallible(x: f64) -> Result<f64, Shape> {
    if x < 0.0 {
        return Err(Shape::Circle(x));
    }
    if x > 100.0 { Err(Empty) } else { Ok(x.sqrt()) }
}

#[jit]
fn chain(a: &[f64]) -> Result<f64, Shape> {
    let mut s = 0.0;
    for &x in a {
        s += fallible(x)?;
    }
    let last = fallible(s).map_err(|e| {
        if let Circle(r) = e {
            Rect { w: r, h: s }
        } else {
            e
        }
    })?;
    Ok(last)
}

#[jit]
fn rec(s: Shape, depth: u32) -> Shape {
    if depth == 0 {
        return s;
    }
    match s {
        Circle(r) => rec(
            Rect {
                w: r,
                h: depth as f64,
            },
            depth - 1,
        ),
        Rect { w, h } => rec(Circle(w - h), depth - 1),
        o => o,
    }
}

#[jit]
fn equal(a: Shape, b: &Shape, list: &[Shape]) -> (bool, bool, usize, bool) {
    (
        a == *b,
        a != Shape::Circle(2.0),
        list.iter().filter(|s| **s == a).count(),
        matches!(Some(a), None),
    )
}

#[jit]
fn maybe_mut(s: Option<&mut Shape>, by: f64) -> f64 {
    match s {
        Some(Circle(r)) => {
            *r += by;
            *r
        }
        Some(s @ Empty) => {
            *s = Circle(by);
            1.0
        }
        Some(Rect { w, h }) if *h > 1.0 => {
            *w -= by;
            *w
        }
        Some(_) => 3.0,
        None => 4.0,
    }
}

#[jit]
fn arrays(i: usize, x: f64) -> f64 {
    let mut a = [Empty; 40];
    a[i] = Circle(x);
    let b = a;
    a[i] = Flag(true);
    let t = (b[i], a[i], [Rect { w: x, h: x }; 2]);
    let (Circle(r), Flag(f), [Rect { w, .. }, _]) = t else {
        return -1.0;
    };
    r + w + f as i32 as f64 + a.iter().filter(|s| **s == Empty).count() as f64
}

macro_rules! both {
    ($f:ident($($arg:expr),*) $(, $v:ident = $e:expr)*) => {
        compare((),
            |()| { $(let mut $v = $e;)* let r = $f($($arg),*); format!("{:?}", (r, $($v,)*)).into_bytes() },
            |()| { $(let mut $v = $e;)* let r = $f::plain($($arg),*); format!("{:?}", (r, $($v,)*)).into_bytes() });
        assert!(!$f::specializations().is_empty(), "{} was not compiled: {:?}", stringify!($f), <$f as hotloop::JitFunction>::declined());
    };
}

fn all() -> Vec<Shape> {
    vec![
        Circle(3.0),
        Circle(f64::NAN),
        Rect { w: 5.0, h: -2.0 },
        Empty,
        Flag(true),
        Tagged(1, 20),
        Tagged(2, 5),
        Tagged(201, 0),
        Flag(false),
        Circle(-7.5),
        Rect { w: -0.0, h: 0.5 },
        Circle(2.0),
    ]
}

#[test]
fn order_agrees() {
    for n in [-5, 0, 1, 2, 3, 100, i32::MAX, i32::MAX / 2] {
        both!(order(n));
    }
}
#[test]
fn panics_in_the_middle_agree() {
    for a in [
        vec![1, 2, 3],
        vec![5, 0, 1],
        vec![1, 60, 4],
        vec![-1],
        vec![],
    ] {
        both!(panics_in_the_middle(&a, &mut out), out = vec![Empty; 2]);
    }
}
#[test]
fn options_agree() {
    for i in 0..5 {
        both!(through_options(&[1.0, 3.0, 2.0, f64::NAN], i));
    }
    both!(through_options(&[], 0));
    both!(through_options(&[1.0], usize::MAX));
}
#[test]
fn alternatives_agree() {
    for s in all() {
        both!(alternatives(s));
    }
}
#[test]
fn guards_agree() {
    for s in all() {
        for t in [0.0, 2.5, 10.0] {
            both!(guarded(s, t));
        }
    }
}
#[test]
fn replaced_values_agree() {
    both!(replaced(&mut l), l = all());
    both!(replaced(&mut l), l = Vec::<Shape>::new());
}
#[test]
fn pipelines_agree() {
    for n in 0..all().len() {
        both!(pipelines(&all()[..n]));
    }
}
#[test]
fn big_values_agree() {
    for w in 0..5 {
        for k in [Kind::A, Kind::B, Kind::C] {
            both!(big(w, k, 7));
            both!(big(w, k, i128::MAX));
            both!(big(w, k, -3));
        }
    }
}
#[test]
fn parallel_loops_agree() {
    let l: Vec<Shape> = all().into_iter().cycle().take(1000).collect();
    both!(par(&l, &mut o), o = vec![Flag(false); 1000]);
}
#[test]
fn errors_agree() {
    for a in [
        vec![],
        vec![1.0, 4.0],
        vec![1.0, -4.0],
        vec![101.0],
        vec![100.0; 30],
    ] {
        both!(chain(&a));
    }
}
#[test]
fn recursion_agrees() {
    for s in all() {
        both!(rec(s, 5));
    }
}
#[test]
fn comparisons_agree() {
    for s in all() {
        both!(equal(s, &Circle(3.0), &all()));
    }
}
#[test]
fn optional_references_agree() {
    for s in all() {
        both!(maybe_mut(Some(&mut v), 1.5), v = s);
    }
    both!(maybe_mut(None, 1.0));
}
#[test]
fn arrays_agree() {
    for i in [0, 39, 40] {
        both!(arrays(i, 2.5));
    }
}
