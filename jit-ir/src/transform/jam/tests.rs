//! Nests in the text form, evaluated as they are and jammed.

use super::run;
use crate::remark::Remarks;
use crate::transform::Target;
use crate::{
    Argument, Function, GenerateConfig, Value, eval, generate_arguments, generate_function,
    generate_nest, generate_nest_arguments, parse, verify_specialized,
};

const FUEL: u64 = 20_000_000;

fn function(body: &str) -> Function {
    let text = format!(
        "fn f(n: usize, m: usize, ld: usize, a: &mut [f64], b: &[f64], y: &mut [f64]) -> u64 {{
            let i: usize;
            let j: usize;
            let k: usize;
            let p: usize;
            let q: usize;
            let w: usize;
            let mut s: f64;
            let mut t: f64;
            let mut r: f64;
            let mut c: u64;
            let mut hits: u64;
            hits = 0u64;
            {body}
            return hits;
        }}"
    );
    parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn apply(func: &Function) -> Option<Function> {
    let mut changed = func.clone();
    let mut all = Vec::new();
    let mut remarks = Remarks::new(0, &mut all);
    run(&mut changed, &Target::default(), &mut remarks);
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
    for n in [0usize, 1, 3, 4, 5, 8, 9, 12, 13, 17, 21] {
        for m in [0usize, 1, 6, 13] {
            for ld in [n.max(m) + 1, n.max(m) + 4, n, m, 3, 1] {
                let size = (n + 2) * (ld + 2) + n * (m + 2) + 60;
                let args = || {
                    [
                        Argument::Scalar(Value::from(n)),
                        Argument::Scalar(Value::from(m)),
                        Argument::Scalar(Value::from(ld)),
                        slice(size, 1),
                        slice(size, 2),
                        slice(size, 3),
                    ]
                };
                let (mut before, mut after) = (args(), args());
                let expected = eval(&func, &mut before, FUEL);
                let found = eval(&changed, &mut after, FUEL);
                assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{changed}");
                assert_eq!(
                    format!("{before:?}"),
                    format!("{after:?}"),
                    "n = {n}, m = {m}, ld = {ld}\n{changed}"
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

const CHOLESKY: &str = "
    '0: for i in 0usize..n {
        '1: for j in 0usize..i {
            s = a[((i * ld) + j)];
            '2: for k in 0usize..j { s = (s - (a[((i * ld) + k)] * a[((j * ld) + k)])); }
            a[((i * ld) + j)] = (s / a[((j * ld) + j)]);
        }
        t = a[((i * ld) + i)];
        '3: for w in 0usize..i { t = (t - (a[((i * ld) + w)] * a[((i * ld) + w)])); }
        a[((i * ld) + i)] = t.sqrt();
    }";

#[test]
fn factors_row_by_row() {
    check(CHOLESKY);
    // Names for rows, columns that begin elsewhere, a part of the rows.
    check(
        "'0: for i in 2usize..n {
            p = (i * ld);
            '1: for j in 1usize..(i - 1usize) {
                s = a[(p + j)];
                q = (j * ld);
                '2: for k in 1usize..j { s = (s - (a[(p + k)] * a[(q + k)])); }
                a[(p + j)] = (s * b[j]);
            }
            a[(p + i)] = (a[(p + i)] + 1.0f64);
        }",
    );
}

#[test]
fn what_is_counted_in_front_of_the_inner_loop_is_counted_once() {
    let counted = CHOLESKY.replacen("'1:", "hits = (hits + 3u64); '1:", 1);
    check_stays(&counted);
    // Behind it, it is.
    check(&CHOLESKY.replacen("t =", "hits = (hits + 3u64); t =", 1));
}

#[test]
fn one_system_of_equations() {
    // Forward substitution: the sum flows from the common part on.
    check(
        "'0: for i in 0usize..n {
            s = b[i];
            '1: for j in 0usize..i { s = (s - (b[((i * ld) + j)] * y[j])); }
            y[i] = (s / 3.0f64);
        }",
    );
}

#[test]
fn many_systems_of_equations() {
    check(
        "'0: for i in 0usize..n {
            '1: for j in 0usize..m {
                s = a[((i * ld) + j)];
                '2: for k in 0usize..j { s = (s - (b[((j * ld) + k)] * a[((i * ld) + k)])); }
                a[((i * ld) + j)] = (s * 0.25f64);
            }
        }",
    );
}

#[test]
fn products_with_vectors() {
    check(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            t = 1.0f64;
            '1: for j in 0usize..m {
                s = (s + (b[((i * ld) + j)] * b[j]));
                t = (t * s);
                if (t > 9.0f64) { t = 0.5f64; } else { s = (s * 0.5f64); }
            }
            y[i] = (s + t);
        }",
    );
}

#[test]
fn recurrences_along_rows() {
    check(
        "'0: for i in 1usize..n {
            r = b[i];
            '1: for j in 0usize..m rev {
                r = ((r * 0.5f64) + b[((i * ld) + j)]);
            }
            a[i] = r;
        }",
    );
}

#[test]
fn streams_of_numbers_and_counts() {
    check(
        "'0: for i in 0usize..n {
            c = ((i as u64) * 977u64);
            '1: for j in 0usize..m {
                c = (c ^ (c << 13u32));
                c = (c ^ (c >> 7u32));
                hits = (hits + (c & 1u64));
                if ((c & 6u64) == 2u64) { hits = (hits + 1u64); }
            }
        }",
    );
}

#[test]
fn what_depends_stays() {
    // The row before is used.
    check_stays(&CHOLESKY.replace("a[((j * ld) + k)]", "a[(((i - 1usize) * ld) + k)]"));
    // Another row of the block is stored to.
    check_stays(&CHOLESKY.replace("t.sqrt();", "t.sqrt(); a[((i + 1usize) * ld)] = t;"));
    // A row behind is used before it is changed.
    check_stays(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            '1: for j in 0usize..m { s = ((s * 0.5f64) + a[(((i + 2usize) * ld) + j)]); a[((i * ld) + j)] = s; }
        }",
    );
    // A value that goes from row to row.
    check_stays(
        "s = 1.0f64; '0: for i in 0usize..n {
            '1: for j in 0usize..m { s = ((s * 0.5f64) + b[((i * ld) + j)]); }
            y[i] = s;
        }",
    );
    // A value that is used behind the loop.
    check_stays(
        "s = 1.0f64; '0: for i in 0usize..n {
            s = 0.0f64;
            '1: for j in 0usize..m { s = ((s * 0.5f64) + b[((i * ld) + j)]); }
        }
        y[0usize] = s;",
    );
    // One element for all.
    check_stays(
        "'0: for i in 0usize..n {
            s = y[3usize];
            '1: for j in 0usize..m { s = ((s * 0.5f64) + b[((i * ld) + j)]); }
            y[3usize] = s;
        }",
    );
    // What is counted is looked at.
    check_stays(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            '1: for j in 0usize..m { s = ((s * 0.5f64) + b[((i * ld) + j)]); hits = (hits + 1u64); y[i] = (hits as f64); }
        }",
    );
    // Something else than a row and a column.
    check_stays(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            '1: for j in 0usize..m { s = ((s * 0.5f64) + b[j]); a[((i * ld) + (j * 2usize))] = s; }
        }",
    );
}

const LU: &str = "
    '0: for k in 0usize..n {
        '1: for i in (k + 1usize)..n {
            a[((i * ld) + k)] = (a[((i * ld) + k)] / a[((k * ld) + k)]);
            '2: for j in (k + 1usize)..n {
                a[((i * ld) + j)] = (a[((i * ld) + j)] - (a[((i * ld) + k)] * a[((k * ld) + j)]));
            }
        }
    }";

/// The last part of an elimination is a product of matrices.
#[track_caller]
fn check_eliminates(body: &str) {
    check(body);
    let mut changed = apply(&function(body)).expect("it changes");
    let mut all = Vec::new();
    let mut remarks = Remarks::new(0, &mut all);
    crate::transform::nests::run(&mut changed, &Target::default(), &[], &mut remarks);
    let blocked = |remark: &crate::Remark| matches!(remark.kind, crate::RemarkKind::Blocked { .. });
    assert!(all.iter().any(blocked), "{all:?}\n{changed}");
    verify_specialized(&changed).unwrap_or_else(|errors| panic!("{errors:?}\n{changed}"));
}

#[test]
fn elimination() {
    check_eliminates(LU);
    // More columns than rows.
    check_eliminates(&LU.replace(
        "'2: for j in (k + 1usize)..n",
        "'2: for j in (k + 1usize)..m",
    ));
    // Names for rows and for the factor.
    check_eliminates(
        "'0: for k in 0usize..n {
            '1: for i in (k + 1usize)..n {
                p = (i * ld);
                s = (a[(p + k)] / a[((k * ld) + k)]);
                a[(p + k)] = s;
                '2: for j in (k + 1usize)..n {
                    q = ((k * ld) + j);
                    a[(p + j)] = (a[(p + j)] - (s * a[q]));
                }
            }
        }",
    );
    // From the diagonal on, the factors elsewhere.
    check_eliminates(
        "'0: for k in 1usize..n {
            '1: for i in k..n {
                '2: for j in k..n {
                    a[((i * ld) + j)] = (a[((i * ld) + j)] + (b[((i * ld) + k)] * b[((k * ld) + j)]));
                }
            }
        }",
    );
}

#[test]
fn eliminations_that_depend_stay() {
    // The whole row: the factor is overwritten.
    check_stays(&LU.replace("'2: for j in (k + 1usize)..n", "'2: for j in 0usize..n"));
    check_stays(&LU.replace("'1: for i in (k + 1usize)..n", "'1: for i in 0usize..n"));
    // The row behind is used.
    check_stays(&LU.replace("* a[((k * ld) + j)]", "* a[(((i + 1usize) * ld) + j)]"));
    // The row in front is stored to.
    check_stays(&LU.replace("a[((i * ld) + j)] = (", "a[(((i - 1usize) * ld) + j)] = ("));
    // The factor is not what is stored.
    check_stays(
        "'0: for k in 0usize..n {
            '1: for i in (k + 1usize)..n {
                s = (a[((i * ld) + k)] / a[((k * ld) + k)]);
                a[((i * ld) + k)] = s;
                a[((i * ld) + k)] = 0.0f64;
                '2: for j in (k + 1usize)..n { a[((i * ld) + j)] = (a[((i * ld) + j)] - (s * a[((k * ld) + j)])); }
            }
        }",
    );
    check_stays(
        "'0: for k in 0usize..n {
            '1: for i in (k + 1usize)..n {
                s = (a[((i * ld) + k)] / a[((k * ld) + k)]);
                '2: for j in k..n { a[((i * ld) + j)] = (a[((i * ld) + j)] - (s * a[((k * ld) + j)])); }
            }
        }",
    );
    // The element that a name stands for is stored to again.
    check_stays(
        "'0: for k in 0usize..n {
            '1: for i in (k + 1usize)..n {
                t = (a[((i * ld) + k)] * 0.5f64);
                a[((i * ld) + k)] = t;
                '2: for j in (k + 1usize)..n { a[((i * ld) + k)] = (t + b[j]); }
            }
        }",
    );
    // A value that is used behind the nest.
    let named = LU.replace("a[((i * ld) + k)] = (a", "s = b[k]; a[((i * ld) + k)] = (a");
    check_stays(&format!("s = 0.0f64; {named} y[0usize] = s;"));
}

/// In a function with parallel loops, those that are not parallel are jammed, and what is parallel in an elimination is found.
#[test]
fn functions_with_parallel_loops() {
    use crate::{ChunkOrder, Program, eval_program_in, transform::optimize};
    for (body, parallel) in [(CHOLESKY, false), (LU, true)] {
        let mut func = function(body);
        func.parallel = Some(crate::parallel::Parallelism {
            min_len: Some(2),
            ..crate::parallel::Parallelism::AUTO
        });
        let before = Program {
            functions: vec![func],
            hosts: Vec::new(),
        };
        let mut after = before.clone();
        let remarks = optimize(&mut after, &Target::default());
        let jams = (remarks.iter()).any(|remark| {
            matches!(
                remark.kind,
                crate::RemarkKind::Jammed { .. } | crate::RemarkKind::Eliminated
            )
        });
        assert!(jams, "{remarks:?}");
        let found =
            (remarks.iter()).filter(|remark| matches!(remark.kind, crate::RemarkKind::Parallel(_)));
        assert_eq!(found.count() > 1, parallel, "{remarks:?}");
        // The product of an elimination is computed in blocks there, too.
        let blocked = |remark: &crate::Remark| {
            remark.function > 0 && matches!(remark.kind, crate::RemarkKind::Blocked { .. })
        };
        assert_eq!(remarks.iter().any(blocked), parallel, "{remarks:?}");
        for n in [0usize, 3, 7, 9, 14, 21] {
            for ld in [n, n + 1, 3] {
                let size = (n + 2) * (ld + 2) + 60;
                let args = || {
                    [
                        Argument::Scalar(Value::from(n)),
                        Argument::Scalar(Value::from(n)),
                        Argument::Scalar(Value::from(ld)),
                        slice(size, 1),
                        slice(size, 2),
                        slice(size, 3),
                    ]
                };
                let run = |program: &Program, order| {
                    let mut args = args();
                    let outcome =
                        eval_program_in(program, &mut args, FUEL, order, &mut |_, _| None);
                    format!("{outcome:?} {args:?}")
                };
                let expected = run(&before, ChunkOrder::InOrder);
                for order in [ChunkOrder::InOrder, ChunkOrder::Single(7)] {
                    assert_eq!(run(&after, order), expected, "{n} {ld}");
                }
            }
        }
    }
}

#[test]
fn elements_that_all_rows_update() {
    check(
        "'0: for i in 0usize..n {
            '1: for j in 0usize..m { y[j] = (y[j] + (a[((i * ld) + j)] * b[i])); }
        }",
    );
    check(
        "'0: for i in 1usize..n {
            p = (i * ld);
            '1: for j in 0usize..m {
                t = (b[(p + j)] * 0.5f64);
                y[(j + 2usize)] = ((y[(j + 2usize)] * t) + b[(i - 1usize)]);
            }
        }",
    );
    // One column farther in each row: an element gets what comes later before what comes first.
    check_stays(
        "'0: for i in 0usize..n {
            '1: for j in 0usize..m { y[(i + j)] = (y[(i + j)] + (b[i] * b[j])); }
        }",
    );
    // What one row stores is read by the next one, beside it.
    check_stays(
        "'0: for i in 0usize..n {
            '1: for j in 0usize..m { y[j] = ((y[j] + y[(j + 1usize)]) + b[((i * ld) + j)]); }
        }",
    );
    // Nothing differs from row to row.
    check_stays(
        "'0: for i in 0usize..n {
            '1: for j in 0usize..m { y[j] = (y[j] + b[j]); }
        }",
    );
}

/// The last number may be in an inclusive range, and the one behind it is 0.
#[test]
fn one_more_than_the_last() {
    let text = |range: &str| {
        format!(
            "'0: for i in 1usize..n {{
                t = 0.0f64;
                '1: for j in {range} {{
                    '2: for k in (j + 1usize)..m {{ t = ((t * 0.5f64) + a[(((i - 1usize) * ld) + k)]); }}
                }}
                a[(i * ld)] = t;
            }}"
        )
    };
    check(&text("1usize..m"));
    check_stays(&text("1usize..=m"));
}

#[test]
fn what_gains_nothing_stays() {
    // Nothing waits.
    check_stays(
        "'0: for i in 0usize..n { '1: for j in 0usize..m { a[((i * ld) + j)] = (b[j] * 2.0f64); } }",
    );
    // The length of the loop inside differs from row to row.
    check_stays(
        "'0: for i in 0usize..n {
            s = 0.0f64;
            '1: for j in i..m { s = ((s * 0.5f64) + b[((i * ld) + j)]); }
            y[i] = s;
        }",
    );
    // A product of matrices has blocks.
    check_stays(
        "'0: for i in 0usize..n { '1: for j in 0usize..m {
            s = 0.0f64;
            '2: for k in 0usize..n { s = (s + (b[((i * ld) + k)] * b[((k * ld) + j)])); }
            a[((i * ld) + j)] = s;
        } }",
    );
}

#[test]
fn generated_functions_mean_the_same() {
    let config = GenerateConfig::default();
    for seed in 0..if cfg!(debug_assertions) { 300 } else { 3000 } {
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

/// Nests of the forms that are jammed, with elements taken at random and counters that all iterations share: most of them depend, and stay. What changes
/// means the same.
#[test]
fn random_nests() {
    let mut changed = [0, 0];
    let mut counts = 0;
    for seed in 0..if cfg!(debug_assertions) { 800 } else { 24000 } {
        let func = generate_nest(seed).expect("well-formed");
        let Some(after) = apply(&func) else {
            continue;
        };
        changed[(seed % 2) as usize] += 1;
        counts += u32::from(func.to_string().contains("hits = (hits +"));
        for arguments in 0..8 {
            let args = || generate_nest_arguments(arguments);
            let (mut expected, mut found) = (args(), args());
            let first = eval(&func, &mut expected, FUEL);
            let second = eval(&after, &mut found, FUEL);
            assert_eq!(format!("{first:?}"), format!("{second:?}"), "{after}");
            let same = format!("{expected:?}") == format!("{found:?}");
            assert!(same, "seed {seed}, {arguments}\n{func}{after}");
        }
    }
    assert!(changed.iter().all(|&count| count > 4), "{changed:?}");
    assert!(counts > 2, "{counts}");
}

/// The same in functions with parallel loops: rows and parts of them in any order.
#[test]
fn random_nests_in_parallel() {
    use crate::{ChunkOrder, Program, StmtKind, eval_program_in, transform::optimize};
    let mut parallel = [0, 0];
    for seed in 0..if cfg!(debug_assertions) { 60 } else { 6000 } {
        let mut func = generate_nest(seed).expect("well-formed");
        func.parallel = Some(crate::parallel::Parallelism {
            min_len: Some(2),
            chunk: (seed % 3 > 0).then_some(seed % 3),
            ..crate::parallel::Parallelism::AUTO
        });
        let before = Program {
            functions: vec![func],
            hosts: Vec::new(),
        };
        let mut after = before.clone();
        optimize(&mut after, &Target::default());
        let mut found = false;
        for func in &after.functions {
            (func.body).for_each_stmt(|stmt| found |= matches!(stmt.kind, StmtKind::Parallel(_)));
        }
        if !found {
            continue;
        }
        parallel[(seed % 2) as usize] += 1;
        for arguments in 0..6 {
            let run = |program: &Program, order| {
                let mut args = generate_nest_arguments(arguments);
                let outcome = eval_program_in(program, &mut args, FUEL, order, &mut |_, _| None);
                assert!(outcome.is_ok(), "seed {seed}: {outcome:?}");
                format!("{outcome:?} {args:?}")
            };
            let expected = run(&before, ChunkOrder::InOrder);
            for order in [ChunkOrder::InOrder, ChunkOrder::Single(seed)] {
                let text = || crate::print_program(&after);
                assert_eq!(run(&after, order), expected, "seed {seed}\n{}", text());
            }
        }
    }
    println!("{parallel:?}");
    // Factorizations stay in order.
    assert!(parallel[1] > 4, "{parallel:?}");
}
