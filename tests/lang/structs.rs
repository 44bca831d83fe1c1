//! Structs, tuples in memory and enums without fields: by value, by reference, in slices.

use hotloop::{JitType, jit};

use crate::harness::compare;

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Point {
    x: f64,
    y: f64,
    tag: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Pair(i32, u64);

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Body {
    at: Point,
    speed: [f64; 2],
    pair: Pair,
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
enum Color {
    Red,
    Green = 5,
    Blue,
}

type Real = f64;

#[jit]
fn norm(p: &Point) -> f64 {
    p.x.hypot(p.y) + p.tag as f64
}

#[jit]
fn made(x: f64, n: i32) -> (f64, i32, u64) {
    let y = x * 2.0;
    let p = Point { tag: 3, y, x };
    let q = Point { x: 1.0, ..p };
    let pair = Pair(n, p.tag as u64 + 1);
    let mut body = Body {
        at: q,
        speed: [x, y],
        pair,
    };
    body.at.x += p.y;
    body.speed[1] *= 3.0;
    body.pair.0 -= 1;
    let Body {
        at: Point { x, .. },
        speed: [a, b],
        pair: Pair(m, k),
    } = body;
    (x + a + b + body.at.y, m, k)
}

#[jit]
fn steps(bodies: &mut [Body], dt: Real) -> Body {
    let mut last = bodies[0];
    for i in 0..bodies.len() {
        let body = &mut bodies[i];
        body.at.x += dt * body.speed[0];
        body.at.y += dt * body.speed[1];
        last = *body;
    }
    let first = bodies[0];
    bodies[0] = last;
    first
}

#[jit]
fn moved(mut p: Point, by: (f64, f64), q: &mut Point) -> Point {
    p.x += by.0;
    *q = p;
    q.y -= by.1;
    std::mem::swap(&mut p, q);
    p
}

#[jit]
fn pairs(a: &mut [(f64, u8)], x: f64) -> (f64, u8) {
    let mut best = (0.0, 0);
    for i in 0..a.len() {
        let (v, k) = a[i];
        if v > best.0 {
            best = a[i];
        }
        a[i].1 = k + 1;
        a[i].0 += x;
    }
    a[0] = best;
    a[1] = (x, 9);
    a[1]
}

#[jit]
fn colors(a: &mut [Color], c: Color, i: usize) -> (bool, i32, Color) {
    let same = a[i] == c || c == Color::Blue;
    a[0] = Color::Green;
    (
        same,
        a[i] as i32 + Color::Blue as i32,
        if same { Color::Red } else { a[1] },
    )
}

#[jit]
impl Point {
    fn scaled(&self, by: f64) -> Point {
        Point {
            x: self.x * by,
            y: self.y * by,
            ..*self
        }
    }

    fn scale(&mut self, by: f64) {
        self.x *= by;
        self.y *= by;
    }

    fn sum(self, other: Self) -> Self {
        Self {
            x: self.x + other.x,
            y: self.y + other.y,
            tag: other.tag,
        }
    }
}

const P: Point = Point {
    x: 3.0,
    y: -4.5,
    tag: 7,
};
const B: Body = Body {
    at: P,
    speed: [0.5, 0.25],
    pair: Pair(3, 4),
};

macro_rules! same {
    ($jit:expr, $plain:expr) => {
        compare(
            (),
            |()| format!("{:?}", $jit).into_bytes(),
            |()| format!("{:?}", $plain).into_bytes(),
        )
    };
}

#[test]
fn fields() {
    same!(norm(&P), norm::plain(&P));
    same!(made(1.5, 4), made::plain(1.5, 4));
    same!(made(1.5, i32::MIN), made::plain(1.5, i32::MIN));
    let call = |f: fn(&mut [Body], Real) -> Body| {
        let mut bodies = [
            B,
            Body {
                pair: Pair(1, 2),
                ..B
            },
        ];
        (f(&mut bodies, 0.1), bodies)
    };
    same!(call(steps), call(steps::plain));
    let call = |f: fn(Point, (f64, f64), &mut Point) -> Point| {
        let mut q = Point { tag: 1, ..P };
        (f(P, (0.5, 0.25), &mut q), q)
    };
    same!(call(moved), call(moved::plain));
    assert!(!norm::specializations().is_empty());
    assert!(!made::specializations().is_empty());
    assert!(!steps::specializations().is_empty());
    assert!(!moved::specializations().is_empty());
}

#[test]
fn tuples_in_memory() {
    let call = |f: fn(&mut [(f64, u8)], f64) -> (f64, u8)| {
        let mut a = [(1.0, 2), (5.0, 3), (4.0, 7)];
        (f(&mut a, 0.5), a)
    };
    same!(call(pairs), call(pairs::plain));
    assert!(!pairs::specializations().is_empty());
}

#[test]
fn enums() {
    for c in [Color::Red, Color::Green, Color::Blue] {
        let call = |f: fn(&mut [Color], Color, usize) -> (bool, i32, Color)| {
            let mut a = [Color::Red, Color::Blue];
            (f(&mut a, c, 1), a)
        };
        same!(call(colors), call(colors::plain));
    }
    assert!(!colors::specializations().is_empty());
}

#[test]
fn methods() {
    let call = |jit: bool| {
        let mut p = P;
        if jit {
            p.scale(2.0)
        } else {
            p.x *= 2.0;
            p.y *= 2.0;
        }
        p
    };
    same!(call(true), call(false));
    same!(
        P.scaled(2.5),
        Point {
            x: 7.5,
            y: -11.25,
            tag: 7
        }
    );
    same!(
        P.sum(P.scaled(1.0)),
        Point {
            x: 6.0,
            y: -9.0,
            tag: 7
        }
    );
}

/// A matrix in a slice that somebody else owns.
#[derive(Clone, Copy, JitType)]
struct Borrowed<'a> {
    data: &'a [f64],
    width: usize,
}

#[jit]
fn of_borrowed(m: Borrowed<'_>, row: usize) -> f64 {
    let mut sum = 0.0;
    for j in 0..m.width {
        sum += m.data[row * m.width + j];
    }
    sum
}

#[test]
fn structs_with_slices_run_rustc_s_body() {
    let data = [1.0, 2.0, 4.0, 8.0];
    let m = Borrowed {
        data: &data,
        width: 2,
    };
    assert_eq!(of_borrowed(m, 1), 12.0);
    // Where the parts of a slice lie in a struct is for rustc to choose.
    assert!(of_borrowed::specializations().is_empty() && !of_borrowed::declined().is_empty());
}
