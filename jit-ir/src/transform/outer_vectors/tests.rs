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
            assert!(expected.is_ok(), "{expected:?}");
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
fn choices_in_lanes() {
    // The least of several, and where it is.
    check(
        "'0: for i in 0usize..n {
            m = f64(0x7ff0000000000000);
            c = -1i32;
            p = 0usize;
            '1: for k in 0usize..h.len() {
                t = (x[i] - h[k]);
                s = (t * t);
                if (s < m) { m = s; c = (k as i32); }
            }
            y[i] = (m + (c as f64));
        }",
    );
    check(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            m = 1.0f64;
            '1: for k in 0usize..h.len() {
                t = (x[(i + k)] - h[k]);
                if ((t > 0.5f64) && (t < 3.0f64)) { s = (s + t); } else { m = (m * 0.5f64); }
                if (((t < 0.0f64) || (t > 2.0f64)) && ((s > 1.0f64) || (k == 2usize))) { s = (s - 1.0f64); }
            }
            if (s > m) { s = m; }
            y[i] = s;
        }",
    );
}

/// Fields and elements of elements are loaded lane by lane.
#[test]
fn points_in_lanes() {
    let text = |inner: &str| {
        format!(
            "fn f(p: &[[f64; 3]], c: &[[f64; 3]], y: &mut [usize]) {{
                let i: usize;
                let k: usize;
                let t: usize;
                let e: f64;
                let mut d: f64;
                let mut m: f64;
                let mut w: usize;
                '0: for i in 0usize..y.len() {{
                    m = f64(0x7ff0000000000000);
                    w = 0usize;
                    '1: for k in 0usize..c.len() {{
                        d = 0.0f64;
                        '2: for t in 0usize..3usize {{ e = (p[i][t] - c[k][t]); d = (d + (e * e)); }}
                        {inner}
                    }}
                    y[i] = w;
                }}
            }}"
        )
    };
    let func = parse(&text("if (d < m) { m = d; w = k; }")).unwrap();
    let changed = apply(&func).expect("a loop in lanes");
    let points = |count: usize, seed: usize| {
        let number = |i: usize| Value::from(((i * 37 + seed * 11) % 101) as f64 / 9.0);
        let point = |i: usize| Value::Array {
            elem: crate::Ty::Scalar(crate::ScalarTy::F64),
            values: (0..3).map(|t| number(3 * i + t)).collect(),
        };
        Argument::Slice((0..count).map(point).collect())
    };
    for (n, clusters) in [(0, 3), (5, 3), (8, 0), (16, 4), (33, 7), (41, 1)] {
        let numbers = Argument::Slice((0..n).map(Value::from).collect());
        let args = [points(n, 1), points(clusters, 4), numbers];
        let (mut before, mut after) = (args.clone(), args);
        let expected = eval(&func, &mut before, FUEL);
        assert!(expected.is_ok(), "{expected:?}");
        assert_eq!(eval(&changed, &mut after, FUEL), expected, "{changed}");
        assert_eq!(before, after, "{n} points, {clusters} clusters\n{changed}");
    }
    // What is compared with changes before the other value is chosen; what is chosen is loaded.
    for inner in [
        "if (d < m) { m = d; d = m; }",
        "if (m > 3.0f64) { m = 1.0f64; d = m; }",
        "if (d < m) { m = d; w = (w + k); if (k > 2usize) { w = k; } }",
        "if (d < m) { m = c[k][0usize]; }",
    ] {
        let func = parse(&text(inner)).unwrap();
        assert!(apply(&func).is_none(), "{inner}");
    }
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
