use super::*;
use crate::func::Program;
use crate::{Argument, Outcome, Value, eval, parse, verify_specialized_program};

/// The function and what the pass makes of it, with blocks of two iterations.
fn rewritten(text: &str) -> (Function, Function) {
    let before = parse(text).expect("well-formed");
    let mut after = before.clone();
    let mut remarks = Vec::new();
    run_with(&mut after, 4, 1, &mut Remarks::new(0, &mut remarks));
    let program = Program {
        functions: vec![after.clone()],
        hosts: Vec::new(),
    };
    assert_eq!(verify_specialized_program(&program), Ok(()), "{after}");
    (before, after)
}

fn outcome(func: &Function, args: &[Argument]) -> Outcome {
    let mut args = args.to_vec();
    eval(func, &mut args, 100_000).expect("ends")
}

const SPECIAL: [f64; 7] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

/// All slices of up to three elements of these values, and longer ones at random.
fn each_slice(mut visit: impl FnMut(&[f64])) {
    let mut state = 1u64;
    for len in 0..=11 {
        let count = 4usize.pow(len.min(3));
        for number in 0..count {
            let values: Vec<f64> = (0..len)
                .map(|position| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let few = number / 4usize.pow(position.min(3)) % 4;
                    let any = (state >> 40) as usize % SPECIAL.len();
                    SPECIAL[if len < 4 { few } else { any }]
                })
                .collect();
            visit(&values);
        }
    }
}

/// Compares both versions for all slices and first values.
fn check(text: &str) {
    let (before, after) = rewritten(text);
    assert!(after.to_string().contains("$least"), "{after}");
    each_slice(|values| {
        for first in SPECIAL {
            let slice = Argument::Slice(values.iter().map(|&value| Value::from(value)).collect());
            let args = [slice, Argument::Scalar(Value::from(first))];
            let (expected, found) = (outcome(&before, &args), outcome(&after, &args));
            let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
            assert_eq!(expected, found, "{values:?}, {first}\n{after}");
        }
    });
}

#[test]
fn the_least_value_and_its_place() {
    for cond in ["(a[i] < m)", "(m > a[i])", "(a[i] > m)", "(m < a[i])"] {
        check(&format!(
            "fn f(a: &[f64], first: f64) -> (f64, usize) {{
                let mut m: f64;
                let mut place: usize;
                let i: usize;
                m = first;
                place = 77usize;
                '0: for i in 0usize..a.len() {{
                    if {cond} {{ m = a[i]; place = i; }} else {{ }}
                }}
                return (m, place);
            }}"
        ));
    }
}

#[test]
fn both_ends_of_a_computed_value() {
    check(
        "fn f(a: &[f64], first: f64) -> (f64, f64, usize) {
            let mut low: f64;
            let mut high: f64;
            let mut place: usize;
            let x: f64;
            let y: f64;
            let i: usize;
            low = first;
            high = first;
            place = 3usize;
            '0: for i in 0usize..a.len() {
                x = a[i];
                if (x < low) { low = x; } else { }
                y = (x * 2.0f64);
                if (y > high) { place = (i + 1usize); high = y; } else { }
            }
            return (low, high, place);
        }",
    );
}

#[test]
fn other_loops_are_left_alone() {
    for body in [
        // The last of equal values counts.
        "if (a[i] <= m) { m = a[i]; place = i; } else { }",
        // The place is used meanwhile.
        "if (a[i] < m) { m = a[i]; place = (place + 1usize); } else { }",
        "if (a[i] < m) { m = a[i]; place = i; } else { place = 0usize; }",
        // Something else is kept than compared.
        "if (a[i] < m) { m = (a[i] * 2.0f64); place = i; } else { }",
        // The value depends on the extremum.
        "x = (a[i] - m); if (x < m) { m = x; place = i; } else { }",
        // A name that the iteration before has assigned.
        "if (x < m) { m = x; place = i; } else { } x = a[i];",
        "if (a[i] < m) { m = a[i]; place = i; break '0; } else { }",
    ] {
        let (before, after) = rewritten(&format!(
            "fn f(a: &[f64], first: f64) -> (f64, usize) {{
                let mut m: f64;
                let mut place: usize;
                let mut x: f64;
                let i: usize;
                m = first;
                place = 77usize;
                x = first;
                '0: for i in 0usize..a.len() {{ {body} }}
                return (m, place);
            }}"
        ));
        assert_eq!(before.to_string(), after.to_string());
    }
}
