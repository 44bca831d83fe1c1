use super::run;
use crate::{
    Argument, EvalError, Function, GenerateConfig, Outcome, Value, eval, generate_arguments,
    generate_function, parse, verify_specialized,
};

const FUEL: u64 = 1_000_000;

/// Loops over `x`, whose body is given; `s` and `p` are sums of `f64`, `n` counts.
fn looped(body: &str) -> Function {
    let text = format!(
        "fn f(x: &[f64], s0: f64) -> (f64, f64, i64) {{
            let i: usize;
            let v: f64;
            let mut s: f64;
            let mut p: f64;
            let mut n: i64;
            site @0 = index;
            s = s0;
            p = s0;
            n = 0i64;
            '0: for i in 0usize..x.len() {{ {body} }}
            return (s, p, n);
        }}"
    );
    parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn values() -> Vec<f64> {
    let special = [0.0, -0.0, f64::NAN, f64::INFINITY, -f64::INFINITY, 5e-324];
    let some = (0..40).map(|i| f64::from((i * 37) % 23 - 11) / 7.0);
    some.chain(special).collect()
}

fn outcomes(func: &Function) -> Vec<Result<Outcome, EvalError>> {
    let slice = |values: &[f64]| Argument::Slice(values.iter().map(|&v| Value::from(v)).collect());
    let all = values();
    let mut outcomes = Vec::new();
    for start in [0.0, -0.0, 1.5] {
        for part in all.chunks(3).chain([&all[..40], &[]]) {
            let mut args = [slice(part), Argument::Scalar(Value::from(start))];
            outcomes.push(eval(func, &mut args, FUEL));
        }
    }
    outcomes
}

/// Whether the branch is gone, if the meaning is as it was.
fn loses_its_branch(body: &str) -> bool {
    let func = looped(body);
    let mut changed = func.clone();
    run(&mut changed);
    verify_specialized(&changed).unwrap_or_else(|errors| panic!("{errors:?}\n{changed}"));
    let (before, after) = (outcomes(&func), outcomes(&changed));
    for (before, after) in before.iter().zip(&after) {
        // As text a NaN is a NaN.
        assert_eq!(format!("{before:?}"), format!("{after:?}"), "{changed}");
    }
    !changed.to_string().contains("if (x[i]") && !changed.to_string().contains("if (v")
}

#[test]
fn sums_lose_their_branch() {
    for body in [
        "if (x[i]@0 > 0.5f64) { s = (s + x[i]@0); }",
        "if (x[i]@0 > 0.5f64) { s = (s - x[i]@0); }",
        "if (x[i]@0 > 0.5f64) { s = (x[i]@0 + s); }",
        "if (x[i]@0 > 0.5f64) { p = (p * (x[i]@0 * x[i]@0)); }",
        "if (x[i]@0 > 0.5f64) { s = (s + 1.0f64); n = (n + 1i64); }",
        "if (x[i]@0 > 0.5f64) { s = (s + 1.0f64); } else { n = (n - 3i64); p = (p - x[i]@0); }",
        "v = x[i]@0; if (v > s) { s = (s + (v * 0.5f64)); p = (p + s); }",
    ] {
        assert!(loses_its_branch(body), "{body}");
    }
}

#[test]
fn other_branches_stay() {
    for body in [
        // Nothing is gained.
        "if (x[i]@0 > 0.5f64) { n = (n + 1i64); }",
        // No sum.
        "if (x[i]@0 > 0.5f64) { s = x[i]@0; }",
        "if (x[i]@0 > 0.5f64) { s = (x[i]@0 - s); }",
        "if (x[i]@0 > 0.5f64) { s = (s / x[i]@0); }",
        // What is added is not there for every element.
        "if (x[i]@0 > 0.5f64) { s = (s + x[(i - 1usize)]@0); }",
        // It takes long.
        "if (x[i]@0 > 0.5f64) { s = (s + x[i]@0.sin()); }",
    ] {
        assert!(!loses_its_branch(body), "{body}");
    }
}

#[test]
fn generated_functions_mean_the_same() {
    let config = GenerateConfig::default();
    for seed in 0..if cfg!(debug_assertions) { 200 } else { 2000 } {
        let func = generate_function(seed, &config);
        let mut changed = func.clone();
        run(&mut changed);
        verify_specialized(&changed).unwrap_or_else(|errors| panic!("seed {seed}: {errors:?}"));
        for call in 0..4 {
            let mut args = [(); 2].map(|()| generate_arguments(&func, call));
            let [before, after] = &mut args;
            let before = (eval(&func, before, FUEL), before);
            let after = (eval(&changed, after, FUEL), after);
            assert_eq!(format!("{before:?}"), format!("{after:?}"), "seed {seed}");
        }
    }
}
