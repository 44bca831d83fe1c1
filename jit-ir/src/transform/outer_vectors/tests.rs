use super::run;
use crate::remark::Remarks;
use crate::transform::Target;
use crate::{
    Argument, Function, GenerateConfig, Value, eval, generate_arguments, generate_function, parse,
    verify_specialized,
};

const FUEL: u64 = 10_000_000;

/// `f(n, x, h, y)`, whose body is given.
fn function(body: &str) -> Function {
    let text = format!(
        "fn f(n: usize, x: &[f64], h: &[f64], y: &mut [f64]) {{
            let i: usize;
            let j: usize;
            let k: usize;
            let q: usize;
            let p: usize;
            let mut t: f64;
            let mut s: f64;
            let mut m: f64;
            let mut c: i32;
            {body}
        }}"
    );
    parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn apply(func: &Function) -> Option<Function> {
    let mut changed = func.clone();
    let mut all = Vec::new();
    run(
        &mut changed,
        &Target::default(),
        &mut Remarks::new(0, &mut all),
    );
    verify_specialized(&changed).unwrap_or_else(|errors| panic!("{errors:?}\n{changed}"));
    (!all.is_empty()).then_some(changed)
}

/// The body changes, and means what it did.
#[track_caller]
fn check(body: &str) {
    let func = function(body);
    let Some(changed) = apply(&func) else {
        panic!("nothing changed\n{func}");
    };
    let slice = |len: usize, seed: usize| {
        let values = (0..len).map(|i| ((i * 37 + seed) % 101) as f64 / 7.0 - 5.0);
        Argument::Slice(values.map(Value::from).collect())
    };
    for n in [0, 1, 2, 7, 8, 9, 15, 16, 17, 33, 70] {
        for taps in [0, 1, 5] {
            let args = || {
                [
                    Argument::Scalar(Value::from(n)),
                    slice(n * 6 + 100, 1),
                    slice(taps, 2),
                    slice(n * 6 + 100, 3),
                ]
            };
            let (mut before, mut after) = (args(), args());
            let expected = eval(&func, &mut before, FUEL);
            assert_eq!(eval(&changed, &mut after, FUEL), expected, "{changed}");
            assert_eq!(before, after, "n = {n}, {taps} taps\n{changed}");
        }
    }
}

#[track_caller]
fn check_stays(body: &str) {
    if let Some(changed) = apply(&function(body)) {
        panic!("it changed\n{changed}");
    }
}

#[test]
fn sums_of_neighbours() {
    check(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            '1: for k in 0usize..h.len() { s = (s + (h[k] * x[(i + k)])); }
            y[i] = s;
        }",
    );
    check(
        "'0: for i in 2usize..n {
            p = ((i - 2usize) + n);
            s = x[p];
            m = 1.0f64;
            '1: for k in 0usize..h.len() {
                t = (x[(p + (k * n))] - h[k]);
                s = (s + (t * t));
                m = (if (t < m) { t } else { m });
            }
            y[(p + 2usize)] = (s.sqrt() / m.max(1.0f64));
        }",
    );
}

#[test]
fn loops_in_loops_and_one_after_the_other() {
    check(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            '1: for j in 0usize..3usize {
                '2: for k in 0usize..=h.len() { s = (s * 0.5f64); s = (s + x[((i + k) + (j * n))]); }
            }
            m = s;
            '3: for q in 0usize..5usize rev { m = (m * (x[(i + 5usize)] + s)); }
            y[i] = (m - s);
        }",
    );
    check(
        "'9: for j in 0usize..3usize {
            '0: for i in 0usize..n {
                s = 0.0f64;
                '1: for k in 0usize..h.len() { s = (s + (h[k] * x[((i + k) + (j * n))])); }
                y[((j * n) + i)] = s;
            }
        }",
    );
}

#[test]
fn what_stays() {
    let around = |before: &str, body: &str, after: &str| {
        format!(
            "s = 1.0f64; m = 0.0f64;
            '0: for i in 0usize..n {{
                {before}
                '1: for k in 0usize..h.len() {{ {body} }}
                {after}
            }}"
        )
    };
    // A sum goes on from iteration to iteration.
    check_stays(&around("", "s = (s + x[(i + k)]);", "y[i] = s;"));
    // What is stored is loaded.
    check_stays(&around(
        "s = y[(i + 1usize)];",
        "s = (s + x[(i + k)]);",
        "y[i] = s;",
    ));
    // Two iterations store to one element, or elements that are not neighbours.
    check_stays(&around(
        "s = 0.0f64;",
        "s = (s + x[(i + k)]);",
        "y[i] = s; y[(i + 1usize)] = s;",
    ));
    check_stays(&around(
        "s = 0.0f64;",
        "s = (s + x[(i + k)]);",
        "y[(i * 2usize)] = s;",
    ));
    // Nor are these, that are loaded.
    check_stays(&around(
        "s = 0.0f64;",
        "s = (s + x[(i * 2usize)]);",
        "y[i] = s;",
    ));
    // Something may trap.
    check_stays(
        "site @0 = index;
        '0: for i in 0usize..n {
            s = 0.0f64;
            '1: for k in 0usize..h.len() { s = (s + x[(i + k)]@0); }
            y[i] = s;
        }",
    );
    // The range differs.
    check_stays(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            '1: for k in 0usize..i { s = (s + x[(i + k)]); }
            y[i] = s;
        }",
    );
    // The last sum is used behind the loop.
    check_stays(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            '1: for k in 0usize..h.len() { s = (s + x[(i + k)]); }
            y[i] = s;
        }
        y[0usize] = s;",
    );
}

#[test]
fn generated_functions_mean_the_same() {
    let config = GenerateConfig::default();
    for seed in 0..if cfg!(debug_assertions) { 200 } else { 2000 } {
        let func = generate_function(seed, &config);
        let Some(changed) = apply(&func) else {
            continue;
        };
        for call in 0..4 {
            let [mut before, mut after] = [(); 2].map(|()| generate_arguments(&func, call));
            let before = (eval(&func, &mut before, FUEL), before);
            let after = (eval(&changed, &mut after, FUEL), after);
            assert_eq!(format!("{before:?}"), format!("{after:?}"), "seed {seed}");
        }
    }
}
