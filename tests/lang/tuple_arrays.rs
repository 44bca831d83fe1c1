//! Arrays of tuples whose type is written: literals find their types in it, however deep they are.

use hotloop::{JitType, jit};

/// The debug formats of what a function and rustc's body of it return; the function has to be compiled.
macro_rules! same {
    ($f:ident($($arg:expr),*)) => {
        assert_eq!(format!("{:?}", $f($($arg),*)), format!("{:?}", $f::plain($($arg),*)));
        assert!(
            !$f::specializations().is_empty(),
            "{} was not compiled: {:?}", stringify!($f), <$f as hotloop::JitFunction>::declined()
        );
    };
}

#[jit]
fn constant(x: &[f32]) -> f32 {
    const C: [(f32, f32); 2] = [(0., 0.), (1., 2.)];
    let mut s = 0.0;
    for (v, c) in x.iter().zip(&C) {
        s += v * c.0 + c.1;
    }
    s
}

#[jit]
fn widened(x: &[f32]) -> f32 {
    const C: [(f64, f64); 2] = [(0.1, 0.), (1., 2.)];
    let mut s = 0.0;
    for (v, c) in x.iter().zip(&C) {
        s += v * c.0 as f32 + c.1 as f32;
    }
    s
}

#[jit]
fn integers(x: &[f32]) -> i64 {
    const C: [(u8, i64); 2] = [(200, -5), (1, 1 << 40)];
    let mut s = 0;
    for k in 0..2 {
        s += x[k] as i64 * C[k].0 as i64 + C[k].1;
    }
    s
}

#[jit]
fn variable(x: &[f32]) -> f32 {
    let c: [(f32, f32); 2] = [(0., 3.), (1., 2.)];
    let mut s = 0.0;
    for (v, c) in x.iter().zip(&c) {
        s += v * c.0 + c.1;
    }
    s
}

#[jit]
fn nested(x: &[f32]) -> f32 {
    const C: [((f32, u8), [f32; 2]); 2] = [((0., 3), [1., 2.]), ((1., 2), [3., 4.])];
    const D: [([(f32, u8); 2], f32); 2] = [([(0., 3), (1., 2)], 1.), ([(0.5, 3), (1.5, 2)], 7.)];
    let mut s = 0.0;
    for (v, (c, d)) in x.iter().zip(C.iter().zip(&D)) {
        s += v * c.0.0 + c.1[1] * c.0.1 as f32;
        s += v * d.0[1].0 + d.1 * d.0[0].1 as f32;
    }
    s
}

#[jit]
fn rows(x: &[f32]) -> f32 {
    const C: [[(f32, f32); 2]; 2] = [[(0., 3.), (1., 2.)], [(0.5, 3.), (1.5, 2.)]];
    let mut s = 0.0;
    for i in 0..2 {
        for (v, c) in x.iter().zip(&C[i]) {
            s += v * c.0 + c.1;
        }
    }
    s
}

#[jit]
fn behind_references(x: &[f32]) -> f32 {
    const C: &[(f32, f32)] = &[(0.5, 3.), (1., 2.)];
    let d: &[(f32, f32); 2] = &[(0.25, 5.), (7., 2.)];
    let mut s = 0.0;
    for (v, (c, d)) in x.iter().zip(C.iter().zip(d)) {
        s += v * c.0 + c.1 + d.0 * d.1;
    }
    s
}

#[jit]
fn changed(x: &[f32]) -> f32 {
    let mut c: [(f32, i32); 3] = [(0.5, 7); 3];
    c[1].0 = x[1];
    c[2].1 += 1;
    let mut s = 0.0;
    for c in c {
        s += c.0 * c.1 as f32;
    }
    s
}

#[jit]
fn of_variables(x: &[f32]) -> f32 {
    let a = (x[0], x[1]);
    let b = [a, (1.0, 2.0)];
    let c: [(f32, f32); 2] = b;
    let d: [(f32, f32); 2] = if x[0] > 1.0 { [a, a] } else { [(0.0, 1.0), a] };
    c[0].0 - d[1].1 + d[0].0
}

#[jit]
fn sum_of_products(c: &[(f32, f32)]) -> f32 {
    let mut s = 0.0;
    for c in c {
        s += c.0 * c.1;
    }
    s
}

#[jit]
fn passed(x: &[f32]) -> f32 {
    sum_of_products(&[(1.0, 2.0), (x[0], x[1])]) + sum_of_products(&[(1.5, 2.0); 3])
}

#[derive(Clone, Copy, Debug, JitType)]
struct Weights {
    w: [(f64, u8); 2],
}

#[jit]
fn in_struct(x: &[f32]) -> Weights {
    Weights {
        w: [(f64::from(x[0]), 1), (2.0, 3)],
    }
}

#[test]
fn literals_have_the_types_of_the_array() {
    let x = [1.5, 2.5];
    same!(constant(&x));
    same!(widened(&x));
    same!(integers(&x));
    same!(variable(&x));
    same!(nested(&x));
    same!(rows(&x));
    same!(behind_references(&x));
    same!(changed(&x));
    same!(of_variables(&x));
    same!(of_variables(&[0.5, 4.0]));
    same!(passed(&x));
    same!(in_struct(&x));
}

#[jit]
fn checked(x: &[f32], i: usize, t: &[(f32, f32)], j: usize) -> f32 {
    let c: [(f32, f32); 3] = [(x[i], 1.0), t[j], (x[i + 1], x[i + 2])];
    c[0].0 - c[1].1 + c[2].0
}

#[test]
fn elements_panic_in_order() {
    let x = [1.5, 2.5, 3.5];
    let t = [(1.0, 2.0)];
    same!(checked(&x, 0, &t, 0));
    for (i, j) in [(3, 0), (3, 1), (0, 1), (1, 0), (2, 0), (1, 1)] {
        let message = |run: &(dyn Fn() -> f32 + std::panic::RefUnwindSafe)| {
            let caught = std::panic::catch_unwind(run).expect_err("it panics");
            caught.downcast_ref::<String>().cloned()
        };
        let jitted = message(&|| checked(&x, i, &t, j));
        assert!(jitted.is_some());
        assert_eq!(jitted, message(&|| checked::plain(&x, i, &t, j)), "{i} {j}");
    }
}
