use super::run;
use crate::remark::Remarks;
use crate::{
    Argument, FastMath, Function, Outcome, Program, Value, eval, parse, verify_specialized_program,
};

fn function(body: &str) -> Function {
    let text = format!(
        "fn f(n: usize, a: f64, x: &[f64], y: &mut [f64], z: &mut [f64]) -> f64 {{
            let i: usize;
            let mut s: f64;
            let mut t: f64;
            s = 0.25f64;
            t = 0.0f64;
            {body}
            return s;
        }}"
    );
    let mut func = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    func.fastmath = FastMath::ALGEBRAIC;
    func
}

fn apply(func: &Function) -> Option<Function> {
    let mut changed = func.clone();
    let mut all = Vec::new();
    run(&mut changed, &mut Remarks::new(0, &mut all));
    let program = Program {
        functions: vec![changed.clone()],
        hosts: Vec::new(),
    };
    verify_specialized_program(&program).unwrap_or_else(|errors| panic!("{errors:?}\n{changed}"));
    (!all.is_empty()).then_some(changed)
}

fn close(left: &Value, right: &Value) -> bool {
    let [left, right] = [left, right].map(|value| match value {
        Value::Scalar(scalar) => f64::from_bits(scalar.bits as u64),
        _ => f64::NAN,
    });
    (left - right).abs() <= 1e-9 * (1.0 + left.abs()) || left == right
}

/// The body changes, and means what it did. Sums of small integers are exact in any order.
#[track_caller]
fn check(body: &str) {
    let func = function(body);
    let Some(changed) = apply(&func) else {
        panic!("nothing changed\n{func}");
    };
    let slice = |len: usize, seed: usize| {
        let values = (0..len).map(|i| ((i * 37 + seed) % 101) as f64 - 50.0);
        Argument::Slice(values.map(Value::from).collect())
    };
    for n in [0_usize, 1, 2, 3, 4, 5, 7, 8, 9, 31, 64] {
        for a in [0.5, 1.0, -1.0, -0.25, 0.0, 2.0, -3.0] {
            let args = || {
                [
                    Argument::Scalar(Value::from(n)),
                    Argument::Scalar(Value::from(a)),
                    slice(n + 8, 1),
                    slice(n + 8, 3),
                    slice(n + 8, 5),
                ]
            };
            let (mut left, mut right) = (args(), args());
            let expected = eval(&func, &mut left, 100_000);
            let found = eval(&changed, &mut right, 100_000);
            let (Ok(Outcome::Return(expected)), Ok(Outcome::Return(found))) = (expected, found)
            else {
                panic!("{changed}");
            };
            assert!(close(&expected, &found), "{n} {a}\n{changed}");
            for (left, right) in left.iter().zip(&right) {
                let (Argument::Slice(left), Argument::Slice(right)) = (left, right) else {
                    continue;
                };
                let all = left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| close(left, right));
                assert!(all, "{n} {a}\n{left:?}\n{right:?}\n{changed}");
            }
        }
    }
}

#[test]
fn running_sums() {
    for body in [
        "'0: for i in 0usize..n { s = (s + x[i]); y[i] = s; }",
        "'0: for i in 0usize..n { s = (x[i] + s); y[i] = s; }",
        "'0: for i in 0usize..n { s = (s - x[i]); y[i] = s; }",
        "'0: for i in 3usize..n { y[i] = s; s = (s + x[i]); }",
        "'0: for i in 0usize..n { s = (s + y[i]); y[i] = s; }",
        "'0: for i in 0usize..n { z[i] = s; t = (x[i] * x[(i + 1usize)]); s = (s + t); y[(i + 2usize)] = (s * t); }",
        "'0: for i in 0usize..n { s = (s + (x[i] * (i as f64))); y[i] = s; z[i] = (y[i] + s); }",
        "'0: for i in 0usize..n { s = (s + 1.5f64); y[i] = (s * x[i]); }",
    ] {
        check(body);
    }
}

#[test]
fn recurrences() {
    for body in [
        "'0: for i in 0usize..n { s = ((a * s) + x[i]); y[i] = s; }",
        "'0: for i in 0usize..n { s = (x[i] + (s * a)); y[i] = s; }",
        "'0: for i in 0usize..n { s = ((s * 0.5f64) - x[i]); y[i] = s; }",
        "'0: for i in 0usize..n { s = ((s * (1.0f64 - a)) + (a * x[i])); y[i] = s; }",
        "'0: for i in 0usize..n { z[i] = s; s = ((a * s) + y[i]); y[i] = s; }",
    ] {
        check(body);
    }
}

#[test]
fn what_is_none() {
    for body in [
        // A reduction.
        "'0: for i in 0usize..n { s = (s + x[i]); }",
        "'0: for i in 0usize..n { s = (s + x[i]); y[i] = x[i]; }",
        // It depends on what was stored.
        "'0: for i in 0usize..n { s = (s + y[i]); y[(i + 1usize)] = s; }",
        "'0: for i in 0usize..n { s = (s + y[0usize]); y[i] = s; }",
        "'0: for i in 0usize..n { s = (s + y[(s as usize)]); y[i] = s; }",
        // Not linear, or the factor changes.
        "'0: for i in 0usize..n { s = ((s * s) + x[i]); y[i] = s; }",
        "'0: for i in 0usize..n { s = ((s * x[i]) + x[i]); y[i] = s; }",
        "'0: for i in 0usize..n { s = ((s * t) + x[i]); t = x[i]; y[i] = s; }",
        "'0: for i in 0usize..n { t = s; s = (s + t); y[i] = s; }",
        "'0: for i in 0usize..n { s = (s + x[i]); s = (s * 0.5f64); y[i] = s; }",
        "'0: for i in 0usize..n { if (x[i] > 0.0f64) { s = (s + x[i]); } y[i] = s; }",
    ] {
        assert!(apply(&function(body)).is_none(), "{body}");
    }
    // In order, if it has to be.
    let mut strict = function("'0: for i in 0usize..n { s = (s + x[i]); y[i] = s; }");
    strict.fastmath = FastMath::STRICT;
    assert!(apply(&strict).is_none());
}
