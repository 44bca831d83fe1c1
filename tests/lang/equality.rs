//! `==` and `!=` of what is made of your types: `Option`s, tuples, arrays and slices of structs and enums.

use std::cell::Cell;

use hotloop::{JitType, jit};

use crate::harness::compare;

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(u8)]
enum Shape {
    Circle(f64),
    Square { side: f64 },
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, JitType)]
#[repr(C)]
struct Point {
    x: f64,
    y: f64,
}

/// Its `==` is jitted, and looks at one of the fields only.
#[derive(Clone, Copy, Debug, JitType)]
#[repr(C)]
struct Named {
    id: u32,
    weight: u8,
}

#[jit]
impl PartialEq for Named {
    fn eq(&self, other: &Named) -> bool {
        let both = self.weight + other.weight;
        both < 255 && self.id == other.id
    }
}

/// Its `==` counts, and panics.
#[derive(Clone, Copy, Debug, JitType)]
#[repr(C)]
struct Strict(i32);

thread_local! {
    static COMPARED: Cell<u32> = const { Cell::new(0) };
}

impl PartialEq for Strict {
    fn eq(&self, other: &Strict) -> bool {
        COMPARED.set(COMPARED.get() + 1);
        assert!(self.0 != 13, "unlucky");
        self.0 == other.0
    }
}

#[jit]
fn options(shape: Shape, there: bool, same: bool) -> [bool; 6] {
    let some = if there { Some(shape) } else { None };
    let other = if same { some } else { Some(Shape::Circle(1.0)) };
    [
        some == Some(Shape::Circle(1.0)),
        some != Some(Shape::Square { side: 2.0 }),
        some == None,
        some == other,
        some != other,
        Some(Some(shape)) == Some(some),
    ]
}

#[jit]
fn results(point: Point, fine: bool) -> (bool, bool) {
    let result: Result<Point, u8> = if fine { Ok(point) } else { Err(3) };
    (result == Ok(Point { x: 1.0, y: 2.0 }), result != Err(3))
}

#[jit]
fn tuples(a: Point, b: Point, n: i32) -> [bool; 4] {
    [
        (a, n) == (b, 3),
        (n, a) != (3, b),
        ((n, a), true) == ((3, b), n > 2),
        (a, a) == (b, b),
    ]
}

#[jit]
fn arrays(a: &[Point; 2], b: &[Point; 2], slice: &[Point], other: &[Point]) -> [bool; 5] {
    [
        a == b,
        a != b,
        slice == other,
        slice != other,
        &slice[1..] == &other[1..],
    ]
}

#[jit]
fn jitted(a: Named, b: Named, there: bool) -> [bool; 3] {
    let some = there.then_some(a);
    [some == Some(b), some != Some(b), (1, a) == (1, b)]
}

#[jit]
fn with_effects(a: &[Strict], b: &[Strict], n: i32) -> u32 {
    let mut found = 0;
    if (n, a[0]) == (1, b[0]) {
        found += 1;
    }
    if (a[0], a[1]) != (b[0], b[1]) {
        found += 2;
    }
    let some = if n > 1 { Some(a[1]) } else { None };
    if some == Some(b[1]) {
        found += 4;
    }
    if a == b {
        found += 8;
    }
    found
}

#[test]
fn parts_agree() {
    let circle = Shape::Circle(1.0);
    for shape in [
        circle,
        Shape::Circle(f64::NAN),
        Shape::Square { side: 2.0 },
        Shape::Nothing,
    ] {
        for there in [false, true] {
            for same in [false, true] {
                compare(
                    (),
                    |()| options(shape, there, same),
                    |()| options::plain(shape, there, same),
                );
            }
        }
    }
    let point = |y| Point { x: 1.0, y };
    let points = [point(2.0), point(-2.0), point(f64::NAN)];
    for a in points {
        for b in points {
            compare((), |()| results(a, true), |()| results::plain(a, true));
            compare((), |()| results(a, false), |()| results::plain(a, false));
            for n in [2, 3] {
                compare((), |()| tuples(a, b, n), |()| tuples::plain(a, b, n));
            }
            let (s, t) = ([a, a], [a, b]);
            for len in 0..3 {
                compare(
                    (),
                    |()| arrays(&s, &t, &s, &t[..len]),
                    |()| arrays::plain(&s, &t, &s, &t[..len]),
                );
            }
        }
    }
    assert!(
        !options::specializations().is_empty(),
        "{:?}",
        options::declined()
    );
    assert!(
        !results::specializations().is_empty(),
        "{:?}",
        results::declined()
    );
    assert!(
        !tuples::specializations().is_empty(),
        "{:?}",
        tuples::declined()
    );
    assert!(
        !arrays::specializations().is_empty(),
        "{:?}",
        arrays::declined()
    );
}

#[test]
fn jitted_ones_agree() {
    for (id, weight) in [(1, 0), (1, 7), (2, 7), (1, 200)] {
        for there in [false, true] {
            let (a, b) = (Named { id: 1, weight: 100 }, Named { id, weight });
            compare(
                (),
                |()| jitted(a, b, there),
                |()| jitted::plain(a, b, there),
            );
        }
    }
    assert!(
        !jitted::specializations().is_empty(),
        "{:?}",
        jitted::declined()
    );
}

#[test]
fn what_decides_is_compared_and_nothing_else() {
    for a in [[1, 2], [13, 2], [2, 13], [2, 1]] {
        for b in [[1, 2], [2, 1], [2, 2]] {
            for n in [0, 1, 2] {
                let (a, b) = (a.map(Strict), b.map(Strict));
                let counted = |f: fn(&[Strict], &[Strict], i32) -> u32| {
                    COMPARED.set(0);
                    let outcome = crate::harness::outcome(|| f(&a, &b, n));
                    format!("{outcome:?} after {}", COMPARED.get()).into_bytes()
                };
                compare(
                    (),
                    |()| counted(with_effects),
                    |()| counted(with_effects::plain),
                );
            }
        }
    }
    assert!(
        !with_effects::specializations().is_empty(),
        "{:?}",
        with_effects::declined()
    );
}
