//! What `#[track_caller]` of an operator sees is the operator in the user's source.

use std::ops::{Add, AddAssign, Mul, Neg};
use std::panic::Location;

use super::*;

#[derive(JitType, Clone, Copy, Debug, PartialEq)]
pub struct V {
    x: f64,
    line: u32,
    column: u32,
}

impl V {
    fn at(x: f64, at: &Location<'_>) -> V {
        let (line, column) = (at.line(), at.column());
        assert!(x < 5.0, "too large");
        V { x, line, column }
    }
}

impl Add for V {
    type Output = V;
    #[track_caller]
    fn add(self, other: V) -> V {
        V::at(self.x + other.x, Location::caller())
    }
}

impl AddAssign for V {
    #[track_caller]
    fn add_assign(&mut self, other: V) {
        *self = V::at(self.x + other.x, Location::caller());
    }
}

impl Neg for V {
    type Output = V;
    #[track_caller]
    fn neg(self) -> V {
        V::at(-self.x, Location::caller())
    }
}

#[jit]
fn operators(a: V, b: V) -> [V; 4] {
    let mut c = a;
    c += b;
    let d = a + b;
    [c, d, -a, a + b + d]
}

#[derive(JitType, Clone, Copy, Debug)]
pub struct W {
    x: f64,
}

#[jit]
impl Mul for W {
    type Output = W;
    #[track_caller]
    fn mul(self, other: W) -> W {
        if other.x > 5.0 {
            panic!("too large");
        }
        W {
            x: self.x * other.x,
        }
    }
}

#[jit]
fn product(ws: &[W], w: W) -> f64 {
    ws.iter().fold(w, |product, each| product * *each).x
}

#[test]
fn are_those_of_the_operator() {
    let v = |x| V {
        x,
        line: 0,
        column: 0,
    };
    let w = |x| W { x };
    same! {
        operators(v(1.0), v(-1.0));
        product(&[w(1.0), w(2.0)], w(3.0));
    }
    let place = |run: fn()| crate::meanings::panic_of(run).1;
    let (jit, plain) = (
        place(|| {
            product(&[W { x: 1.0 }, W { x: 9.0 }], W { x: 1.0 });
        }),
        place(|| {
            product::plain(&[W { x: 1.0 }, W { x: 9.0 }], W { x: 1.0 });
        }),
    );
    assert_eq!(jit, plain);
}
