use super::tests::{agree, floats, usize_arg};
use super::*;
use crate::generate::{generate_loop_arguments, generate_loops};
use crate::{Argument, Target, parse_program, print_program, verify_specialized_program};

fn parsed(text: &str) -> Program {
    let program = parse_program(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(verify_specialized_program(&program), Ok(()), "{text}");
    program
}

/// As [`run`] and [`begin`], for loops with at least so much work.
fn with_entries(program: &Program, min_work: u64, chunk: Option<u64>) -> Program {
    let mut after = program.clone();
    after.functions[0].parallel = Some(Parallelism {
        chunk,
        ..Parallelism::AUTO
    });
    let mut remarks = Vec::new();
    let originals = originals(&after);
    let launched = run_with(&mut after, min_work, &[], &mut remarks);
    let entries = entry::split(
        &mut after,
        originals,
        launched,
        &mut Vec::new(),
        &mut remarks,
    );
    for entry in entries {
        begin(&mut after, entry);
    }
    if let Err(errors) = verify_specialized_program(&after) {
        panic!("{errors:?}\n{}", print_program(&after));
    }
    after
}

/// The condition of the first statement, if it decides whether the parallel version is called.
fn condition(program: &Program) -> Option<String> {
    let func = &program.functions[0];
    let StmtKind::If { then, .. } = &func.body.stmts.first()?.kind else {
        return None;
    };
    let StmtKind::Call { function, .. } = then.stmts.first()?.kind else {
        return None;
    };
    let called = &program.functions[function as usize];
    assert!(called.is_parallel_part(), "{}", called.name);
    let text = print_program(program);
    let line = text.lines().find(|line| line.contains("if "))?;
    Some(line.trim().to_owned())
}

const CHAINS: &str = "parallel; fn chains(x: &mut [f64], y: &mut [f64], steps: usize) {
    let i: usize;
    let k: usize;
    let mut a: f64;
    let mut b: f64;
    site @0 = index; site @1 = index; site @2 = index; site @3 = index;
    '0: for i in 0usize..x.len() {
        a = x[i]@0;
        b = y[i]@1;
        '1: for k in 0usize..steps {
            a = (a + (0.25f64 * (b - a)));
            b = (b - (0.5f64 * (a * b)));
            a = (a * (1.5f64 - a));
        }
        x[i]@2 = a;
        y[i]@3 = b;
    }
}";

/// A function that has little to do runs what it would be without the option.
#[test]
fn small_calls_run_what_is_made_without_the_option() {
    let before = parsed(CHAINS);
    let mut parallel = before.clone();
    crate::optimize(&mut parallel, &Target::default());
    assert_eq!(verify_specialized_program(&parallel), Ok(()));
    let mut serial = before.clone();
    serial.functions[0].parallel = None;
    crate::optimize(&mut serial, &Target::default());
    assert!(
        condition(&parallel).is_some(),
        "{}",
        print_program(&parallel)
    );
    let [first, same] = [&parallel, &serial].map(|program| &program.functions[0].body.stmts);
    assert_eq!(first[1..], same[..]);
    // Both sides of the decision, rows left over and none.
    for (rows, steps) in [(0, 5), (1, 5), (7, 20), (403, 150), (402, 150)] {
        let args = [
            floats((0..rows).map(|i| f64::from(i) * 0.01)),
            floats((0..rows).map(|i| 1.0 - f64::from(i) * 0.002)),
            usize_arg(steps),
        ];
        let mut found = args.to_vec();
        let mut expected = args.to_vec();
        let outcomes =
            [(&parallel, &mut found), (&before, &mut expected)].map(|(program, args)| {
                crate::eval_program(program, args, 10_000_000, &mut |_, _| None)
            });
        assert!(outcomes[1].is_ok(), "{:?}", outcomes[1]);
        assert_eq!(outcomes[0], outcomes[1]);
        assert_eq!(found, expected, "{rows} {steps}");
    }
}

/// The body of a parallel loop gets what the loop gets: rows side by side, blocks.
#[test]
fn bodies_have_the_forms_of_serial_loops() {
    let transposed = "parallel; fn transposed(n: usize, a: &[f64], b: &mut [f64]) {
        let i: usize;
        let j: usize;
        site @0 = index; site @1 = index;
        '0: for i in 0usize..n {
            '1: for j in 0usize..n {
                b[((j * n) + i)]@1 = a[((i * n) + j)]@0;
            }
        }
    }";
    for (text, is_it) in [
        (
            CHAINS,
            (|kind| matches!(kind, RemarkKind::Jammed { .. })) as fn(&RemarkKind) -> bool,
        ),
        (transposed, |kind| matches!(kind, RemarkKind::Tiled { .. })),
    ] {
        let mut program = parsed(text);
        let remarks = crate::optimize(&mut program, &Target::default());
        let mut body = None;
        for func in &program.functions {
            func.body.for_each_stmt(|stmt| {
                if let StmtKind::Parallel(parallel) = &stmt.kind {
                    body = Some(parallel.function as usize);
                }
            });
        }
        for function in [Some(0), body] {
            let found = (remarks.iter())
                .any(|remark| Some(remark.function) == function && is_it(&remark.kind));
            assert!(
                found,
                "{function:?} {remarks:?}\n{}",
                print_program(&program)
            );
        }
    }
}

/// Whether and how the decision is made where the function begins.
#[test]
fn what_loops_have_to_do_is_told_from_arguments() {
    let text = |lets: &str, stmts: &str| {
        format!(
            "parallel; fn f(n: usize, k: usize, a: &mut [f64], b: &[u32]) {{
                let i: usize;
                let j: usize;
                {lets}
                site @0 = index; site @1 = index;
                {stmts}
            }}"
        )
    };
    let each = "a[i]@0 = (a[i]@0 * 2.0f64);";
    let cases = [
        // A length, in integers.
        (
            "",
            format!("'0: for i in 0usize..a.len() {{ {each} }}"),
            Some("(a.len() >= "),
        ),
        (
            "let m: usize;",
            format!("m = (a.len() / k)@1; '0: for i in 0usize..m {{ {each} }}"),
            Some("(k as f64)"),
        ),
        (
            "let mut m: usize;",
            format!("m = 2usize; if (k > 3usize) {{ m = n; }} '0: for i in 0usize..m {{ {each} }}"),
            Some("(n as f64)"),
        ),
        // A loop around it has a limit.
        (
            "let mut m: usize; let half: usize;",
            format!(
                "m = 2usize; '9: while (m <= n) {{ half = (m / 2usize)@1; '0: for i in 0usize..half {{ {each} }} m = (m * 2usize); }}"
            ),
            Some("(n as f64)"),
        ),
        // Unknown: a number from memory, one that nothing limits.
        (
            "let m: usize;",
            format!("m = (b[0usize]@1 as usize); '0: for i in 0usize..m {{ {each} }}"),
            None,
        ),
        (
            "let mut m: usize;",
            format!(
                "m = 2usize; '9: while (b[m]@1 > 1u32) {{ m = (m * 2usize); }} '0: for i in 0usize..m {{ {each} }}"
            ),
            None,
        ),
    ];
    for (lets, stmts, expected) in cases {
        let text = text(lets, &stmts).replace(
            "site @1 = index;",
            match stmts.contains(")@1;") && !stmts.contains("b[") {
                true => "site @1 = binary / with usize, usize;",
                false => "site @1 = index;",
            },
        );
        let program = parsed(&text);
        let after = with_entries(&program, 1 << 20, None);
        let found = condition(&after);
        match (&found, expected) {
            (Some(found), Some(expected)) => assert!(found.contains(expected), "{found}"),
            (None, None) => {
                // Then the loop decides, and is what it was if it is small.
                let mut loops = 0;
                after.functions[0].body.for_each_stmt(|stmt| {
                    loops += u32::from(matches!(stmt.kind, StmtKind::For(_)));
                });
                assert_eq!(loops, 1, "{}", print_program(&after));
            }
            _ => panic!("{found:?}\n{}", print_program(&after)),
        }
    }
}

/// The blocks of an elimination: `top` is at most 32 beyond `block`, so an iteration of `i` has at most 32 times what is left to do, however large both are.
#[test]
fn distances_are_bounded_where_their_ends_are_not() {
    let text = |update: &str| {
        format!(
            "parallel; fn f(n: usize, a: &mut [f64]) {{
                let block: usize; let i: usize; let j: usize; let k: usize; let top: usize; let place: usize;
                site @0 = index; site @1 = index; site @2 = index;
                '0: for block in 0usize..n step 32usize {{
                    top = (block + (n - block).min(32usize));
                    '1: for i in top..n {{
                        '2: for k in block..top {{
                            '3: for j in top..n {{ {update} }}
                        }}
                    }}
                }}
            }}"
        )
    };
    let value = "a[((i * n) + j)]@0 - (a[((i * n) + k)]@1 * a[((k * n) + j)]@2)";
    let program = parsed(&text(&format!("a[((i * n) + j)]@0 = ({value});")));
    let after = with_entries(&program, 1 << 20, None);
    let found = condition(&after).unwrap_or_else(|| panic!("{}", print_program(&after)));
    assert!(found.contains(".min(32.0f64)"), "{found}");
    assert!(found.contains(">= 16777216.0f64"), "{found}");
    // A triangle is not computed in registers, so that threads are worth it earlier.
    let triangle = text(&format!("a[((i * n) + j)]@0 = ({value});"))
        .replace("j in top..n", "j in (k + 1usize)..top");
    let least = condition(&with_entries(&parsed(&triangle), 1 << 20, None));
    let least = least.unwrap_or_default();
    assert!(
        least.contains(">= 4194304.0f64") && !least.contains(">= 16777216.0f64"),
        "{least}"
    );
    // What is an index has no cost of its own, whether it has a name or not.
    let named = value.replace("a[((i * n) + j)]@0", "a[place]@0");
    let program = parsed(&text(&format!(
        "place = ((i * n) + j); a[place]@0 = ({named});"
    )));
    assert_eq!(
        condition(&with_entries(&program, 1 << 20, None)),
        Some(found)
    );
}

/// A short loop in a long one stays where it is if there is little to do.
#[test]
fn loops_in_loops_stay_in_place() {
    let text = "fn f(n: usize, steps: usize, a: &mut [f64]) -> f64 {
        let t: usize;
        let i: usize;
        let mut sum: u64;
        let mut least: f64;
        site @0 = index; site @1 = index;
        sum = 0u64;
        least = 9.0f64;
        '0: for t in 0usize..steps {
            a[0usize]@0 = (a[0usize]@0 + (t as f64));
            '1: for i in 0usize..((n + t) & 7usize) {
                sum = (sum ^ (i as u64));
                least = least.min(a[i]@1);
            }
            a[0usize]@0 = (a[0usize]@0 + (least + (sum as f64)));
        }
        return least;
    }";
    let program = parsed(text);
    for min_work in [0, 20, 60] {
        let after = with_entries(&program, min_work, Some(2));
        let mut loops = 0;
        for func in &after.functions {
            let parallel = func.is_parallel_part() || !func.name.contains(':');
            func.body.for_each_stmt(|stmt| {
                loops += u32::from(parallel && matches!(stmt.kind, StmtKind::For(_)));
            });
        }
        // Those of the function, and those of the version with a parallel loop.
        assert_eq!(loops, 4, "{}", print_program(&after));
        for (n, steps, len) in [(0, 0, 1), (0, 9, 8), (5, 30, 8), (3, 12, 5), (3, 2, 0)] {
            let values = (0..len).map(|i| f64::from((i * 37 + 11) % 23) - 5.0);
            let args = [usize_arg(n), usize_arg(steps), floats(values)];
            agree(&program, &after, &args, 3);
        }
    }
}

/// Random loops, some of which decide in one way and some in the other.
#[test]
fn decisions_change_nothing() {
    let count = std::env::var("HOTLOOP_FUZZ_LOOPS");
    let count = count.ok().and_then(|count| count.parse().ok());
    let count: u64 = count.unwrap_or(120);
    let (mut decided, mut ran) = (0, 0);
    for seed in 0..count {
        let before = generate_loops(seed).expect("well-formed");
        for min_work in [20, 150] {
            let after = with_entries(&before, min_work, (seed % 3 > 0).then_some(seed % 3));
            decided += u32::from(condition(&after).is_some());
            if before.functions.len() == after.functions.len() {
                continue;
            }
            for arguments in 0..3 {
                let args: Vec<Argument> = generate_loop_arguments(seed * 4 + arguments);
                agree(&before, &after, &args, seed);
                ran += 1;
            }
        }
    }
    println!("{decided} {ran}");
    assert!(u64::from(decided) * 4 > count && ran > 0, "{decided} {ran}");
}

/// Few rows run one after the other, each in parallel, if they are long.
#[test]
fn short_loops_leave_threads_to_long_ones() {
    let text = |start: &str, body: &str| {
        format!(
            "fn f(n: usize, m: usize, a: &mut [f64], s: &[f64]) -> f64 {{
                let r: usize;
                let c: usize;
                let mut scale: f64;
                let mut least: f64;
                site @0 = index; site @1 = index; site @2 = index; site @3 = index;
                least = 100.0f64;
                '0: for r in {start}..n {{
                    scale = s[r]@0;
                    {body}
                }}
                return least;
            }}"
        )
    };
    let row = "'1: for c in 0usize..m { a[((r * m) + c)]@1 = (a[((r * m) + c)]@2 * scale); }";
    let least = "'1: for c in 0usize..m { least = least.min((a[((r * m) + c)]@1 + scale)); }";
    let triangle = "'1: for c in 0usize..r { a[((r * m) + c)]@1 = (a[((r * m) + c)]@2 * scale); }";
    let steps = "'1: for c in 0usize..m { scale = (scale * 0.5f64); a[((r * m) + c)]@1 = scale; }";
    for (start, body, loops) in [
        ("0usize", row, 2),
        ("m", row, 2),
        ("0usize", least, 2),
        // How long a row is depends on the row, and no row may run in parallel.
        ("0usize", triangle, 1),
        ("0usize", steps, 1),
    ] {
        let program = parsed(&text(start, body));
        for min_work in [0, 30] {
            let after = with_entries(&program, min_work, None);
            let count = |program: &Program| {
                let mut loops = 0;
                for func in &program.functions {
                    func.body.for_each_stmt(|stmt| {
                        loops += u32::from(matches!(stmt.kind, StmtKind::Parallel(_)));
                    });
                }
                loops
            };
            assert_eq!(count(&after), loops, "{}", print_program(&after));
            for (n, m, len) in [
                (0, 3, 4),
                (1, 9, 9),
                (3, 40, 120),
                (7, 2, 14),
                (8, 3, 24),
                (12, 4, 48),
                (5, 4, 18),
            ] {
                let values = (0..len).map(|i| f64::from((i * 37 + 11) % 23) - 5.0);
                let scales = (0..n.max(1) - usize::from(len == 14)).map(|i| 0.5 + i as f64);
                let args = [usize_arg(n), usize_arg(m), floats(values), floats(scales)];
                agree(&program, &after, &args, 3);
            }
        }
    }
}
