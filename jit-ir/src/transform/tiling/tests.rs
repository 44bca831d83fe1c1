//! Loops in the text form, evaluated as they are and in blocks.

use super::run;
use crate::remark::Remarks;
use crate::{Argument, Function, Value, eval, parse, verify_specialized};

fn function(body: &str) -> Function {
    let text = format!(
        "fn f(n: usize, m: usize, ld: usize, a: &mut [f64], b: &[f64], q: usize) -> f64 {{
            let i: usize;
            let j: usize;
            let p: usize;
            let t: f64;
            let mut s: f64;
            s = 0.0f64;
            {body}
            return s;
        }}"
    );
    parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn apply(func: &Function) -> Option<Function> {
    let mut changed = func.clone();
    let mut all = Vec::new();
    run(&mut changed, &mut Remarks::new(0, &mut all));
    verify_specialized(&changed).unwrap_or_else(|errors| panic!("{errors:?}\n{changed}"));
    (!all.is_empty()).then_some(changed)
}

fn slice(len: usize, seed: usize) -> Argument {
    let values = (0..len).map(|i| ((i * 37 + seed * 11) % 101) as f64 / 17.0 - 2.9);
    Argument::Slice(values.map(Value::from).collect())
}

/// The body changes, and means what it did. Rows of `ld` elements may overlap.
#[track_caller]
fn check(body: &str) {
    let func = function(body);
    let Some(changed) = apply(&func) else {
        panic!("nothing changed\n{func}");
    };
    for n in [0usize, 1, 3, 6, 7, 13] {
        for m in [0usize, 1, 4, 9, 14] {
            for (ld, q) in [
                (n.max(m), 0usize),
                (n.max(m) + 3, 2),
                (n, 1),
                (m, 5),
                (3, 0),
                (1, 3),
            ] {
                let size = (n + m + 3) * (n.max(m) + ld + 6) + 60;
                let args = || {
                    [
                        Argument::Scalar(Value::from(n)),
                        Argument::Scalar(Value::from(m)),
                        Argument::Scalar(Value::from(ld)),
                        slice(size, 1),
                        slice(size, 2),
                        Argument::Scalar(Value::from(q)),
                    ]
                };
                let (mut before, mut after) = (args(), args());
                let expected = eval(&func, &mut before, 1_000_000);
                assert!(expected.is_ok(), "{expected:?}");
                let found = eval(&changed, &mut after, 1_000_000);
                assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{changed}");
                assert_eq!(
                    format!("{before:?}"),
                    format!("{after:?}"),
                    "n = {n}, m = {m}, ld = {ld}, q = {q}\n{changed}"
                );
            }
        }
    }
}

#[track_caller]
fn check_stays(body: &str) {
    if let Some(changed) = apply(&function(body)) {
        panic!("it changed\n{changed}");
    }
}

fn nest(names: &str, columns: &str, body: &str) -> String {
    format!("'0: for i in 0usize..n {{ {names} '1: for j in {columns} {{ {body} }} }}")
}

#[test]
fn transposes() {
    check(&nest(
        "",
        "0usize..m",
        "a[((j * ld) + i)] = b[((i * ld) + j)];",
    ));
    check(&nest(
        "",
        "2usize..m",
        "a[((i * ld) + j)] = (b[((j * ld) + i)] * 2.0f64);",
    ));
    check(&nest(
        "p = (i * ld);",
        "0usize..m",
        "a[(p + j)] = (a[(p + j)] + b[((j * ld) + i)]);",
    ));
    check(&nest(
        "",
        "q..m",
        "t = b[((i * ld) + j)]; if (t > 0.0f64) { a[((j * ld) + i)] = t; }",
    ));
}

#[test]
fn random_subscripts() {
    let mut state = 5u64;
    let mut pick = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let rows = [
        "i",
        "(i + 1usize)",
        "j",
        "(j + 1usize)",
        "(j + 2usize)",
        "q",
    ];
    let mut changed = 0;
    for _ in 0..400 {
        let mut element = |slice: &str, across: bool| {
            let [row, column] = match across {
                true => [2 + pick(3), pick(2)],
                false => [pick(2), 2 + pick(3)],
            };
            format!(
                "{slice}[(({} * ld) + {})]",
                rows[row as usize], rows[column as usize]
            )
        };
        let stored = element("a", true);
        let body = format!(
            "{stored} = (({} + {}) * 0.5f64);",
            element("b", false),
            element("a", true)
        );
        let body = nest("", "0usize..m", &body);
        if apply(&function(&body)).is_some() {
            changed += 1;
            if changed % 6 == 0 {
                check(&body);
            }
        }
    }
    assert!(changed > 20, "{changed}");
}

#[test]
fn what_depends_stays() {
    // In place: a row is read after the column has changed.
    check_stays(&nest(
        "",
        "0usize..m",
        "a[((j * ld) + i)] = (a[((i * ld) + j)] + 1.0f64);",
    ));
    // From a row above and to the right.
    check_stays(&nest(
        "",
        "0usize..m",
        "a[(((i + 1usize) * ld) + j)] = (a[((i * ld) + (j + 1usize))] + b[((j * ld) + i)]);",
    ));
    // Sums go on from row to row.
    check_stays(&nest(
        "",
        "0usize..m",
        "a[((j * ld) + i)] = b[((i * ld) + j)]; s = (s + 1.0f64);",
    ));
    check_stays(&nest(
        "",
        "0usize..m",
        "s = b[((i * ld) + j)]; a[((j * ld) + i)] = s;",
    ));
    // Triangles.
    check_stays(&nest(
        "",
        "0usize..i",
        "a[((j * ld) + i)] = b[((i * ld) + j)];",
    ));
    // One direction only.
    check_stays(&nest(
        "",
        "0usize..m",
        "a[((i * ld) + j)] = b[((i * ld) + j)];",
    ));
    check_stays(&nest(
        "",
        "0usize..m",
        "a[((j * ld) + i)] = b[((j * ld) + i)];",
    ));
    check_stays(&nest(
        "",
        "0usize..m",
        "a[((i * 7usize) + (j * ld))] = b[((i * ld) + j)];",
    ));
}
