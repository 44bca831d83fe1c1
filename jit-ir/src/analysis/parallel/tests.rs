//! Verdicts on loops as they are captured from Rust.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::frontend::capture;
use crate::instance::Instance;
use crate::lower::lower_program;
use crate::specialize::{BuildOptions, specialize};
use crate::{FastMath, print_program};

/// The program of a function of a source, ready for the analysis.
fn program(item: &syn::ItemFn, fastmath: bool) -> Program {
    let captured = capture(item).unwrap_or_else(|problems| panic!("{:?}", problems[0].message));
    let mut build = BuildOptions::default();
    if fastmath {
        build.fastmath = FastMath::ALGEBRAIC;
    }
    let instance = Instance {
        function: Arc::new(captured.function),
        module: String::new(),
        type_args: Vec::new(),
        const_args: Vec::new(),
        externs: BTreeMap::new(),
        build,
    };
    let lowered = lower_program(&[instance]).expect("lowered");
    let mut program = lowered.program;
    for func in &mut program.functions {
        *func = specialize(func, &[], &build).expect("specialized");
        crate::transform::prepare(func);
    }
    program
}

/// For each loop, outermost first: its depth, and `legal`, `legal if` or why not; after `:` the accumulators.
fn verdicts_of(program: &Program) -> Vec<String> {
    let analysis = Analysis::new(program, 0).expect("a function");
    let func = &program.functions[0];
    let mut all = Vec::new();
    visit_loops(func, &mut |site| {
        let finding = analysis.of_loop(site);
        let what = match &finding.verdict {
            Verdict::Legal => "legal".to_owned(),
            Verdict::LegalIf(_) => "legal if".to_owned(),
            Verdict::Illegal(reason) => format!("{:?}", reason.kind),
        };
        let mut names = Vec::new();
        for reduction in &finding.reductions {
            names.push(func.locals[reduction.local].name.clone());
        }
        all.push(match names.is_empty() {
            true => what,
            false => format!("{what}: {}", names.join(" ")),
        });
        true
    });
    all
}

#[track_caller]
fn check(source: &str, fastmath: bool, expected: &[&str]) {
    let item: syn::ItemFn = syn::parse_str(source).expect("the source parses");
    let program = program(&item, fastmath);
    let found = verdicts_of(&program);
    assert_eq!(found, expected, "{}", print_program(&program));
}

/// To look at a file: `DUMP_SRC=file.rs cargo test -p hotloop-ir --features frontend dump -- --nocapture`; with `DUMP_BOUNDS`, as the pass sees it.
#[test]
fn dump() {
    let Ok(path) = std::env::var("DUMP_SRC") else {
        return;
    };
    let fastmath = std::env::var("DUMP_FAST").is_ok();
    let text = std::fs::read_to_string(path).expect("readable");
    for item in syn::parse_file(&text).expect("the source parses").items {
        let syn::Item::Fn(item) = item else { continue };
        let mut program = program(&item, fastmath);
        if std::env::var("DUMP_BOUNDS").is_ok() {
            crate::transform::name_bounds(&mut program.functions[0]);
        }
        println!("fn {}", item.sig.ident);
        if std::env::var("DUMP_IR").is_ok() {
            println!("{}", print_program(&program));
        }
        let analysis = Analysis::new(&program, 0).expect("a function");
        visit_loops(&program.functions[0], &mut |site| {
            let finding = analysis.of_loop(site);
            let span = site.stmt.span;
            let depth = 2 * site.path.0.len();
            print!("{:depth$}  {}:{} ", "", span.line, span.column);
            match &finding.verdict {
                Verdict::Illegal(reason) => println!("{:?}: it {reason}", reason.kind),
                verdict => println!("{verdict:?} {:?}", finding.reductions),
            }
            true
        });
    }
}

/// What was reported against Numba's `prange`: wrong results, each of which is right here or refused.
#[test]
fn what_went_wrong_elsewhere() {
    // A race of several iterations for one element.
    check(
        "fn f(x: &[f64], y: &mut [f64]) { for i in 0..x.len() { y[i % 4] = x[i]; } }",
        true,
        &["Indirect"],
    );
    check(
        "fn f(x: &[f64], y: &mut [f64]) { for i in 0..x.len() { y[i % 4] += x[i]; } }",
        false,
        &["Indirect"],
    );
    // Each chunk has its own sums.
    check(
        "fn f(x: &[f64], y: &mut [f64]) { for i in 0..x.len() { y[i % 4] += x[i]; } }",
        true,
        &["legal"],
    );
    // Two loops with different bounds.
    check(
        "fn f(n: usize, m: usize, x: &mut [f64], y: &mut [f64]) { for i in 0..n { x[i] = 1.0; } for i in 0..m { y[i] = x[i]; } }",
        false,
        &["legal", "legal"],
    );
    // A reduction under a condition.
    check(
        "fn f(x: &[i64]) -> i64 { let mut s = 0; for i in 0..x.len() { if x[i] > 3 { s += x[i]; } } s }",
        false,
        &["legal: s"],
    );
    // An accumulator that the loop reads.
    check(
        "fn f(x: &[i64], y: &mut [i64]) -> i64 { let mut s = 0; for i in 0..x.len() { s += x[i]; y[i] = s; } s }",
        false,
        &["Carried"],
    );
    check(
        "fn f(x: &[i64]) -> i64 { let mut s = 0; for i in 0..x.len() { if s < 10 { s += x[i]; } } s }",
        false,
        &["Carried"],
    );
    // A loop on each of two ways.
    check(
        "fn f(c: bool, x: &[i64], y: &mut [i64]) -> i64 { let mut s = 0; if c { for i in 0..x.len() { s += x[i]; } } else { for i in 0..x.len() { y[i] = x[i]; } } s }",
        false,
        &["legal: s", "legal"],
    );
    // A variable that is used behind the loop.
    check(
        "fn f(x: &mut [i64]) -> usize { let mut last = 0; for i in 0..x.len() { last = i; x[i] = 1; } last }",
        false,
        &["LastValue"],
    );
    check(
        "fn f(x: &mut [i64]) -> usize { let mut i = 0; while i < x.len() { x[i] = 1; i += 1; } i }",
        false,
        &["LastValue"],
    );
    // In place.
    check(
        "fn f(n: usize, a: &mut [f64]) { for i in 1..n { a[i] = 0.5 * (a[i - 1] + a[i + 1]); } }",
        true,
        &["Dependence"],
    );
    check(
        "fn f(a: &mut [i64]) { for i in 1..a.len() { a[i] += a[i - 1]; } }",
        false,
        &["Dependence"],
    );
    check(
        "fn f(n: usize, a: &mut [f64]) { for i in 0..n { a[i] = a[n - 1 - i]; } }",
        false,
        &["Dependence"],
    );
    // Through an index array.
    check(
        "fn f(p: &[usize], x: &[f64], y: &mut [f64]) { for i in 0..p.len() { y[p[i]] = x[i]; } }",
        false,
        &["Indirect"],
    );
}

#[test]
fn formulas_that_tell_elements_apart() {
    // Both ends towards the middle.
    check(
        "fn f(a: &mut [f64]) { let n = a.len(); for i in 0..n / 2 { let t = a[i]; a[i] = a[n - 1 - i]; a[n - 1 - i] = t; } }",
        false,
        &["legal"],
    );
    check(
        "fn f(n: usize, a: &mut [f64]) { for i in 0..n { a[2 * i] = a[2 * i + 1]; } }",
        false,
        &["legal if"],
    );
    // Rows: wide enough?
    check(
        "fn f(n: usize, m: usize, a: &mut [f64]) { for i in 0..n { for j in 0..m { a[i * 100 + j] = 1.0; } } }",
        false,
        &["legal if", "legal if"],
    );
    check(
        "fn f(a: &mut [f64]) { for i in 0..100 { for j in 0..10 { a[i * 10 + j] = 1.0; } } }",
        false,
        &["legal", "legal if"],
    );
    check(
        "fn f(a: &mut [f64]) { for i in 0..100 { for j in 0..11 { a[i * 10 + j] = 1.0; } } }",
        false,
        &["Dependence", "legal if"],
    );
    // A triangle and its mirror image.
    check(
        "fn f(n: usize, a: &mut [f64]) { for i in 0..n { for j in i + 1..n { a[i * n + j] = 1.0; a[j * n + i] = 1.0; } } }",
        false,
        &["legal if", "legal if"],
    );
    // The transposed matrix in place.
    check(
        "fn f(n: usize, a: &mut [f64]) { for i in 0..n { for j in i + 1..n { let t = a[i * n + j]; a[i * n + j] = a[j * n + i]; a[j * n + i] = t; } } }",
        false,
        &["legal if", "legal if"],
    );
    // An element of all iterations.
    check(
        "fn f(a: &mut [f64]) { for i in 0..a.len() { a[0] += i as f64; } }",
        true,
        &["Dependence"],
    );
    check(
        "fn f(k: usize, a: &mut [i64]) { for i in 1..a.len() { a[i] = a[0]; } }",
        false,
        &["legal"],
    );
    // Arrays of arrays, and fields of tuples.
    check(
        "fn f(a: &mut [[f64; 3]]) { for i in 0..a.len() { for k in 0..3 { a[i][k] = a[i][(k + 1) % 3]; } } }",
        false,
        &["legal", "Indirect"],
    );
}

#[test]
fn parts_of_slices() {
    check(
        "fn f(n: usize, a: &[f64], b: &mut [f64]) { for (row, out) in a.chunks_exact(n).zip(b.chunks_exact_mut(n)) { for j in 0..n { out[j] = row[j] * 2.0; } } }",
        false,
        &["legal if", "legal if"],
    );
    check(
        "fn f(a: &[f64], b: &mut [f64]) { for (w, o) in a.windows(3).zip(b.iter_mut()) { *o = w[0] + w[1] + w[2]; } }",
        false,
        &["legal"],
    );
    check(
        "fn f(a: &mut [f64], k: usize) { let (left, right) = a.split_at_mut(k); for i in 0..left.len().min(right.len()) { left[i] = right[i]; } }",
        false,
        &["legal"],
    );
    // The last one is shorter.
    check(
        "fn f(n: usize, b: &mut [f64]) { for row in b.chunks_mut(n) { for j in 0..row.len() { row[j] *= 2.0; } } }",
        false,
        &["legal if", "legal if"],
    );
    check(
        "fn f(n: usize, b: &mut [f64]) { for k in 0..n { let end = (k * 64 + 64).min(b.len()); for i in k * 64..end { b[i] = 1.0; } } }",
        false,
        &["legal if", "legal"],
    );
    check(
        "fn f(n: usize, b: &mut [f64]) { for k in 0..n { let mut end = (k * 64 + 64).min(b.len()); if k == 3 { end += 1; } for i in k * 64..end { b[i] = 1.0; } } }",
        false,
        &["Dependence", "legal"],
    );
    check(
        "fn f(n: usize, b: &mut [f64]) { for i in 0..n { let row = &mut b[i..i + 2]; row[0] = 1.0; row[1] = 2.0; } }",
        false,
        &["Dependence"],
    );
}

/// Rows below the pivot's, with what comes before and what comes behind.
const ELIMINATION: &str = "fn f(a: &mut [f64], k: usize, n: usize) { SPLIT for r in rest.chunks_exact_mut(n) { let f = r[k] / pivot[k]; for (x, p) in r.iter_mut().zip(pivot) { *x -= f * p; } } }";

#[test]
fn splits() {
    let legal = |split: &str| {
        check(
            &ELIMINATION.replace("SPLIT", split),
            false,
            &["legal if", "legal if"],
        );
    };
    let overlap = |split: &str| {
        check(
            &ELIMINATION.replace("SPLIT", split),
            false,
            &["Overlap", "Overlap"],
        );
    };
    legal("let (top, rest) = a.split_at_mut((k + 1) * n); let pivot = &top[k * n..];");
    legal("let (top, rest) = a.split_at_mut((k + 1) * n); let pivot = &top[k * n..][..n];");
    legal(
        "let at = (k + 1) * n; let (top, rest) = (&mut a[..at], &mut a[at..]); let pivot = &top[n..];",
    );
    // What is no polynomial.
    legal("let (top, rest) = a.split_at_mut(n / k); let pivot = &top[k * n..];");
    legal(
        "let (top, rest) = a.split_at_mut(n / k); let (pivot, rest) = (&top[..n], &mut rest[n..]);",
    );
    // Two that overlap, but are only read.
    legal("let (top, rest) = a.split_at_mut(n / k); let pivot = &top[top[k] as usize..];");
    check(
        "fn f(a: &mut [f64], k: usize, n: usize) { let (top, rest) = a.split_at_mut(n); let pivot = &top[k..]; for i in 0..rest.len() { rest[i] -= pivot[0] * top[k]; } }",
        false,
        &["legal if"],
    );
    check(
        "fn f(a: &mut [f64], k: usize, n: usize) { let (top, rest) = a.split_at_mut(n); let pivot = &top[k..]; for i in 0..rest.len() { top[i] -= pivot[0] * rest[k]; } }",
        false,
        &["Overlap"],
    );
    // Of what is behind the cut.
    overlap("let (top, rest) = a.split_at_mut((k + 1) * n); let pivot = &rest[k * n..];");
    overlap("let (top, rest) = a.split_at_mut(n / k); let pivot = &rest[k * n..];");
    overlap("let (top, rest) = a.split_at_mut(n / k); let pivot = &a[k * n..];");
    // Two cuts.
    overlap("let (top, rest) = (&mut a[..n / k + 1], &mut a[n / k..]); let pivot = &top[k * n..];");
    overlap(
        "let (top, rest) = a.split_at_mut(n / k); let (low, high) = rest.split_at_mut(k / n); let pivot = &low[..];",
    );
    // Not the same position.
    overlap(
        "let mut at = n / k; let top = &mut a[..at]; at -= 1; let rest = &mut a[at..]; let pivot = &top[k * n..];",
    );
    // Not the same whole.
    overlap(
        "let at = n / k; let mut whole = &mut a[..]; let top = &mut whole[..at]; whole = &mut whole[n..]; let (pivot, rest) = (&whole[..at], &mut a[at..]);",
    );
}

#[test]
fn splits_in_loops() {
    check(
        "fn f(a: &mut [f64], n: usize) { for k in 0..n { let (top, rest) = a.split_at_mut((k + 1) * n); let pivot = &top[k * n..]; for r in rest.chunks_exact_mut(n) { let f = r[k] / pivot[k]; for (x, p) in r.iter_mut().zip(pivot) { *x -= f * p; } } } }",
        false,
        &["Dependence", "legal if", "legal if"],
    );
    check(
        "fn f(a: &mut [f64], n: usize) { for k in 1..n { let (top, rest) = a.split_at_mut(k); for x in rest.iter_mut() { *x += top[k - 1]; } } }",
        false,
        &["Dependence", "legal"],
    );
    check(
        "fn f(a: &mut [f64], n: usize) { for k in 1..n { let (top, rest) = a.split_at_mut(k); for i in 1..rest.len() { rest[i] += top[k - 1] * rest[i - 1]; } } }",
        false,
        &["Dependence", "Dependence"],
    );
    // Each iteration cuts elsewhere.
    check(
        "fn f(a: &mut [f64], n: usize) { for k in 1..n { let (top, rest) = a.split_at_mut(k * k % n); rest[0] = top[0]; } }",
        false,
        &["Indirect"],
    );
}

#[test]
fn locals() {
    check(
        "fn f(n: usize, out: &mut [f64]) { for i in 0..n { let mut t = [0.0; 4]; for k in 0..4 { t[k] = (i * k) as f64; } out[i] = t[0] + t[3]; } }",
        false,
        &["legal", "legal"],
    );
    check(
        "fn f(n: usize, out: &mut [f64]) { let mut t = [0.0; 4]; for i in 0..n { for k in 0..2 { t[k] = (i * k) as f64; } out[i] = t[0] + t[3]; } }",
        false,
        &["Dependence", "legal"],
    );
    check(
        "fn f(x: &[f64]) -> (f64, usize) { let mut m = x[0]; let mut at = 0; for i in 1..x.len() { if x[i] < m { m = x[i]; at = i; } } (m, at) }",
        false,
        &["legal: m"],
    );
    check(
        "fn f(x: &[f64]) -> (f64, usize) { let mut m = x[0]; let mut at = 0; for i in 1..x.len() { if x[i] <= m { m = x[i]; at = i; } } (m, at) }",
        false,
        &["Carried"],
    );
    check(
        "fn f(x: &[f64]) -> bool { let mut all = true; let mut n = 0u64; for i in 0..x.len() { all = all && x[i] > 0.0; n += 1; } all && n > 3 }",
        false,
        &["legal: all n"],
    );
    check(
        "fn f(x: &[f64]) -> f64 { x.iter().copied().fold(f64::MIN, f64::max) }",
        false,
        &["legal: $1"],
    );
    check(
        "fn f(x: &[f64]) -> f64 { let mut s = 0.0; for i in 0..x.len() { s += x[i]; } s }",
        false,
        &["FloatOrder"],
    );
    check(
        "fn f(x: &[f64]) -> f64 { let mut s = 0.0; for i in 0..x.len() { s += x[i]; } s }",
        true,
        &["legal: s"],
    );
}

#[test]
fn ways_out() {
    check(
        "fn f(x: &mut [i64]) { for i in 0..x.len() { if x[i] == 3 { break; } x[i] = 1; } }",
        false,
        &["Leaves"],
    );
    check(
        "fn f(x: &mut [i64]) { for i in 0..x.len() { if x[i] == 3 { return; } x[i] = 1; } }",
        false,
        &["Leaves"],
    );
    check(
        "fn f(x: &mut [i64]) { for i in 0..x.len() { if x[i] == 3 { continue; } x[i] = 1; } }",
        false,
        &["legal"],
    );
    check(
        "fn f(n: usize, x: &mut [i64]) { 'a: for i in 0..n { for j in 0..n { if x[i] == 3 { continue 'a; } } x[i] = 1; } }",
        false,
        &["legal", "Leaves"],
    );
}

/// In chunks other than the first, a running minimum starts over. What shows that must not get out.
#[test]
fn what_an_extremum_gives_away() {
    // Whether the comparison was true.
    check(
        "fn f(x: &[f64], y: &mut [u8]) -> f64 { let mut m = 1e300; for i in 0..x.len() { let mut flag = 0u8;
            if x[i] < m { m = x[i]; flag = 1; } y[i] = flag; } m }",
        false,
        &["Carried"],
    );
    check(
        "fn f(x: &[f64]) -> (f64, u64) { let mut m = 1e300; let mut c = 0u64; for i in 0..x.len() { let mut better = false;
            if x[i] < m { m = x[i]; better = true; } if better { c = c.wrapping_add(1); } } (m, c) }",
        false,
        &["Carried"],
    );
    // Another value than the one that was compared.
    check(
        "fn f(x: &[i64]) -> i64 { let mut m = 10i64; for i in 0..x.len() { let mut v = x[i];
            if v < m { v = v.wrapping_add(5); m = v; } } m }",
        false,
        &["Carried"],
    );
    // What is noted may panic where in order it is not reached.
    check(
        "fn f(x: &[f64], y: &mut [f64], k: &[usize], t: &[u64]) -> u64 { let mut m = 1e300; let mut at = 0;
            for i in 0..x.len() { y[i] = x[i]; if x[i] < m { m = x[i]; at = t[k[i]]; } } at }",
        false,
        &["Carried"],
    );
    // Without stores the loop runs again.
    check(
        "fn f(x: &[f64], k: &[usize], t: &[u64]) -> u64 { let mut m = 1e300; let mut at = 0;
            for i in 0..x.len() { if x[i] < m { m = x[i]; at = t[k[i]]; } } at }",
        false,
        &["legal: m"],
    );
}

/// An index is in bounds where Rust gets to it, and not in iterations that it would never have begun.
#[test]
fn unchecked_indices() {
    check(
        "fn f(x: &[u64]) -> u64 { let mut s = 0u64; for i in 0..x.len() { s = s.wrapping_add(unsafe { *x.get_unchecked(i) }); } s }",
        false,
        &["legal: s"],
    );
    check(
        "fn f(x: &[u64], n: usize) -> u64 { let mut s = 0u64; for i in 0..n { if i == 0 { assert!(x.len() > 9); }
            s = s.wrapping_add(unsafe { *x.get_unchecked(i % 10) }); } s }",
        false,
        &["Form"],
    );
}

/// Chunks evaluate what Rust would not have, had it found something before.
#[test]
fn unchecked_indices_that_are_not_reached() {
    let found = |index: &str| {
        format!(
            "fn f(x: &[f64], n: usize) -> bool {{ let mut found = false; for i in 0..n {{ found = found || {index} == 0.0; }} found }}"
        )
    };
    check(&found("x[i]"), false, &["legal: found"]);
    check(
        &found("unsafe { *x.get_unchecked(i) }"),
        false,
        &["Carried"],
    );
    check(
        "fn f(x: &[f64], k: &[usize], n: usize) -> usize { let mut m = 9.0; let mut at = 0;
            for i in 0..n { if x[i] < m { m = x[i]; at = unsafe { *k.get_unchecked(i) }; } } at }",
        false,
        &["Carried"],
    );
}

/// A quotient is what it is called only where its dividend does not wrap.
#[test]
fn quotients_of_what_may_wrap() {
    let source = "fn f(n: usize, k: usize, a: &mut [u64]) {
        for i in 0..100 { for j in 0..(n - k) / 2 { if j < 3 { a[i * (n - k + 1) + j] = i as u64; } } } }";
    let item: syn::ItemFn = syn::parse_str(source).expect("the source parses");
    let program = program(&item, false);
    let analysis = Analysis::new(&program, 0).expect("a function");
    visit_loops(&program.functions[0], &mut |site| {
        let finding = analysis.of_loop(site);
        // n = 0, k = 1: all iterations store to the same element.
        if let Verdict::LegalIf(conditions) = &finding.verdict {
            let refuted = conditions.iter().any(|condition| {
                let value = condition.terms().map(|(symbols, factor)| {
                    let names = symbols
                        .iter()
                        .map(|&symbol| match finding.symbols.kind(symbol) {
                            crate::analysis::poly::SymbolKind::Value(path) => {
                                match program.functions[0].locals[path.local].name.as_str() {
                                    "n" => 0,
                                    "k" => 1,
                                    other => panic!("{other}"),
                                }
                            }
                            other => panic!("{other:?}"),
                        });
                    names.fold(factor, |product, value: i128| product * value)
                });
                value.sum::<i128>() < 0
            });
            assert!(refuted, "{conditions:?}");
        } else {
            assert!(matches!(finding.verdict, Verdict::Illegal(_)));
        }
        false
    });
}

#[test]
fn stacks_of_workers() {
    check(
        "fn f(x: &[f64], y: &mut [f64]) { for i in 0..y.len() { let mut t = [0.0f64; 100000];
            for j in 0..100000 { t[j] = x[i] + j as f64; } y[i] = t[(x[i] as usize) % 100000]; } }",
        false,
        &["Form", "legal"],
    );
    // What is outside of the loop is on no worker's stack.
    check(
        "fn f(x: &[f64]) -> f64 { let mut t = [0.0f64; 100000]; for i in 0..100000 { t[i] = x[i]; } t[5] }",
        false,
        &["legal"],
    );
}
