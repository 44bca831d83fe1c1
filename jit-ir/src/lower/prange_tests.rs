//! Which loops are asked to run in parallel.

use super::iter_tests::program_of;
use crate::frontend::capture;
use crate::stmt::{LoopRequest, StmtKind};

/// The requests of a function's counted loops, and how often the source names `prange`.
#[track_caller]
fn requests(source: &str) -> (Vec<bool>, usize) {
    let program = program_of(source);
    let mut requests = Vec::new();
    program.functions[0].body.for_each_stmt(|stmt| {
        if let StmtKind::For(counted) = &stmt.kind {
            requests.push(counted.request == LoopRequest::Parallel);
        }
    });
    let captured = capture(&syn::parse_str(source).unwrap()).unwrap();
    (requests, captured.requests.len())
}

#[test]
fn a_prange_asks_for_its_loop() {
    for range in [
        "prange(0..a.len())",
        "hotloop::prange(0..=9)",
        "(prange((0..a.len())))",
        "prange(0..a.len()).rev()",
        "prange((0..a.len()).step_by(2))",
        "hotloop::prange(1..9).step_by(3).rev()",
    ] {
        let source = format!("fn f(a: &mut [f64]) {{ for i in {range} {{ a[i] = 1.0; }} }}");
        assert_eq!(requests(&source), (vec![true], 1), "{source}");
    }
    let named = "fn f(a: &mut [f64]) { let r = 0..a.len(); for i in prange(r) { a[i] = 1.0; } }";
    assert_eq!(requests(named), (vec![true], 1));
    let nested = "fn f(a: &mut [f64]) {
        for i in 0..2 { for k in prange(0..a.len()) { for l in 0..3 { a[k] += (i * l) as f64; } } }
    }";
    assert_eq!(requests(nested), (vec![false, true, false], 1));
}

#[test]
fn elsewhere_it_is_its_range() {
    let source = "fn f(a: &[f64]) -> f64 {
        let r = prange(0..a.len());
        let sum: f64 = prange(0..a.len()).map(|i| a[i]).sum();
        for i in r { if i == 3 { return a[i]; } }
        sum
    }";
    assert_eq!(requests(source), (vec![false, false], 2));
    let own = "fn f(x: f64) -> f64 { fn prange(x: f64) -> f64 { x } prange(x) }";
    assert_eq!(requests(own), (Vec::new(), 0));
}

#[test]
fn what_is_no_counted_loop_is_refused() {
    let source = "fn f(n: usize, mut a: usize) -> usize {
        let r = (0..n).chain(0..n);
        for i in prange(r) { a += i; }
        a
    }";
    let problems = capture(&syn::parse_str(source).unwrap()).unwrap_err();
    let found = problems
        .iter()
        .any(|one| one.message.contains("is not one counted loop"));
    assert!(found, "{problems:?}");
}

#[test]
fn a_par_asks_for_its_loop() {
    for over in [
        "a.iter_mut().par()",
        "a.iter_mut().par().skip(1)",
        "a.iter_mut().rev().par()",
        "(a.iter_mut()).par().step_by(2)",
        "a.iter_mut().zip(0..9).map(|(x, _)| x).par()",
        "a.iter_mut().par().filter(|x| **x > 0.0)",
    ] {
        let source = format!("fn f(a: &mut [f64]) {{ for x in {over} {{ *x = 1.0; }} }}");
        assert_eq!(requests(&source), (vec![true], 1), "{source}");
    }
    for over in [
        "(0..a.len()).par()",
        "(0..a.len()).par().rev()",
        "(0..a.len()).rev().step_by(2).par()",
    ] {
        let source = format!("fn f(a: &mut [f64]) {{ for i in {over} {{ a[i] = 1.0; }} }}");
        assert_eq!(requests(&source), (vec![true], 1), "{source}");
    }
    let rows = "fn f(n: usize, a: &mut [f64]) {
        for (i, row) in a.chunks_mut(n).par().enumerate() { for x in row { *x += i as f64; } }
    }";
    assert_eq!(requests(rows), (vec![true, false], 1));
    let named = "fn f(a: &mut [f64]) { let it = a.iter_mut().par(); for x in it { *x = 1.0; } }";
    assert_eq!(requests(named), (vec![true], 1));
}

#[test]
fn a_par_asks_what_consumes_it() {
    for consumed in [
        "a.iter().par().sum::<u64>()",
        "a.iter().map(|x| x ^ 1).par().max().unwrap()",
        "a.iter().par().map(|x| x ^ 1).fold(0, |s: u64, x| s.wrapping_add(x))",
        "a.iter().par().filter(|x| **x > 3).count() as u64",
    ] {
        let source = format!("fn f(a: &[u64]) -> u64 {{ {consumed} }}");
        assert_eq!(requests(&source), (vec![true], 1), "{source}");
    }
    let each = "fn f(a: &mut [f64]) { a.iter_mut().par().for_each(|x| *x += 1.0); }";
    assert_eq!(requests(each), (vec![true], 1));
    // The outer loop.
    let pairs = "fn f(a: &[u64], b: &[u64]) -> u64 {
        a.iter().par().flat_map(|x| b.iter().map(move |y| x ^ y)).max().unwrap()
    }";
    assert_eq!(requests(pairs), (vec![true, false], 1));
}

#[test]
fn a_par_of_no_counted_loop_is_refused() {
    for body in [
        "for x in a.iter().chain(b).par() { s += x; }",
        "for x in a.iter().par().peekable() { s += x; }",
        "let mut it = a.iter().par(); while let Some(x) = it.next() { s += x; }",
        "let it = a.iter().par(); s += 1;",
    ] {
        let source = format!("fn f(a: &[u64], b: &[u64]) -> u64 {{ let mut s = 0; {body} s }}");
        let problems = match capture(&syn::parse_str(&source).unwrap()) {
            Err(problems) => problems,
            Ok(_) => panic!("{source}"),
        };
        let found =
            (problems.iter()).any(|one| one.message == "this `par` is not one counted loop");
        assert!(found, "{source} {problems:?}");
    }
    // Of something that is no iterator, it is a method of the user's.
    let own = "fn f(x: f64, body: Body) -> f64 { body.par() + x }";
    assert!(capture(&syn::parse_str(own).unwrap()).is_ok_and(|own| own.requests.is_empty()));
}
