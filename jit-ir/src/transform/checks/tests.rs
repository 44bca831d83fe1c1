use super::*;
use crate::generate::{ENOUGH_FUEL, GenerateConfig, generate_arguments, generate_program};
use crate::{
    Argument, Outcome, Program, Target, Value, eval_program, optimize, parse, print,
    verify_specialized_program,
};

/// Runs the pass, and returns the text of the result.
fn rewritten(text: &str) -> (Function, Function) {
    let before = parse(text).expect("well-formed");
    let mut after = before.clone();
    let mut all = Vec::new();
    run(&mut after, None, &mut Remarks::new(0, &mut all));
    let program = Program {
        functions: vec![after.clone()],
        hosts: Vec::new(),
    };
    if let Err(errors) = verify_specialized_program(&program) {
        panic!("{errors:?}\n{after}");
    }
    (before, after)
}

/// The same outcome and the same memory for these arguments.
fn agree(before: &Function, after: &Function, args: &[Argument]) -> Outcome {
    let (mut left, mut right) = (args.to_vec(), args.to_vec());
    let expected = crate::eval(before, &mut left, 1_000_000);
    let found = crate::eval(after, &mut right, 1_000_000);
    assert_eq!(expected, found, "{after}");
    assert_eq!(left, right, "{after}");
    expected.expect("ends")
}

fn floats(len: usize) -> Argument {
    Argument::Slice((0..len).map(|i| Value::from(i as f64)).collect())
}

fn usizes(values: &[usize]) -> Argument {
    Argument::Slice(values.iter().map(|&i| Value::from(i)).collect())
}

fn usize(value: usize) -> Argument {
    Argument::Scalar(Value::from(value))
}

/// The statements of the first loop and what is in it, up to the cold version.
fn fast_part(func: &Function) -> String {
    let text = print(func);
    let text = text.split_once("'").map_or("", |(_, rest)| rest);
    match text.split_once(" cold") {
        Some((before, _)) => before
            .rsplit_once("else")
            .map_or("", |(fast, _)| fast)
            .to_owned(),
        None => text.to_owned(),
    }
}

#[test]
fn a_matrix_is_checked_once() {
    let (before, after) = rewritten(
        "fn sum(n: usize, m: usize, a: &[f64]) -> f64 {
            let mut s: f64;
            let i: usize;
            let j: usize;
            site @0 = binary *; site @1 = binary +; site @2 = index;
            s = 0.0f64;
            '0: for i in 0usize..n {
                '1: for j in 0usize..m {
                    s = (s + a[((i * m)@0 + j)@1]@2);
                }
            }
            return s;
        }",
    );
    assert!(!fast_part(&after).contains('@'), "{after}");
    assert!(print(&after).contains("exact"), "{after}");
    for (n, m, len) in [
        (3, 4, 12),
        (3, 4, 11),
        (0, 9, 0),
        (9, 0, 0),
        (1, 1, 1),
        (2, 3, 99),
    ] {
        agree(&before, &after, &[usize(n), usize(m), floats(len)]);
    }
    for (n, m) in [
        (1 << 33, 1 << 33),
        (usize::MAX, 0),
        (usize::MAX, usize::MAX),
        (2, 1 << 63),
    ] {
        let args = [usize(n), usize(m), floats(3)];
        if m > 0 {
            assert!(matches!(
                agree(&before, &after, &args),
                Outcome::Trap { .. }
            ));
        }
    }
}

/// Checks the pass on a function of sizes and slices: for all small sizes and lengths, before and after agree; `removed` says
/// whether the fast loops are without checks.
fn check_sizes(text: &str, sizes: usize, removed: bool) {
    let (before, after) = rewritten(text);
    assert_eq!(!fast_part(&after).contains('@'), removed, "{after}");
    let slices = before.params.len() - sizes;
    let (mut traps, mut returns) = (0, 0);
    for number in 0..5usize.pow(sizes as u32) {
        for len in [0, 1, 2, 3, 4, 5, 8, 9, 12, 15, 16, 20, 25, 64, 65] {
            let size = |index: usize| usize(number / 5usize.pow(index as u32) % 5);
            let mut args: Vec<_> = (0..sizes).map(size).collect();
            args.extend((0..slices).map(|_| floats(len)));
            match agree(&before, &after, &args) {
                Outcome::Return(_) => returns += 1,
                _ => traps += 1,
            }
        }
    }
    assert!(traps > 0 && returns > 0, "{traps} traps, {returns} returns");
}

const STENCIL: &str = "fn jacobi(n: usize, a: &[f64], b: &mut [f64]) {
    let i: usize;
    let j: usize;
    let p: usize;
    site @0 = binary -; site @1 = index; site @2 = binary *; site @3 = binary +; site @4 = index;
    site @5 = index; site @6 = binary -; site @7 = index; site @8 = binary +; site @9 = index;
    site @10 = binary -; site @11 = binary +; site @12 = index; site @13 = index;
    '0: for i in 1usize..(n - 1usize)@0 {
        '1: for j in 1usize..(n - 1usize)@0 {
            p = ((i * n)@2 + j)@3;
            b[p]@13 = ((((a[p]@4 + a[(p - 1usize)@6]@5) + a[(p + 1usize)@8]@7) + a[(p - n)@10]@9) + a[(p + n)@11]@12);
        }
    }
}";

#[test]
fn stencils_with_and_without_overflow_checks() {
    check_sizes(STENCIL, 1, false);
    let (_, after) = rewritten(STENCIL);
    let fast = fast_part(&after);
    let inner = fast.split_once("'1").expect("two loops").1;
    assert_eq!(inner.matches('@').count(), 0, "{after}");

    let mut wrapping = STENCIL.to_owned();
    for site in [0, 2, 3, 6, 8, 10, 11] {
        wrapping = wrapping.replace(&format!(")@{site}"), ")");
    }
    check_sizes(&wrapping, 1, true);
    let (before, after) = rewritten(&wrapping);
    for n in [0, 1, usize::MAX, 1 << 32, 1 << 63, (1 << 63) + 1] {
        agree(&before, &after, &[usize(n), floats(4), floats(4)]);
    }
}

#[test]
fn triangles() {
    check_sizes(
        "fn lu(n: usize, a: &mut [f64]) {
            let k: usize;
            let i: usize;
            let j: usize;
            let p: usize;
            site @0 = index;
            '0: for k in 0usize..n {
                '1: for i in (k + 1usize)..n {
                    p = ((i * n) + k);
                    a[p]@0 = (a[p]@0 / a[((k * n) + k)]@0);
                    '2: for j in (k + 1usize)..n {
                        a[((i * n) + j)]@0 = (a[((i * n) + j)]@0 - (a[((i * n) + k)]@0 * a[((k * n) + j)]@0));
                    }
                }
            }
        }",
        1,
        true,
    );
    check_sizes(
        "fn prefix(n: usize, a: &mut [f64]) {
            let i: usize;
            let j: usize;
            site @0 = index; site @1 = binary -; site @2 = binary +;
            '0: for i in 0usize..n {
                '1: for j in 0usize..i {
                    a[((i - 1usize)@1 - j)@1]@0 = (a[(i - 1usize)@1]@0 + a[((i + j)@2 - 1usize)@1]@0);
                }
            }
        }",
        1,
        true,
    );
}

#[test]
fn steps_and_reversal() {
    check_sizes(
        "fn four(n: usize, a: &mut [f64]) {
            let i: usize;
            site @0 = index;
            '0: for i in 0usize..n step 4usize {
                a[(i + 3usize)]@0 = 1.0f64;
            }
        }",
        1,
        true,
    );
    let (_, after) = rewritten(
        "fn four(n: usize, a: &mut [f64]) {
            let i: usize;
            site @0 = index;
            '0: for i in 0usize..a.len() step 4usize {
                a[i]@0 = 1.0f64;
            }
        }",
    );
    assert!(!print(&after).contains("@0;"), "{after}");
    assert!(!print(&after).contains("cold"), "{after}");
    check_sizes(
        "fn back(n: usize, m: usize, a: &mut [f64], b: &[f64]) {
            let i: usize;
            let j: usize;
            site @0 = index;
            '0: for i in 1usize..=n rev {
                '1: for j in i..=m step 2usize rev {
                    a[(i - 1usize)]@0 = b[(j - i)]@0;
                }
            }
        }",
        2,
        true,
    );
}

#[test]
fn conditions_keep_indices_in_bounds() {
    check_sizes(
        "fn edge(n: usize, a: &mut [f64], b: &[f64]) {
            let i: usize;
            site @0 = index; site @1 = binary -; site @2 = binary +;
            '0: for i in 0usize..n {
                if (i > 0usize) {
                    a[i]@0 = b[(i - 1usize)@1]@0;
                } else {
                    a[i]@0 = 0.0f64;
                }
                if (!((i + 1usize)@2 == n)) {
                    a[i]@0 = (a[i]@0 + b[(i + 1usize)@2]@0);
                }
                if (i == 0usize) {
                    continue '0;
                } else {
                }
                a[(i - 1usize)@1]@0 = 3.0f64;
            }
        }",
        1,
        true,
    );
    // The guard must not ask for more than the condition lets through.
    let (_, after) = rewritten(
        "fn odd(n: usize, a: &mut [f64]) {
            let i: usize;
            site @0 = index; site @1 = binary %;
            '0: for i in 0usize..n {
                a[i]@0 = 0.0f64;
                if ((i % 2usize)@1 == 0usize) {
                    a[(i + 1usize)]@0 = 1.0f64;
                }
            }
        }",
    );
    let fast = fast_part(&after);
    assert_eq!(fast.matches("@0").count(), 1, "{after}");
}

#[test]
fn parts_of_slices() {
    check_sizes(
        "fn rows(n: usize, m: usize, a: &[f64], b: &mut [f64]) {
            let i: usize;
            let j: usize;
            let k: usize;
            let row: &[f64];
            let out: &mut [f64];
            site @0 = index; site @1 = sub_slice both; site @2 = sub_slice from;
            '0: for i in 0usize..n {
                row = &a[(i * m)..((i + 1usize) * m)]@1;
                out = &mut b[i..]@2;
                '1: for j in 0usize..m {
                    out[j]@0 = row[j]@0;
                }
                '2: for k in 0usize..row.len() {
                    out[k]@0 = (row[k]@0 + 1.0f64);
                }
            }
        }",
        2,
        true,
    );
}

#[test]
fn small_types() {
    let (before, after) = rewritten(
        "fn bytes(n: u8, d: i32, a: &mut [f64]) {
            let i: u8;
            let x: i32;
            site @0 = index; site @1 = binary +;
            '0: for i in 0u8..=n {
                a[((i + 200u8) as usize)]@0 = 1.0f64;
            }
            '1: for x in (-2i32)..3i32 {
                a[((x + d) as usize)]@0 = 2.0f64;
            }
        }",
    );
    for n in [0u8, 55, 56, 255] {
        for d in [-3, 0, 2, 3, i32::MAX, i32::MIN] {
            for len in [0, 5, 6, 256] {
                let args = [
                    Argument::Scalar(n.into()),
                    Argument::Scalar(d.into()),
                    floats(len),
                ];
                agree(&before, &after, &args);
            }
        }
    }
}

#[test]
fn inner_loops_are_tried_again() {
    let text = "fn spmv(rows: &[usize], columns: &[usize], values: &[f64], y: &mut [f64]) {
        let i: usize;
        let p: usize;
        let mut sum: f64;
        site @0 = index;
        '0: for i in 0usize..y.len() {
            sum = 0.0f64;
            '1: for p in rows[i]@0..rows[(i + 1usize)]@0 {
                sum = (sum + (values[p]@0 * y[columns[p]@0]@0));
            }
            y[i]@0 = sum;
        }
    }";
    let (before, after) = rewritten(text);
    let fast = fast_part(&after);
    // The column is checked for many rows at once.
    assert_eq!(fast.matches("@0").count(), 0, "{after}");
    for rows in [&[0, 2, 3, 3][..], &[0, 2], &[0, 9, 9, 9], &[3, 0, 2, 4]] {
        for columns in [&[0, 1, 2, 0][..], &[7, 1, 2], &[0; 9]] {
            let args = [usizes(rows), usizes(columns), floats(6), floats(3)];
            agree(&before, &after, &args);
        }
    }
}

#[test]
fn what_is_assigned_is_no_invariant() {
    check_sizes(
        "fn moving(n: usize, a: &mut [f64]) {
            let i: usize;
            let mut k: usize;
            site @0 = index;
            k = 0usize;
            '0: for i in 0usize..n {
                a[k]@0 = (a[i]@0 + 1.0f64);
                if (a[i]@0 > 2.0f64) {
                    k = (k + i);
                }
                a[k]@0 = 2.0f64;
            }
        }",
        1,
        false,
    );
}

#[test]
fn branches_to_panics_are_checks() {
    check_sizes(
        "fn view(n: usize, m: usize, a: &mut [f64]) {
            let i: usize;
            let j: usize;
            site @0 = index; site @1 = panic with usize;
            '0: for i in 0usize..n {
                '1: for j in 0usize..m {
                    if ((i >= 3usize) || (!(j < m))) {
                        trap @1(j);
                    } else {
                    }
                    a[((i * m) + j)]@0 = 1.0f64;
                }
            }
        }",
        2,
        true,
    );
}

#[test]
fn random_programs_mean_the_same() {
    compare_random_programs(false);
}

#[test]
fn random_programs_with_deferred_functions_mean_the_same() {
    compare_random_programs(true);
}

fn compare_random_programs(defers: bool) {
    let config = GenerateConfig::with_memory();
    let (mut versioned, mut removed, mut deferred) = (0, 0, 0);
    for seed in 0..if cfg!(debug_assertions) { 120 } else { 4000 } {
        let before = generate_program(seed, &config);
        let mut after = before.clone();
        let target = Target {
            defers,
            ..Target::default()
        };
        let remarks = optimize(&mut after, &target);
        let originals: Vec<_> = (after.functions.iter().enumerate())
            .map(|(number, func)| func.deferred.map_or(number, |original| original as usize))
            .collect();
        for number in before.functions.len()..after.functions.len() {
            deferred += 1;
            if seed % 2 == 0 {
                let sites = after.functions[number].sites.len();
                crate::optimize_deferred(&mut after, number, &target);
                assert_eq!(sites, after.functions[number].sites.len(), "seed {seed}");
            }
        }
        for remark in &remarks {
            let RemarkKind::ChecksRemoved { conditions, .. } = remark.kind else {
                continue;
            };
            removed += 1;
            versioned += usize::from(conditions > 0);
        }
        if let Err(errors) = verify_specialized_program(&after) {
            panic!("seed {seed}: {errors:?}\n{}", crate::print_program(&after));
        }
        if remarks.is_empty() {
            continue;
        }
        for arg_seed in 0..8 {
            let mut host = |host: &crate::Host, args: &[crate::Scalar]| {
                let sum = args
                    .iter()
                    .fold(5u128, |sum, arg| sum.wrapping_mul(3) ^ (arg.bits & 0xf));
                Some(match host.result.and_then(crate::HostTy::as_scalar) {
                    Some(crate::ScalarTy::F32) => (sum as u16 as f32).into(),
                    Some(crate::ScalarTy::F64) => f64::from(sum as u16).into(),
                    Some(ty) => Value::Scalar(crate::Scalar::from_bits(ty, sum % 2)),
                    None => Value::Unit,
                })
            };
            let args = generate_arguments(&before.functions[0], arg_seed);
            let (mut left, mut right) = (args.clone(), args);
            let expected = eval_program(&before, &mut left, ENOUGH_FUEL, &mut host);
            let mut found = eval_program(&after, &mut right, 2 * ENOUGH_FUEL, &mut host);
            if let Ok(Outcome::Trap { function, .. }) = &mut found {
                *function = originals[*function];
            }
            let same = match (&expected, &found) {
                (Ok(a), Ok(b)) => format!("{a:?}") == format!("{b:?}"),
                (a, b) => a == b,
            };
            let text = crate::print_program(&after);
            assert!(
                same,
                "seed {seed}/{arg_seed}: {expected:?}, {found:?}\n{text}"
            );
            assert_eq!(
                format!("{left:?}"),
                format!("{right:?}"),
                "seed {seed}/{arg_seed}\n{text}"
            );
        }
    }
    println!(
        "{removed} loops lost checks, {versioned} have a guard, {deferred} functions have copies"
    );
    assert!(removed > 20 && versioned > 3, "{removed}, {versioned}");
    assert_eq!(deferred > 3, defers, "{deferred}");
}

/// Both versions of a program with a deferred function: as it is, and with the copy optimized.
fn deferred(text: &str) -> [Program; 2] {
    let target = Target {
        defers: true,
        ..Target::default()
    };
    let mut program = Program {
        functions: vec![parse(text).expect("well-formed")],
        hosts: Vec::new(),
    };
    optimize(&mut program, &target);
    assert_eq!(
        program.functions.len(),
        2,
        "{}",
        crate::print_program(&program)
    );
    let mut optimized = program.clone();
    crate::optimize_deferred(&mut optimized, 1, &target);
    let programs = [program, optimized];
    for program in &programs {
        let text = crate::print_program(program);
        assert_eq!(verify_specialized_program(program), Ok(()), "{text}");
        assert_eq!(crate::parse_program(&text).as_ref(), Ok(program), "{text}");
    }
    programs
}

/// Stores that were made before a trap in a later loop are made, and not twice.
#[test]
fn guards_of_all_loops_come_first() {
    let text = "fn scale(n: usize, m: usize, a: &mut [f64], b: &mut [f64]) -> f64 {
        let k: usize;
        let i: usize;
        let j: usize;
        let mut s: f64;
        site @0 = index; site @1 = index; site @2 = index; site @3 = index;
        k = (n / 2usize)@3;
        s = 0.0f64;
        '0: for i in 0usize..n { a[i]@0 = (a[i]@0 + 1.0f64); }
        '1: for j in k..m { b[j]@1 = (b[j]@1 * 2.0f64); s = (s + b[j]@2); }
        return s;
    }"
    .replace("site @3 = index", "site @3 = binary /");
    let before = Program {
        functions: vec![parse(&text).expect("well-formed")],
        hosts: Vec::new(),
    };
    let programs = deferred(&text);
    let fast = print(&programs[0].functions[0]);
    assert!(!fast.contains("cold") && !fast.contains("]@"), "{fast}");
    let cold = print(&programs[1].functions[1]);
    assert!(cold.contains("cold"), "{cold}");
    let mut traps = 0;
    for n in 0..5 {
        for m in 0..5 {
            for (len_a, len_b) in [(0, 0), (2, 4), (4, 2), (4, 4), (5, 5)] {
                let args = [usize(n), usize(m), floats(len_a), floats(len_b)];
                let run = |program: &Program| {
                    let mut args = args.to_vec();
                    let outcome = eval_program(program, &mut args, 100_000, &mut |_, _| None);
                    let outcome = match outcome.expect("ends") {
                        Outcome::Trap { site, operands, .. } => Outcome::Trap {
                            function: 0,
                            site,
                            operands,
                        },
                        other => other,
                    };
                    (outcome, args)
                };
                let expected = run(&before);
                traps += usize::from(matches!(expected.0, Outcome::Trap { .. }));
                for program in &programs {
                    assert_eq!(run(program), expected, "{n} {m} {len_a} {len_b}");
                }
            }
        }
    }
    assert!(traps > 20);
}

/// What has been done cannot be done again: a guard that is not known before keeps its second version.
#[test]
fn nothing_is_deferred_behind_a_store() {
    for text in [
        // The bound is read from memory that is stored to before.
        "fn f(n: &mut usize, a: &mut [f64]) {
            let i: usize;
            let m: usize;
            site @0 = index;
            n.* = 3usize;
            m = n.*;
            '0: for i in 0usize..m { a[i]@0 = 1.0f64; }
        }",
        // The argument is another one by then.
        "fn f(mut n: usize, a: &mut [f64]) {
            let i: usize;
            site @0 = index;
            n = (n & 7usize);
            '0: for i in 0usize..n { a[i]@0 = 1.0f64; }
        }",
        // Computed by the loop before.
        "fn f(n: usize, a: &mut [usize]) {
            let i: usize;
            let j: usize;
            let mut m: usize;
            site @0 = index;
            m = 0usize;
            '0: for i in 0usize..a.len() { m = a[i]; }
            '1: for j in 0usize..m { a[j]@0 = 1usize; }
        }",
    ] {
        let mut program = Program {
            functions: vec![parse(text).expect("well-formed")],
            hosts: Vec::new(),
        };
        let target = Target {
            defers: true,
            ..Target::default()
        };
        optimize(&mut program, &target);
        let text = crate::print_program(&program);
        assert_eq!(program.functions.len(), 1, "{text}");
        assert!(text.contains("cold"), "{text}");
    }
}

/// Bytes, remainders and masked bits are below a number in any case.
#[test]
fn indices_that_are_small() {
    let table = |len: usize| Argument::Slice(vec![Value::from(7u64); len]);
    for (index, below) in [
        ("(x[i] as usize)", 256),
        ("(((x[i] as u32) & 15u32) as usize)", 16),
        ("((x[i] as usize) % 10usize)@2", 10),
        ("(((x[i] as u16) >> 3u16) as usize)", 256),
    ] {
        let (before, after) = rewritten(&format!(
            "fn count(x: &[u8], bins: &mut [u64]) {{
                let i: usize;
                let b: usize;
                site @0 = index; site @1 = index; site @2 = binary %;
                '0: for i in 0usize..x.len() {{
                    b = {index};
                    bins[b]@1 = (bins[b]@0 + 1u64);
                }}
            }}"
        ));
        assert!(!fast_part(&after).contains("]@"), "{index}\n{after}");
        let x = Argument::Slice((0..=255u8).map(Value::from).collect());
        for len in [0, 1, below - 1, below, below + 1] {
            agree(&before, &after, &[x.clone(), table(len)]);
        }
    }
    // Not below anything that would be worth a condition, and not what it was.
    for index in [
        "((i * i) % 100000usize)@1",
        "(((x[i] as i8) as i64) as usize)",
    ] {
        let (_, after) = rewritten(&format!(
            "fn count(x: &[u8], bins: &mut [u64]) {{
                let i: usize;
                site @0 = index; site @1 = binary %;
                '0: for i in 0usize..x.len() {{ bins[{index}]@0 = 1u64; }}
            }}"
        ));
        assert!(after.to_string().contains("]@0"), "{index}\n{after}");
    }
}

/// `m as usize` is not `m` if that is negative, `(i as i8)` is not `i` from 128 on.
#[test]
fn casts_that_change_values() {
    let scalar = |value: i64| Argument::Scalar(Value::from(value));
    let (before, after) = rewritten(
        "fn bound(m: i64, a: &[f64]) -> f64 {
            let mut s: f64;
            let j: usize;
            site @0 = index;
            s = 0.0f64;
            '0: for j in 0usize..(m as usize) { s = (s + a[j]@0); }
            return s;
        }",
    );
    for m in [-1, 0, 1, 2, 3, i64::MIN, i64::MAX] {
        for len in [0, 1, 2] {
            agree(&before, &after, &[scalar(m), floats(len)]);
        }
    }

    let (before, after) = rewritten(
        "fn narrow(n: usize, a: &[f64]) -> f64 {
            let mut s: f64;
            let i: usize;
            site @0 = index;
            s = 0.0f64;
            '0: for i in 0usize..n { s = (s + a[(((i as i8) as i64) as usize)]@0); }
            return s;
        }",
    );
    for n in [0, 1, 127, 128, 129, 200, 300] {
        agree(&before, &after, &[usize(n), floats(300)]);
    }

    let (before, after) = rewritten(
        "fn fact(m: i64, b: &[f64]) -> f64 {
            let mut s: f64;
            let x: i64;
            site @0 = index;
            s = 0.0f64;
            '0: for x in (-1i64)..m {
                if ((x as usize) < 4usize) { continue '0; }
                s = (s + b[((x - 4i64) as usize)]@0);
            }
            return s;
        }",
    );
    for m in [-1, 0, 1, 4, 6, 8] {
        for len in [0, 1, 4, 8] {
            agree(&before, &after, &[scalar(m), floats(len)]);
        }
    }
}
