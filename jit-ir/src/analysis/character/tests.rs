use super::*;
use crate::parse;

fn of(text: &str) -> Character {
    Character::of(&parse(text).expect("well-formed"))
}

#[test]
fn conditions_that_no_iteration_changes_are_found() {
    let sum = |cond: &str| {
        format!(
            "fn f(x: &[f64], c: bool, k: usize) -> f64 {{
                let mut sum: f64;
                let i: usize;
                sum = 0.0f64;
                '0: for i in 0usize..x.len() {{
                    if {cond} {{
                        sum = (sum + x[i]);
                    }}
                }}
                return sum;
            }}"
        )
    };
    for cond in ["c", "(k < 3usize)", "(x.len() < k)", "(x[k] > 0.5f64)"] {
        assert!(of(&sum(cond)).invariant_conditions, "{cond}");
    }
    assert!(of(&sum("(c && (x[i] > 0.5f64))")).invariant_conditions);
    for cond in [
        "(i < k)",
        "(x[i] > 0.5f64)",
        "(sum > 0.5f64)",
        "(c && (i < k))",
        "true",
    ] {
        assert!(!of(&sum(cond)).invariant_conditions, "{cond}");
    }
}

#[test]
fn what_memory_holds_may_change() {
    let text = "fn f(x: &mut [f64]) {
        let i: usize;
        '0: for i in 0usize..x.len() {
            if (x[0usize] > 0.5f64) {
                x[i] = 1.0f64;
            }
        }
    }";
    assert!(!of(text).invariant_conditions);
}

#[test]
fn a_condition_belongs_to_the_loop_around_it() {
    let text = "fn f(x: &mut [f64], n: usize) {
        let i: usize;
        let j: usize;
        '0: for i in 0usize..n {
            '1: for j in 0usize..n {
                if (i < 3usize) {
                    x[j] = 1.0f64;
                }
            }
        }
    }";
    assert!(of(text).invariant_conditions);
    let cold = text.replace(
        "0usize..n {\n                if",
        "0usize..n cold {\n                if",
    );
    assert_ne!(cold, text);
    assert!(!of(&cold).invariant_conditions);
}

#[test]
fn short_loops_have_constant_bounds() {
    let text = |end: &str, hints: &str| {
        format!(
            "fn f(x: &mut [f64], n: usize) {{
                let mut degree: usize;
                let i: usize;
                degree = 16usize;
                '0: for i in 0usize..{end}{hints} {{
                    x[i] = 1.0f64;
                }}
            }}"
        )
    };
    assert!(of(&text("4usize", "")).short_loops);
    assert!(of(&text("degree", "")).short_loops);
    assert!(!of(&text("4usize", " cold")).short_loops);
    assert!(!of(&text("400usize", "")).short_loops);
    assert!(!of(&text("n", "")).short_loops);
}

#[test]
fn rotations_hand_integers_on() {
    let text = "fn f(n: usize, x: u32) -> u32 {
        let mut a: u32;
        let mut b: u32;
        let mut c: u32;
        let mut d: u32;
        let i: usize;
        a = x;
        b = x;
        c = x;
        d = x;
        '0: for i in 0usize..n {
            d = c;
            c = b;
            b = a;
            a = (d ^ a);
        }
        return d;
    }";
    let found = of(text);
    assert!(found.rotates_integers && !found.floats);
    // Nothing is handed on from iteration to iteration.
    let straight = text.replace(
        "d = c;\n            c = b;\n            b = a;",
        "b = a;\n            c = b;\n            d = c;",
    );
    assert_ne!(straight, text);
    assert!(!of(&straight).rotates_integers);
    let floats = text.replace("u32", "f32").replace("(d ^ a)", "(d * a)");
    let found = of(&floats);
    assert!(!found.rotates_integers && found.floats);
}
