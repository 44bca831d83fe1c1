use super::*;
use crate::generate::{generate_loop_arguments, generate_loops};
use crate::{
    Argument, ChunkOrder, EvalError, Outcome, Value, eval_program_in, verify_specialized_program,
};

/// Runs the pass with loops that are worth it always, and in pieces of few iterations; 0: without saying so.
pub(super) fn parallelized(program: &Program, chunk: u64) -> (Program, Vec<Remark>) {
    let mut after = program.clone();
    after.functions[0].parallel = Some(Parallelism {
        chunk: (chunk > 0).then_some(chunk),
        ..Parallelism::AUTO
    });
    let mut remarks = Vec::new();
    run_with(&mut after, 0, &[], &mut remarks);
    if let Err(errors) = verify_specialized_program(&after) {
        panic!("{errors:?}\n{}", crate::print_program(&after));
    }
    (after, remarks)
}

/// Some loops run for ever.
const FUEL: u64 = 100_000;

pub(super) type Ran = Result<(Outcome, Vec<Argument>), EvalError>;

pub(super) fn run_in(program: &Program, args: &[Argument], order: ChunkOrder) -> Ran {
    let mut args = args.to_vec();
    let outcome = eval_program_in(program, &mut args, FUEL, order, &mut |_, _| None)?;
    Ok((outcome, args))
}

/// The same result and the same memory in whatever order; if there is a trap, the same one.
pub(super) fn agree(before: &Program, after: &Program, args: &[Argument], seed: u64) -> bool {
    let expected = run_in(before, args, ChunkOrder::InOrder);
    if matches!(expected, Err(EvalError::OutOfFuel)) {
        return false;
    }
    let mut traps = false;
    for order in [
        ChunkOrder::InOrder,
        ChunkOrder::Shuffled(seed),
        ChunkOrder::Single(seed),
        ChunkOrder::Single(seed.wrapping_add(77)),
    ] {
        let found = run_in(after, args, order);
        let text = || format!("{order:?}\n{}", crate::print_program(after));
        match (&expected, &found) {
            (Ok((trap @ Outcome::Trap { .. }, memory)), Ok((other, found))) => {
                traps = true;
                assert_same_trap(before, trap, after, other, &text);
                if is_one_parallel_loop(after) {
                    assert_stored(args, memory, found, &text);
                }
            }
            (Ok(expected), Ok(found)) => assert_eq!(expected, found, "{}", text()),
            (Err(EvalError::OutOfFuel), _) | (_, Err(EvalError::OutOfFuel)) => {}
            (expected, found) => panic!("{expected:?} {found:?}\n{}", text()),
        }
    }
    traps
}

/// Sites of functions that were made are copies of those of the source.
fn assert_same_trap(
    before: &Program,
    expected: &Outcome,
    after: &Program,
    found: &Outcome,
    text: &dyn Fn() -> String,
) {
    let site_of = |program: &Program, outcome: &Outcome| match outcome {
        Outcome::Trap {
            function,
            site,
            operands,
        } => {
            let site = program.functions[*function].sites[*site].clone();
            Some((site, operands.clone()))
        }
        _ => None,
    };
    let (left, right) = (site_of(before, expected), site_of(after, found));
    assert!(
        left.is_some() && left == right,
        "{left:?} {right:?} {found:?}\n{}",
        text()
    );
}

/// Whether all that is stored is stored by the iterations of one loop.
fn is_one_parallel_loop(program: &Program) -> bool {
    let (mut loops, mut parallel) = (0, 0);
    program.functions[0]
        .body
        .for_each_stmt(|stmt| match &stmt.kind {
            StmtKind::For(_) => loops += 1,
            StmtKind::Parallel(_) => parallel += 1,
            _ => {}
        });
    loops == 0 && parallel == 1
}

/// What was stored before a trap is stored, whatever ran behind it.
fn assert_stored(
    before: &[Argument],
    expected: &[Argument],
    found: &[Argument],
    text: &dyn Fn() -> String,
) {
    for ((before, expected), found) in before.iter().zip(expected).zip(found) {
        let (Argument::Slice(before), Argument::Slice(expected), Argument::Slice(found)) =
            (before, expected, found)
        else {
            continue;
        };
        for ((before, expected), found) in before.iter().zip(expected).zip(found) {
            assert!(before == expected || expected == found, "{}", text());
        }
    }
}

/// How many loops were accepted, accepted with a condition, refused.
#[derive(Debug, Default)]
struct Verdicts {
    legal: u32,
    conditional: u32,
    illegal: u32,
    parallel_runs: u32,
    traps: u32,
}

/// Random loops: whatever is accepted gives the same in any order.
#[test]
fn no_accepted_loop_races() {
    let count = std::env::var("HOTLOOP_FUZZ_LOOPS");
    let count = count.ok().and_then(|count| count.parse().ok());
    let count: u64 = count.unwrap_or(200);
    let first = std::env::var("HOTLOOP_FUZZ_FIRST");
    let first: u64 = first.ok().and_then(|first| first.parse().ok()).unwrap_or(0);
    let mut seen = Verdicts::default();
    for seed in first..first + count {
        let before = generate_loops(seed).expect("well-formed");
        if let Err(errors) = verify_specialized_program(&before) {
            panic!("{seed}: {errors:?}\n{}", crate::print_program(&before));
        }
        let (after, remarks) = parallelized(&before, seed % 4);
        for remark in &remarks {
            match &remark.kind {
                RemarkKind::Parallel(how) if how.conditions == 0 => seen.legal += 1,
                RemarkKind::Parallel(_) => seen.conditional += 1,
                RemarkKind::Serial { .. } => seen.illegal += 1,
                _ => {}
            }
        }
        if before.functions.len() == after.functions.len() {
            continue;
        }
        for arguments in 0..4 {
            let args = generate_loop_arguments(seed * 4 + arguments);
            seen.parallel_runs += 1;
            seen.traps += u32::from(agree(&before, &after, &args, seed));
        }
    }
    println!("{seen:?}");
    let all = seen.legal + seen.conditional + seen.illegal;
    assert!((seen.legal + seen.conditional) * 5 > all, "{seen:?}");
}

/// The first function parallelized: how many loops run in parallel, and the outcomes for these arguments are the same.
#[track_caller]
fn check(text: &str, n_parallel: usize, args: &[Vec<Argument>]) -> Program {
    let before = crate::parse_program(text).expect("well-formed text");
    assert_eq!(verify_specialized_program(&before), Ok(()));
    let (after, remarks) = parallelized(&before, 2);
    let parallel = remarks
        .iter()
        .filter(|remark| matches!(remark.kind, RemarkKind::Parallel(_)));
    assert_eq!(parallel.count(), n_parallel, "{remarks:?}");
    for args in args {
        agree(&before, &after, args, 5);
    }
    after
}

pub(super) fn usize_arg(value: usize) -> Argument {
    Argument::Scalar(Value::from(value))
}

pub(super) fn floats(values: impl IntoIterator<Item = f64>) -> Argument {
    Argument::Slice(values.into_iter().map(Value::from).collect())
}

/// Shortest paths: the row that all others read is computed between those before and those behind it.
#[test]
fn split_where_one_iteration_stores_what_others_read() {
    let text = "fn floyd(n: usize, d: &mut [f64]) {
        let k: usize;
        let i: usize;
        let j: usize;
        site @0 = index; site @1 = index; site @2 = index; site @3 = index;
        '0: for k in 0usize..n {
            '1: for i in 0usize..n {
                '2: for j in 0usize..n {
                    d[((i * n) + j)]@0 = d[((i * n) + j)]@1.min((d[((i * n) + k)]@2 + d[((k * n) + j)]@3));
                }
            }
        }
    }";
    let args: Vec<_> = [(0, 0), (1, 1), (3, 9), (5, 25), (5, 24), (4, 3)]
        .map(|(n, len)| {
            let values = (0..len).map(|i| f64::from((i * 37 + 11) % 23) - 5.0);
            vec![usize_arg(n), floats(values)]
        })
        .into();
    check(text, 2, &args);
}

/// Of an inclusive range the last may be the greatest number, behind which no other part begins.
#[test]
fn not_split_at_the_greatest_number() {
    let text = |range: &str| {
        format!(
            "fn f(n: usize, m: usize, s: usize, e: usize, d: &mut [u64], c: &mut [u64]) {{
                let k: usize;
                let i: usize;
                let j: usize;
                site @0 = index; site @1 = index; site @2 = index; site @3 = index; site @4 = index;
                '0: for k in {range} {{
                    '1: for i in 0usize..n {{
                        c[i]@4 = (c[i]@4 + 1u64);
                        '2: for j in 0usize..m {{
                            d[((i * m) + j)]@0 = d[((i * m) + j)]@1.min((d[((i * m) + k)]@2 + d[((k * m) + j)]@3));
                        }}
                    }}
                }}
            }}"
        )
    };
    let args = |s: usize, m: usize| {
        let numbers = |len: u64| {
            let number = |i: u64| Value::Scalar(crate::Scalar::from_bits(ScalarTy::U64, i.into()));
            Argument::Slice((0..len).map(number).collect())
        };
        let [n, m, s, e] = [3, m, s, s.saturating_add(1)].map(usize_arg);
        vec![n, m, s, e, numbers(9), numbers(3)]
    };
    let all = [
        args(0, 3),
        args(1, 2),
        args(usize::MAX, 0),
        args(usize::MAX, 3),
    ];
    check(&text("0usize..n"), 2, &all);
    check(&text("s..=e"), 1, &all);
}

#[test]
fn iterations_are_counted_in_the_order_of_the_loop() {
    for range in [
        "0usize..n",
        "3usize..n step 2usize",
        "1usize..=n",
        "0usize..n rev",
        "2usize..=n step 3usize rev",
        "0usize..n step ((n & 3usize) | 1usize)",
        "1usize..=n step ((n & 3usize) | 1usize) rev",
        "3usize..n step (n | 1usize)",
        "n..4usize",
    ] {
        let text = format!(
            "fn f(n: usize, a: &mut [f64]) -> usize {{
                let i: usize;
                let mut sum: usize;
                site @0 = index;
                sum = 7usize;
                '0: for i in {range} {{
                    a[i]@0 = (i as f64);
                    sum = (sum + i);
                }}
                return sum;
            }}"
        );
        let args: Vec<_> = (0..14)
            .map(|n| vec![usize_arg(n), floats((0..13).map(|_| -1.0))])
            .chain([vec![usize_arg(usize::MAX), floats([1.0, 2.0])]])
            .collect();
        check(&text, 1, &args);
    }
    for (ty, range) in [
        ("i8", "-128i8..=127i8"),
        ("i8", "-100i8..100i8 step 7usize"),
        ("i8", "-128i8..=127i8 step ((m as usize) | 1usize)"),
        (
            "u8",
            "0u8..=255u8 step (((m as usize) & 7usize) | 300usize)",
        ),
        ("i32", "-5i32..m step (a.len() | 2usize) rev"),
        ("u8", "0u8..=255u8 rev"),
        ("i32", "-5i32..m"),
    ] {
        let text = format!(
            "fn f(m: i32, a: &mut [f64]) -> i64 {{
                let i: {ty};
                let mut sum: i64;
                sum = 0i64;
                '0: for i in {range} {{
                    sum = (sum ^ ((i as i64) * 3i64));
                }}
                return sum;
            }}"
        );
        let m = |m: i32| {
            Argument::Scalar(Value::Scalar(crate::Scalar::from_bits(
                ScalarTy::I32,
                m as u128,
            )))
        };
        let args: Vec<_> = [-9, -5, 0, 11]
            .map(|value| vec![m(value), floats([])])
            .into();
        check(&text, 1, &args);
    }
}

/// A loop that would run 2^64 times traps as it did.
#[test]
fn the_longest_loop() {
    for rev in ["", " rev"] {
        let text = format!(
            "fn f(a: &mut [f64]) {{
                let i: usize;
                site @0 = index;
                '0: for i in 0usize..=18446744073709551615usize{rev} {{
                    a[i]@0 = 1.0f64;
                }}
            }}"
        );
        let before = crate::parse_program(&text).expect("well-formed text");
        let (after, _) = parallelized(&before, 2);
        let args = [floats([1.0, 2.0, 3.0])];
        let in_order = |program| run_in(program, &args, ChunkOrder::InOrder).expect("an outcome");
        let (expected, found) = (in_order(&before), in_order(&after));
        let operands = |outcome: &Outcome| match outcome {
            Outcome::Trap { operands, .. } => operands.clone(),
            _ => Vec::new(),
        };
        assert_eq!(operands(&expected.0).len(), 2);
        assert_eq!(operands(&expected.0), operands(&found.0));
        assert_eq!(expected.1, found.1);
    }
}

/// The least value and where it is: of equal ones the first, whatever NaN and zeros there are.
#[test]
fn extrema_are_exact() {
    let text = "fn f(x: &[f64], m: f64) -> (f64, usize, f64) {
        let i: usize;
        let mut least: f64;
        let mut place: usize;
        let mut greatest: f64;
        least = m;
        place = 99usize;
        greatest = m;
        '0: for i in 0usize..x.len() {
            if (x[i] < least) {
                least = x[i];
                place = i;
            }
            greatest = greatest.max(x[i]);
        }
        return (least, place, greatest);
    }";
    let mut args = Vec::new();
    let values = [
        0.0,
        -0.0,
        f64::NAN,
        1.0,
        f64::INFINITY,
        -3.0,
        f64::NEG_INFINITY,
    ];
    for start in 0..7 {
        for len in [0, 1, 2, 5, 9] {
            for first in [f64::NAN, f64::INFINITY, 2.0, -0.0] {
                let x = (0..len).map(|i| values[(start + i * i) % 7]);
                args.push(vec![floats(x), Argument::Scalar(Value::from(first))]);
            }
        }
    }
    check(text, 1, &args);
}

/// A sum that panics where it overflows.
#[test]
fn checked_sums_trap_as_in_order() {
    let text = "fn f(x: &[u8], s: u8) -> u8 {
        let i: usize;
        let mut sum: u8;
        site @0 = binary + with u8, u8;
        sum = s;
        '0: for i in 0usize..x.len() {
            sum = (sum + x[i])@0;
        }
        return sum;
    }";
    let number = |value: u8| Value::Scalar(crate::Scalar::from_bits(ScalarTy::U8, value.into()));
    let args: Vec<_> = [(0, 10), (0, 25), (0, 26), (250, 1), (250, 0), (0, 40)]
        .map(|(s, len)| {
            let x = (0..len).map(|_| number(10)).collect();
            vec![Argument::Slice(x), Argument::Scalar(number(s))]
        })
        .into();
    check(text, 1, &args);
}

/// Wrapping and panicking updates of one accumulator are no sum that can be regrouped; of two accumulators they are.
#[test]
fn checked_and_wrapping_sums() {
    let number = |value: u8| Value::Scalar(crate::Scalar::from_bits(ScalarTy::U8, value.into()));
    let args: Vec<_> = [(0, 10), (0, 25), (200, 4), (200, 12)]
        .map(|(s, len)| {
            let x = (0..len).map(|_| number(10)).collect();
            vec![Argument::Slice(x), Argument::Scalar(number(s))]
        })
        .into();
    let text = |updates: &str| {
        format!(
            "fn f(x: &[u8], s: u8) -> (u8, u8) {{
                let i: usize;
                let mut sum: u8;
                let mut other: u8;
                site @0 = binary + with u8, u8; site @1 = binary - with u8, u8;
                sum = s;
                other = s;
                '0: for i in 0usize..x.len() {{
                    {updates}
                }}
                return (sum, other);
            }}"
        )
    };
    for (updates, n_parallel) in [
        ("sum = (sum + x[i])@0; sum = sum.wrapping_add(x[i]);", 0),
        ("sum = (sum + x[i])@0.wrapping_add(3u8);", 0),
        ("sum = (sum.wrapping_add(3u8) + x[i])@0;", 0),
        (
            "if (i < 3usize) { sum = (sum + x[i]); } else { sum = (sum + x[i])@0; }",
            0,
        ),
        ("sum = (sum - x[i])@1;", 0),
        ("sum = (sum + x[i])@0; other = other.wrapping_add(x[i]);", 1),
        ("sum = (sum + x[i])@0; sum = (sum + 1u8)@0;", 1),
        ("sum = (sum + x[i]); sum = (sum - 3u8);", 1),
    ] {
        check(&text(updates), n_parallel, &args);
    }
}

/// Arrays that are lent so that they could be stored to, and are not.
#[test]
fn lent_mutably_and_read() {
    let text = "fn f(a: &mut [u64]) -> u64 {
        let i: usize;
        let mut shared: [u64; 4];
        let mut other: [u64; 4];
        let part: &mut [u64];
        let whole: &mut [u64; 4];
        site @0 = index;
        shared = [7u64; 4];
        other = [2u64; 4];
        '0: for i in 0usize..a.len() {
            part = &mut shared[1usize..];
            whole = &mut other;
            a[i]@0 = ((part.len() as u64) + (part[(i & 1usize)] * a[i]));
        }
        return (shared[3usize] + other[0usize]);
    }";
    let number = |value: u64| Value::Scalar(crate::Scalar::from_bits(ScalarTy::U64, value.into()));
    let args = [0, 1, 9].map(|len| vec![Argument::Slice((0..len).map(number).collect())]);
    let before = crate::parse_program(text).expect("well-formed text");
    assert_eq!(verify_specialized_program(&before), Ok(()));
    let (after, _) = parallelized(&before, 2);
    for args in &args {
        agree(&before, &after, args, 3);
    }
}

/// Sums behind references are sums of locals where nothing panics, and otherwise as they were.
#[test]
fn accumulators_behind_references() {
    let number = |value: u64| Value::Scalar(crate::Scalar::from_bits(ScalarTy::U64, value.into()));
    let numbers = |len: u64| Argument::Slice((0..len).map(|i| number(i * i + 3)).collect());
    let args: Vec<_> = [(0, 0), (5, 5), (9, 12), (9, 4), (9, 0)]
        .map(|(x, y)| {
            let pair = Value::Tuple(vec![number(40), number(2)]);
            vec![numbers(x), numbers(y), Argument::Ref(pair)]
        })
        .into();
    let text = |body: &str| {
        format!(
            "fn f(x: &[u64], y: &[u64], s: &mut (u64, u64)) {{
                let i: usize;
                let r: &mut u64;
                site @0 = index; site @1 = binary +;
                '0: for i in 0usize..x.len() {{
                    {body}
                }}
            }}"
        )
    };
    for (body, n_parallel) in [
        ("s.*.0 = (s.*.0 + (x[i] * y[i]@0));", 1),
        ("s.*.0 = (s.*.0 ^ x[i]); s.*.1 = s.*.1.max(x[i]);", 1),
        ("if (x[i] > 9u64) { s.*.1 = (s.*.1 + s.*.0); }", 1),
        ("s.*.0 = (s.*.0 + x[i])@1;", 0),
        ("s.*.0 = (s.*.1 + x[i]);", 0),
        ("s.* = (s.*.1, x[i]);", 0),
        (
            "s.*.0 = (s.*.0 ^ x[i]); r = &mut s.*.0; r.* = (r.* + 1u64);",
            0,
        ),
    ] {
        let after = check(&text(body), n_parallel, &args);
        let text = crate::print_program(&after);
        assert_eq!(text.contains("$own"), n_parallel == 1, "{text}");
    }
}

/// Fields of an enum's variants lie in the same bytes: there is no value in the others to be put back.
#[test]
fn accumulators_in_variants() {
    let text = |overlapping: &str| {
        format!(
            "struct Acc size 16 align 8 {overlapping} {{ tag: u64 at 0, a: u64 at 8, b: u64 at 8 }};
            fn f(x: &[u64], s: &mut Acc) {{
                let i: usize;
                '0: for i in 0usize..x.len() {{
                    if (s.*.0 == 0u64) {{ s.*.1 = (s.*.1 + x[i]); }} else {{ s.*.2 = (s.*.2 + x[i]); }}
                }}
            }}"
        )
    };
    check(&text("overlapping"), 0, &[]);
}

/// Bodies of parallel loops have both versions of their loops: no thread waits for a compiler.
#[test]
fn bodies_defer_nothing() {
    let text = "parallel min_len 1; fn f(n: usize, a: &mut [f64], b: &[f64]) {
        let i: usize;
        let j: usize;
        site @0 = index; site @1 = index;
        '0: for i in 0usize..a.len() {
            '1: for j in 0usize..n {
                a[i]@0 = (a[i]@0 + b[j]@1);
            }
        }
    }";
    let mut program = crate::parse_program(text).expect("well-formed text");
    let target = crate::Target {
        defers: true,
        ..crate::Target::default()
    };
    crate::optimize(&mut program, &target);
    assert_eq!(verify_specialized_program(&program), Ok(()));
    let mut bodies = Vec::new();
    for func in &program.functions {
        func.body.for_each_stmt(|stmt| {
            if let StmtKind::Parallel(parallel) = &stmt.kind {
                bodies.push(parallel.function as usize);
            }
        });
    }
    assert!(!bodies.is_empty(), "{}", crate::print_program(&program));
    for body in bodies {
        program.functions[body].body.for_each_stmt(|stmt| {
            if let StmtKind::Call { function, .. } = &stmt.kind {
                let callee = &program.functions[*function as usize];
                assert_eq!(callee.deferred, None, "{}", crate::print_program(&program));
            }
        });
    }
}

/// What is a constant in the function is one in the body, and a distance that is none stays a distance.
#[test]
fn bodies_know_constants() {
    let text = "fn f(n: usize, a: &mut [f64]) {
        let i: usize;
        let j: usize;
        let taps: usize;
        site @0 = index;
        taps = 16usize;
        '0: for i in 0usize..a.len() step (n | 1usize) {
            '1: for j in 0usize..taps {
                a[i]@0 = (a[i]@0 + (j as f64));
            }
        }
    }";
    let args: Vec<_> = (0..6)
        .map(|n| vec![usize_arg(n), floats((0..13).map(f64::from))])
        .collect();
    let after = check(text, 1, &args);
    let text = crate::print_program(&after);
    assert!(text.contains("captures ($step, a)"), "{text}");
    assert!(text.contains("taps = 16usize;"), "{text}");
    assert!(text.contains("step $step {"), "{text}");
}

/// Histograms: each chunk has an array of its own; where an index is no element, what was stored before stays stored.
#[test]
fn elements_are_accumulators() {
    let text = "fn f(x: &[usize], bins: &mut [u32]) -> usize {
        let i: usize;
        let mut count: usize;
        site @0 = index; site @1 = index; site @2 = index;
        count = 3usize;
        '0: for i in 0usize..x.len() {
            bins[x[i]@0]@2 = (bins[x[i]@0]@1 + 5u32);
            count = (count + 1usize);
        }
        return count;
    }";
    let numbers = |values: &mut dyn Iterator<Item = usize>| {
        Argument::Slice(values.map(Value::from).collect())
    };
    let bins = |len: u32| {
        let number =
            |value: u32| Value::Scalar(crate::Scalar::from_bits(ScalarTy::U32, value.into()));
        Argument::Slice((0..len).map(|k| number(u32::MAX - 7 * k)).collect())
    };
    let mut args = Vec::new();
    for (len, wrong) in [
        (0, 9),
        (1, 9),
        (9, 9),
        (40, 99),
        (40, 17),
        (40, 39),
        (40, 0),
    ] {
        for n_bins in [8, 256, 257] {
            let mut x = (0..len).map(|i| if i == wrong { 1 << 40 } else { i * i % 8 });
            args.push(vec![numbers(&mut x), bins(n_bins)]);
        }
    }
    let before = crate::parse_program(text).expect("well-formed text");
    // By iterations, and by blocks of them that are looked at ahead.
    for (chunk, blocks) in [(3, false), (0, true)] {
        let (after, _) = parallelized(&before, chunk);
        let after_text = crate::print_program(&after);
        assert!(after_text.contains("parallel fn#1"), "{after_text}");
        assert_eq!(after_text.contains("$blocks"), blocks, "{after_text}");
        for args in &args {
            agree(&before, &after, args, 1);
            // Here also what was stored before a trap is the same.
            let (expected, found) = (
                run_in(&before, args, ChunkOrder::InOrder).expect("an outcome"),
                run_in(&after, args, ChunkOrder::Single(4)).expect("an outcome"),
            );
            assert_eq!(expected.1, found.1, "{after_text}");
        }
    }
}

/// Indices that are computed from floats are kept for a block; the number of those that are not checked is right, too.
#[test]
fn kept_indices_of_accumulators() {
    let text = "fn f(x: &[f64], y: &[u8], bins: &mut [u64], bytes: &mut [u64]) -> f64 {
        let i: usize;
        let mut to: usize;
        let mut low: f64;
        site @0 = index; site @1 = index; site @2 = index; site @3 = index; site @4 = index;
        low = 9f64;
        '0: for i in 0usize..x.len() {
            to = ((x[i]@0 * 4f64) as usize);
            bins[to]@2 = (bins[to]@1 + 5u64);
            bytes[(y[i]@3 as usize)]@4 = (bytes[(y[i]@3 as usize)]@4 + 1u64);
            low = low.min(x[i]@0);
        }
        return low;
    }";
    let written_twice = text.replace("to]", "((x[i]@0 * 4f64) as usize)]");
    let numbers = |len: u64| Argument::Slice((0..len).map(Value::from).collect());
    for (text, chunk) in [(text, 0), (text, 3), (&written_twice, 0)] {
        let before = crate::parse_program(text).expect("well-formed text");
        let (after, remarks) = parallelized(&before, chunk);
        let is_parallel = |remark: &Remark| matches!(remark.kind, RemarkKind::Parallel(_));
        assert!(remarks.iter().any(is_parallel), "{remarks:?}");
        let in_blocks = crate::print_program(&after).contains("$blocks");
        assert_eq!(in_blocks, chunk == 0 && text.contains("to]"), "{after:?}");
        for len in [0, 1, 16, 17, 95, 96, 97, 130] {
            for (wrong, value) in [
                (usize::MAX, 0.0),
                (len / 2, f64::NAN),
                (len / 2, -7.0),
                (len / 3, 2.0),
                (len / 3, 1e300),
            ] {
                for n_bytes in [3, 40, 256, 300] {
                    let x = (0..len).map(|i| match i == wrong {
                        true => value,
                        false => (i * 7 % 8) as f64 / 4.0,
                    });
                    let y = (0..len).map(|i| (i % 40) as u128);
                    let y = y.map(|y| Value::Scalar(crate::Scalar::from_bits(ScalarTy::U8, y)));
                    let args = vec![
                        floats(x),
                        Argument::Slice(y.collect()),
                        numbers(8),
                        numbers(n_bytes),
                    ];
                    agree(&before, &after, &args, 3);
                }
            }
        }
    }
}

/// Rows of a length that is known only when the loop runs, the last of which may be shorter.
#[test]
fn rows_of_any_length() {
    let exact = "row = &mut a[(i * n)..((i * n) + n)];";
    let shorter = "end = ((i * n) + n).min(a.len()); row = &mut a[(i * n)..end];";
    for (bound, part) in [
        ("(a.len() / n)@1", exact),
        ("(((a.len() + n) - 1usize) / n)@1", shorter),
    ] {
        let text = format!(
            "fn f(n: usize, a: &mut [f64]) {{
                let i: usize;
                let j: usize;
                let end: usize;
                let row: &mut [f64];
                site @0 = panic; site @1 = binary /; site @2 = index;
                if (n == 0usize) {{
                    trap @0;
                }}
                '0: for i in 0usize..{bound} {{
                    '1: for j in 0usize..n {{
                        {part}
                        if (j < row.len()) {{
                            row[j]@2 = (i as f64);
                        }}
                    }}
                }}
            }}"
        );
        let args: Vec<_> = [(0, 4), (1, 9), (3, 20), (7, 49), (50, 20)]
            .map(|(n, len)| vec![usize_arg(n), floats((0..len).map(f64::from))])
            .into();
        let after = check(&text, 1, &args);
        // The condition holds.
        let text = crate::print_program(&after);
        assert!(text.contains("i128"), "{text}");
        let mut args = args[2].clone();
        let mut taken = after.clone();
        // Without the serial way, the parallel one gives the same.
        let main = &mut taken.functions[0];
        for stmt in &mut main.body.stmts {
            if let StmtKind::If { otherwise, .. } = &mut stmt.kind {
                otherwise.stmts.clear();
            }
        }
        let found = run_in(&taken, &args, ChunkOrder::Shuffled(3)).expect("an outcome");
        let outcome = eval_program_in(&after, &mut args, FUEL, ChunkOrder::InOrder, &mut |_, _| {
            None
        });
        assert_eq!(found, (outcome.expect("an outcome"), args), "{text}");
    }
}
