//! `f::report()` and `#[jit(require(..))]`.

use hotloop::report::{LoopReport, Unrolled};
use hotloop::{Error, JitFunction, Report, jit};

#[jit]
fn sum(a: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i];
    }
    sum
}
const SUM_LINE: u32 = line!() - 5;

fn only_loop(report: &Report) -> &LoopReport {
    let mut loops = report.loops();
    let found = loops.next().unwrap();
    assert!(loops.next().is_none(), "{report}");
    found
}

/// LLVM may be asked for vectors of one element by no processor that the tests run on.
fn is_vectorized(found: &LoopReport) -> bool {
    found
        .vectorized
        .is_some_and(|vectorized| vectorized.width >= 2)
}

#[test]
fn a_strict_sum_says_why_it_is_not_vectorized() {
    let report = sum::report();
    let found = only_loop(&report);
    assert_eq!((found.line, found.column), (SUM_LINE, 5), "{report}");
    assert_eq!((found.file.as_str(), found.depth), (file!(), 0));
    assert!(found.innermost && found.vectorized.is_none() && !found.eliminated);
    assert!(found.reasons[0].contains("fastmath"), "{report}");
    assert_eq!(found.checks.total, 1, "{report}");
    assert!(found.checks.left.is_empty(), "{report}");
    assert_eq!(found.trip_count, None);
    let text = report.to_string();
    let line = format!("{}:{SUM_LINE}:5: for\n", file!());
    assert!(text.contains(&line), "{text}");
    assert!(text.contains("not vectorized: float operations would be done in another order"));
    assert!(text.contains("1 check, none left in the loop"), "{text}");
    assert!(text.contains("floats are strict"), "{text}");
    assert!(text.contains("compiled for "), "{text}");
}

#[jit(fastmath)]
fn dot<T: num_traits::Float>(a: &[T], b: &[T]) -> T {
    let mut sum = T::zero();
    for (x, y) in a.iter().zip(b) {
        sum = sum + *x * *y;
    }
    sum
}

#[test]
fn a_generic_function_reports_what_is_compiled() {
    let empty = dot::report();
    assert!(empty.specializations.is_empty() && empty.declined.is_empty());
    assert!(
        empty
            .to_string()
            .contains("has not been compiled for any types yet")
    );
    dot(&[1.0_f32], &[2.0]);
    dot(&[1.0_f64], &[2.0]);
    let report = dot::report();
    assert_eq!(report.specializations.len(), 2);
    assert_eq!(
        report.specializations[0].signature,
        "dot<f32>(&[f32], &[f32]) -> f32"
    );
    assert!(
        report.loops().count() == 2 && report.loops().all(is_vectorized),
        "{report}"
    );
    let [single, double] = [0, 1].map(|index| report.specializations[index].loops[0].vectorized);
    assert!(single.unwrap().width >= double.unwrap().width, "{report}");
    assert!(
        report.to_string().contains("take liberties (reassoc, "),
        "{report}"
    );
    // What is generic has the same tool by the trait.
    assert_eq!(<dot as JitFunction>::report().specializations.len(), 2);
}

#[jit]
fn nested(a: &mut [f64], n: usize) -> u64 {
    let mut rounds = 0;
    while rounds < 3 {
        for i in 0..n {
            for k in 0..4 {
                a[i] += k as f64;
            }
        }
        rounds += 1;
    }
    for _ in 0..10 {
        a[0] = a[0].sqrt() + 1.0;
    }
    rounds
}
const NESTED_LINE: u32 = line!() - 13;

#[test]
fn loops_are_in_source_order_and_nested() {
    let report = nested::report();
    let loops: Vec<_> = (report.loops())
        .map(|found| {
            (
                found.line - NESTED_LINE,
                found.column,
                found.depth,
                found.trip_count,
            )
        })
        .collect();
    let expected = [
        (0, 5, 0, None),
        (1, 9, 1, None),
        (2, 13, 2, Some(4)),
        (8, 5, 0, Some(10)),
    ];
    assert_eq!(loops, expected, "{report}");
    let loops: Vec<_> = report.loops().collect();
    assert!(!loops[0].innermost);
    if loops[2].eliminated {
        assert_eq!(loops[2].unrolled, Some(Unrolled::Completely), "{report}");
        assert!(loops[1].innermost);
    }
}

fn outside(x: u32) -> u32 {
    x + 1
}

#[jit(host(outside))]
fn calls_out(n: u32) -> u32 {
    let mut sum = outside(1);
    for i in 0..n {
        sum += outside(i);
        if i == 1000 {
            println!("{sum}");
        }
    }
    sum
}
const CALLS_LINE: u32 = line!() - 9;

#[test]
fn host_calls_are_listed() {
    let report = calls_out::report();
    let calls = &report.specializations[0].host_calls;
    let found: Vec<_> = (calls.iter())
        .map(|call| (call.name.as_str(), call.line - CALLS_LINE, call.in_loop))
        .collect();
    assert_eq!(
        found,
        [
            ("outside", 0, false),
            ("outside", 2, true),
            ("println!", 4, true)
        ],
        "{report}"
    );
    assert!(calls.iter().all(|call| call.file == file!()));
    assert!(
        report.to_string().contains("calls that are not compiled"),
        "{report}"
    );
}

#[jit]
fn gather(y: &[f64], indices: &[usize]) -> f64 {
    let mut sum = 0.0;
    for i in 0..indices.len() {
        sum += y[indices[i]];
    }
    sum
}

#[test]
fn checks_of_data_are_made_by_blocks() {
    let report = gather::report();
    let found = only_loop(&report);
    assert_eq!(found.checks.total, 2, "{report}");
    assert!(found.checks.left.is_empty(), "{report}");
    assert!(!is_vectorized(found), "{report}");
    let note = "indices that are data are checked for a block of iterations at once (1 of them)";
    assert!(report.to_string().contains(note), "{report}");
}

/// No index is known before the one before it.
#[jit]
fn wander(y: &[f64], next: &[usize]) -> f64 {
    let (mut sum, mut at) = (0.0, 0);
    for i in 0..next.len() {
        at ^= next[i];
        sum += y[at];
    }
    sum
}

#[test]
fn checks_that_cannot_be_removed_are_left() {
    let report = wander::report();
    let found = only_loop(&report);
    assert_eq!(found.checks.total, 2, "{report}");
    let [left] = &found.checks.left[..] else {
        panic!("{report}");
    };
    assert_eq!(
        (left.what, left.line, left.column),
        ("bounds", found.line + 2, 16)
    );
    assert_eq!(found.checks.removed(), 1);
}

#[jit]
fn with_closure(a: &mut [f32]) {
    let twice = |a: &mut [f32]| {
        for x in a.iter_mut() {
            *x *= 2.0;
        }
    };
    twice(a);
}

#[test]
fn loops_of_closures_count() {
    let report = with_closure::report();
    let found = only_loop(&report);
    assert!(is_vectorized(found), "{report}");
    assert_eq!(found.column, 9);
}

mod elsewhere {
    #[hotloop::jit]
    pub fn for_each(n: usize, mut f: impl FnMut(usize)) {
        for i in 0..n {
            f(i);
        }
    }
    pub const LINE: u32 = line!() - 4;
}

#[jit]
fn contains_another(a: &mut [f64]) {
    let n = a.len();
    elsewhere::for_each(n, |i| a[i] += 1.0);
}

#[test]
fn loops_of_contained_functions_are_theirs() {
    let report = contains_another::report();
    let found = only_loop(&report);
    assert_eq!(
        (found.function.as_str(), found.line),
        ("for_each", elsewhere::LINE),
        "{report}"
    );
    assert!(is_vectorized(found), "{report}");
}

#[jit]
fn no_loop(x: f64) -> f64 {
    x.sin()
}

#[test]
fn what_has_no_loops_says_so() {
    assert!(no_loop::report().to_string().contains("no loops"));
}

#[jit(fastmath)]
fn sines(a: &mut [f64]) {
    for x in a {
        *x = x.sin();
    }
}

#[jit]
fn strict_sines(a: &mut [f64]) {
    for x in a {
        *x = x.sin();
    }
}

#[test]
fn math_functions_are_named() {
    let strict = strict_sines::report();
    let found = only_loop(&strict);
    assert!(
        found.scalar_math.iter().any(|name| name.contains("sin")),
        "{strict}"
    );
    assert!(found.vector_math.is_empty(), "{strict}");
    let fast = sines::report();
    let found = only_loop(&fast);
    // Vector forms are part of the loop, or calls of the platform's library.
    let names = &found.vector_math;
    assert!(names.iter().all(|name| name.contains("sin")), "{fast}");
    if is_vectorized(found) {
        assert!(found.scalar_math.is_empty(), "{fast}");
    }
}

#[jit(require(vectorized, no_checks, no_host_calls))]
fn as_required(a: &mut [f32]) {
    for i in 0..a.len() {
        a[i] = a[i] * 2.0 + 1.0;
    }
}

#[jit(require(vectorized))]
fn not_as_required(a: &[f32]) -> f32 {
    let mut sum = 0.0;
    for x in a {
        sum += x;
    }
    sum
}
const REQUIRED_LINE: u32 = line!() - 5;

/// LLVM makes vectors around calls for each of their elements.
#[jit(require(vectorized))]
fn sines_required(a: &mut [f64]) {
    for x in a {
        *x = x.sin();
    }
}

#[jit(require(no_checks))]
fn checks_left(y: &[f64], indices: &[usize]) -> f64 {
    let (mut sum, mut at) = (0.0, 0);
    for &i in indices {
        at ^= i;
        sum += y[at];
    }
    sum
}

#[jit(require(no_host_calls))]
fn prints(x: u32) {
    println!("{x}");
}

#[test]
fn what_is_required_is_checked() {
    let mut a = [1.0; 37];
    as_required(&mut a);
    assert_eq!(a, [3.0; 37]);
    assert!(as_required::compile().is_ok());

    let Err(Error::Requirement { function, message }) = not_as_required::compile() else {
        panic!("{}", not_as_required::report());
    };
    assert_eq!(function, "not_as_required(&[f32]) -> f32");
    let expected = format!(
        "the loop at {}:{REQUIRED_LINE}:5 is not vectorized: float operations would be done in another order",
        file!()
    );
    assert!(message.starts_with(&expected), "{message}");
    for _ in 0..2 {
        let panic = std::panic::catch_unwind(|| not_as_required(&[1.0])).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains(&expected), "{text}");
    }
    assert!(
        not_as_required::report()
            .to_string()
            .contains("runs as rustc compiled it")
    );

    let message = sines_required::compile().unwrap_err().to_string();
    assert!(
        message.contains("is not vectorized: ") && message.contains("sin"),
        "{message}"
    );
    let message = checks_left::compile().unwrap_err().to_string();
    assert!(message.contains("makes checks: bounds at "), "{message}");
    let message = prints::compile().unwrap_err().to_string();
    assert!(message.contains("`println!` is called at "), "{message}");
}

#[test]
fn json_has_the_names_of_the_fields() {
    let json = sum::report().to_json();
    let mut rest = json.as_str();
    check_json(&mut rest);
    assert_eq!(rest, "", "{json}");
    for part in [
        "\"name\":\"sum\"",
        &format!("\"line\":{SUM_LINE},\"column\":5,\"depth\":0,"),
        "\"vectorized\":null",
        "\"checks\":{\"total\":1,\"left\":[]}",
        "\"signature\":\"sum(&[f64]) -> f64\"",
    ] {
        assert!(json.contains(part), "{part} is not in {json}");
    }
}

/// Reads a value of JSON, as far as hotloop writes them.
fn check_json(rest: &mut &str) {
    fn eat(rest: &mut &str, symbol: char) -> bool {
        let behind = rest.strip_prefix(symbol);
        *rest = behind.unwrap_or(rest);
        behind.is_some()
    }
    if eat(rest, '{') {
        while !eat(rest, '}') {
            check_json(rest);
            assert!(eat(rest, ':'), "{rest}");
            check_json(rest);
            assert!(eat(rest, ',') || rest.starts_with('}'), "{rest}");
        }
    } else if eat(rest, '[') {
        while !eat(rest, ']') {
            check_json(rest);
            assert!(eat(rest, ',') || rest.starts_with(']'), "{rest}");
        }
    } else if eat(rest, '"') {
        let mut escaped = false;
        let end = rest.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        *rest = &rest[end.unwrap() + 1..];
    } else {
        let end = rest.find([',', ']', '}']).unwrap_or(rest.len());
        let word = &rest[..end];
        assert!(
            ["null", "true", "false"].contains(&word) || word.parse::<f64>().is_ok(),
            "{word}"
        );
        *rest = &rest[end..];
    }
}

#[jit(fastmath)]
fn row_sums(w: usize, x: &[f32], out: &mut [f32]) {
    for (o, r) in out.iter_mut().zip(x.chunks_exact(w)) {
        *o = r.iter().sum();
    }
}

#[test]
fn a_vector_that_is_summed_up_is_one_of_the_loop_inside() {
    let mut out = [0.0; 2];
    row_sums(2, &[1.0, 2.0, 3.0, 4.0], &mut out);
    assert_eq!(out, [3.0, 7.0]);
    let report = row_sums::report();
    let loops = &report.specializations[0].loops;
    let [outer, inner] = &loops[..] else {
        panic!("{report}");
    };
    assert!(outer.vectorized.is_none(), "{report}");
    assert!(is_vectorized(inner), "{report}");
}

#[jit]
fn neighbours(w: usize, h: usize, x: &[u8], out: &mut [u8]) {
    for i in 0..h {
        for j in 0..w {
            let mut n = 0;
            for k in 0..3 {
                n += x[(i + k) * w + j] + x[i * w + j + k];
            }
            out[i * w + j] = n;
        }
    }
}

#[test]
fn no_more_checks_are_left_than_there_are() {
    let x = [1; 24];
    neighbours(2, 3, &x, &mut [0; 6]);
    let report = neighbours::report();
    for found in &report.specializations[0].loops {
        let checks = &found.checks;
        assert!(checks.left.len() <= checks.total, "{report}");
        for (index, check) in checks.left.iter().enumerate() {
            assert!(!checks.left[index + 1..].contains(check), "{report}");
        }
    }
}

#[jit(parallel)]
fn lowest(x: &[f64]) -> (usize, f64) {
    let (mut at, mut m) = (0, f64::INFINITY);
    for (i, &v) in x.iter().enumerate() {
        if v < m {
            m = v;
            at = i;
        }
    }
    (at, m)
}

#[test]
fn what_goes_with_the_least_value_is_told_as_a_sentence() {
    assert_eq!(lowest(&[3.0, 1.0, 2.0]), (1, 1.0));
    let text = lowest::report().to_string();
    assert!(
        text.contains("`m` is the least, `at` goes with it"),
        "{text}"
    );
}

#[jit]
fn turned_around(x: &mut [f32]) {
    x.reverse();
}

#[test]
fn reverse_is_vectorized() {
    let mut x = [1.0, 2.0];
    turned_around(&mut x);
    assert_eq!(x, [2.0, 1.0]);
    let report = turned_around::report();
    assert!(
        report.specializations[0].loops.iter().any(is_vectorized),
        "{report}"
    );
}
