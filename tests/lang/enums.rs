//! Enums whose variants have fields: made, matched on, by value and by reference, in slices, structs and tuples.

use hotloop::{JitType, jit};

use crate::harness::compare;

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(u8)]
enum Shape {
    Empty,
    Circle(f64),
    Rect { w: f64, h: f64 },
    Tagged(u8, Pair, [u16; 3]) = 7,
    Flag(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Pair(i32, u64);

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(C)]
enum Command {
    Move(f32, f32),
    Turn { by: i64 },
    Stop,
    Nested(Shape, (u8, i32)),
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(C, i16)]
enum Signed {
    Minus(u128) = -5,
    Plus,
    Unit(()) = 300,
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Scene {
    background: Shape,
    shapes: [Shape; 2],
    scale: f64,
}

const UNIT_CIRCLE: Shape = Shape::Circle(1.0);
const NOTHING: Shape = Shape::Empty;
static TABLE: [Shape; 3] = [
    Shape::Rect { w: 2.0, h: 3.0 },
    Shape::Empty,
    Shape::Tagged(1, Pair(2, 3), [4, 5, 6]),
];

#[jit]
fn area(shape: Shape) -> f64 {
    match shape {
        Shape::Empty => 0.0,
        Shape::Circle(r) if r < 0.0 => -1.0,
        Shape::Circle(r) => 3.0 * r * r,
        Shape::Rect { w, h: height } => w * height,
        Shape::Tagged(n, Pair(a, b), [x, .., z]) => n as f64 + a as f64 + b as f64 + (x - z) as f64,
        Shape::Flag(true) => 100.0,
        Shape::Flag(_) => 50.0,
    }
}

#[jit]
fn made(which: u32, x: f64, n: i32) -> Shape {
    let mut shape = Shape::Rect { h: x, w: x + 1.0 };
    if which == 0 {
        shape = Shape::Empty;
    }
    match which {
        1 => Shape::Circle(x),
        2 => Shape::Tagged(n as u8, Pair(n, 5), [n as u16, 2, 3]),
        3 => Shape::Flag(x > 0.0),
        4 => UNIT_CIRCLE,
        5 => TABLE[n as usize],
        _ => shape,
    }
}

#[jit]
fn total(shapes: &[Shape]) -> (f64, usize, u64) {
    let mut sum = 0.0;
    let mut empty = 0;
    let mut last = 0;
    for shape in shapes {
        match shape {
            Shape::Circle(r) => sum += 3.0 * r * r,
            Shape::Rect { w, .. } if *w > 100.0 => sum -= *w,
            Shape::Rect { w, h } => sum += w * h,
            Shape::Empty => empty += 1,
            Shape::Tagged(.., [_, _, z]) => last = *z as u64,
            Shape::Flag(f) => last += *f as u64,
        }
    }
    (sum, empty, last)
}

#[jit]
fn grow(shapes: &mut [Shape], by: f64) -> usize {
    let mut changed = 0;
    for shape in shapes.iter_mut() {
        match shape {
            Shape::Circle(r) => *r *= by,
            Shape::Rect { w, h } => {
                *w += by;
                std::mem::swap(w, h);
            }
            other @ Shape::Empty => *other = Shape::Circle(by),
            Shape::Tagged(n, pair, list) => {
                *n += 1;
                pair.0 -= 1;
                list[1] *= 2;
            }
            Shape::Flag(_) => continue,
        }
        changed += 1;
    }
    if let [first, .., last] = shapes {
        std::mem::swap(first, last);
    }
    changed
}

#[jit]
fn by_reference(shape: &Shape, out: &mut Shape) -> bool {
    if let Shape::Rect { w, h } = *shape {
        *out = Shape::Rect { w: h, h: w };
        return true;
    }
    let Shape::Circle(r) = shape else {
        *out = Shape::Empty;
        return matches!(shape, Shape::Flag(true) | Shape::Tagged(1..=9, ..));
    };
    let mut left = *shape;
    let mut n = 0.0;
    while let Shape::Circle(r) = left {
        n += r;
        left = if n < 10.0 {
            Shape::Circle(r + 1.0)
        } else {
            NOTHING
        };
    }
    *out = Shape::Circle(n + r);
    matches!(left, NOTHING)
}

#[jit]
fn obey(commands: &[Command], at: (f32, f32)) -> Result<(f32, f32), Command> {
    let (mut x, mut y) = at;
    let mut heading = 0_i64;
    for &command in commands {
        match command {
            Command::Move(dx, dy) if heading % 2 == 0 => {
                x += dx;
                y += dy;
            }
            Command::Move(dx, dy) => {
                x -= dy;
                y += dx;
            }
            Command::Turn { by } => heading += by,
            Command::Stop => break,
            Command::Nested(Shape::Circle(r), (_, k)) => x += r as f32 * k as f32,
            Command::Nested(..) => return Err(command),
        }
    }
    Ok((x, y))
}

#[jit]
fn signs(which: i32, wide: u128) -> (Signed, u128, Option<Signed>) {
    let signed = match which {
        0 => Signed::Minus(wide),
        1 => Signed::Plus,
        _ => Signed::Unit(()),
    };
    let back = match signed {
        Signed::Minus(w) => w + 1,
        Signed::Plus => 2,
        Signed::Unit(()) => 3,
    };
    (signed, back, if which > 5 { None } else { Some(signed) })
}

#[jit]
fn scene(scene: &mut Scene, i: usize) -> (Scene, Shape) {
    let old = *scene;
    scene.shapes[i] = scene.background;
    if let Shape::Circle(ref mut r) = scene.shapes[i] {
        *r *= scene.scale;
    }
    scene.background = match (scene.background, old.shapes[1 - i]) {
        (Shape::Empty, other) => other,
        (Shape::Rect { w, h }, Shape::Rect { w: a, h: b }) => Shape::Rect { w: w + a, h: h * b },
        (first, _) => first,
    };
    let pick = [old.shapes[i], scene.background][(scene.scale > 1.0) as usize];
    (old, pick)
}

#[jit]
fn nth(shape: Option<Shape>, n: usize) -> f64 {
    let list = [
        Shape::Flag(false),
        Shape::Circle(n as f64),
        shape.unwrap_or(Shape::Empty),
    ];
    let mut all = [Shape::Empty; 5];
    all[n % 5] = list[n];
    let sum: f64 = all
        .iter()
        .map(|s| if let Shape::Circle(r) = s { *r } else { 1.0 })
        .sum();
    sum + all.iter().filter(|s| matches!(s, Shape::Empty)).count() as f64
}

#[jit]
impl Shape {
    fn scaled(self, by: f64) -> Self {
        match self {
            Self::Circle(r) => Self::Circle(r * by),
            Self::Rect { w, h } => Self::Rect {
                w: w * by,
                h: h * by,
            },
            other => other,
        }
    }

    fn perimeter(&self) -> f64 {
        match self {
            Shape::Circle(r) => 6.0 * r,
            Shape::Rect { w, h } => 2.0 * (w + h),
            _ => 0.0,
        }
    }

    fn clear(&mut self) {
        *self = Self::Empty;
    }
}

#[jit]
fn methods(shapes: &mut [Shape], by: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..shapes.len() {
        shapes[i] = shapes[i].scaled(by);
        let p = shapes[i].perimeter();
        if p > 50.0 {
            shapes[i].clear();
        }
        sum += p + area(shapes[i]);
    }
    sum
}

fn outside(shape: &Shape, other: Shape) -> Shape {
    if *shape == other { Shape::Empty } else { other }
}

#[jit]
fn calls_outside(shapes: &[Shape], i: usize) -> Shape {
    let first = shapes[i];
    outside(&first, Shape::Circle(2.0))
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(u8)]
enum Filter<T> {
    Low,
    Peak(T),
    Shelf { gain: T, slope: f32 },
}

#[jit]
fn filtered(filter: Filter<f64>, list: &mut [Filter<f32>], x: f64) -> (f64, Filter<f64>) {
    for item in list.iter_mut() {
        if let Filter::Shelf { gain, slope } = item {
            *item = Filter::Peak(*gain * *slope);
        }
    }
    let y = match filter {
        Filter::Low => x,
        Filter::Peak(gain) => x * gain,
        Filter::Shelf { gain, slope } => x * gain + slope as f64,
    };
    (
        y,
        Filter::Shelf {
            gain: y,
            slope: 1.5,
        },
    )
}

fn shapes() -> Vec<Shape> {
    let mut all = vec![
        Shape::Empty,
        Shape::Circle(2.5),
        Shape::Circle(-1.0),
        Shape::Circle(f64::NAN),
        Shape::Rect { w: 2.0, h: 4.0 },
        Shape::Rect { w: 200.0, h: 4.0 },
        Shape::Tagged(9, Pair(-3, 12), [7, 8, 3]),
        Shape::Flag(true),
        Shape::Flag(false),
    ];
    all.extend(TABLE);
    all
}

/// Runs a function and rustc's body of it, each on variables of its own, and compares the results and the variables.
macro_rules! both {
    ($f:ident($($arg:expr),*) $(, $v:ident = $e:expr)*) => {
        compare(
            (),
            |()| {
                $(let mut $v = $e;)*
                let result = $f($($arg),*);
                format!("{:?}", (result, $($v,)*)).into_bytes()
            },
            |()| {
                $(let mut $v = $e;)*
                let result = $f::plain($($arg),*);
                format!("{:?}", (result, $($v,)*)).into_bytes()
            },
        );
        assert!(
            !$f::specializations().is_empty(),
            "{} was not compiled: {:?}", stringify!($f), <$f as hotloop::JitFunction>::declined()
        );
    };
}

#[test]
fn values_agree() {
    for shape in shapes() {
        both!(area(shape));
        both!(by_reference(&shape, &mut out), out = Shape::Flag(true));
        both!(nth(Some(shape), 2));
        let shapes = [shape, Shape::Rect { w: 1.0, h: 2.0 }];
        for (i, scale) in [(0, 1.0), (1, 2.0), (2, 0.5)] {
            both!(
                scene(&mut all, i),
                all = Scene {
                    background: shape,
                    shapes,
                    scale
                }
            );
        }
        both!(calls_outside(&shapes, 0));
    }
    // `x - z` overflows, and that is where it panics.
    both!(area(Shape::Tagged(1, Pair(2, 3), [4, 5, 6])));
    for which in 0..8 {
        for n in [0, 1, 2, 3, -1] {
            both!(made(which, 1.5, n));
            both!(signs(which as i32 - 1, n as u128));
        }
    }
    for n in 0..5 {
        both!(nth(None, n));
    }
}

#[test]
fn slices_agree() {
    for n in 0..shapes().len() {
        let list = shapes()[..n].to_vec();
        both!(total(&list));
        both!(grow(&mut a, 1.5), a = list.clone());
        both!(methods(&mut a, 2.5), a = list.clone());
    }
    let commands = [
        Command::Move(1.0, 2.0),
        Command::Turn { by: 3 },
        Command::Move(0.5, 4.0),
        Command::Nested(Shape::Circle(2.0), (1, -3)),
        Command::Stop,
        Command::Turn { by: i64::MAX },
    ];
    both!(obey(&commands, (0.0, -0.0)));
    both!(obey(&commands[5..], (0.0, -0.0)));
    let wrong = [
        commands[1],
        Command::Nested(Shape::Flag(true), (4, 5)),
        commands[0],
    ];
    both!(obey(&wrong, (1.0, 1.0)));
    both!(obey(&[commands[5], commands[1]], (1.0, 1.0)));
}

#[test]
fn generic_enums_agree() {
    let list = [
        Filter::Low,
        Filter::Peak(2.0),
        Filter::Shelf {
            gain: 3.0_f32,
            slope: 0.5,
        },
    ];
    for filter in [
        Filter::Low,
        Filter::Peak(3.5),
        Filter::Shelf {
            gain: 0.1,
            slope: 0.2,
        },
    ] {
        both!(filtered(filter, &mut a, 2.0), a = list);
    }
}

#[test]
fn constants_have_the_layout_of_rustc() {
    for shape in shapes() {
        let constant = JitType::constant(&shape);
        let bytes = std::ptr::from_ref(&shape).cast::<u8>();
        // The tag, and the first byte behind it where there is one.
        assert_eq!(constant.bytes.len(), size_of::<Shape>());
        // SAFETY: the tag of an enum with an integer's `repr` is its first byte.
        assert_eq!(constant.bytes[0], unsafe { bytes.read() });
    }
}
