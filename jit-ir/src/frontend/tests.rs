//! What is captured, verified; what is refused, where and how.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Captured, Code, Diagnostic, capture};
use crate::hir;
use crate::instance::{Instance, TypeInfo};
use crate::lower::lower_program;
use crate::specialize::{BuildOptions, specialize};
use crate::ty::{ScalarTy, Ty};
use crate::verify::{verify, verify_specialized};

fn try_capture(source: &str) -> Result<Captured, Vec<Diagnostic>> {
    let item: syn::ItemFn = syn::parse_str(source).expect("the test's source parses");
    capture(&item)
}

fn instance(function: hir::Function, type_args: &[ScalarTy]) -> Instance {
    Instance {
        function: Arc::new(function),
        module: String::new(),
        type_args: type_args.iter().map(|ty| TypeInfo::Scalar(*ty)).collect(),
        const_args: Vec::new(),
        externs: BTreeMap::new(),
        build: BuildOptions::default(),
    }
}

/// Captures, lowers and verifies.
#[track_caller]
fn accept(source: &str) -> Captured {
    match try_capture(source) {
        Ok(captured) => {
            let bytes = hir::encode(&captured.function).expect("not too deep");
            let decoded = hir::decode(&bytes).expect("what was encoded");
            assert_eq!(decoded, captured.function);
            let program = lower_program(&[instance(decoded, &[])])
                .unwrap_or_else(|error| panic!("captured, but not lowered: {error}"))
                .program;
            for function in &program.functions {
                if let Err(errors) = verify(function) {
                    panic!("capture made invalid IR of {source}: {errors:?}");
                }
                for (_, site) in function.sites.iter() {
                    let known = captured.panics.iter().any(|one| one.node == site.node);
                    assert!(known, "no panic at {:?} in {source}", site.span);
                }
            }
            captured
        }
        Err(found) => {
            let messages: Vec<_> = found.iter().map(|one| &one.message).collect();
            panic!("refused {source}: {messages:#?}")
        }
    }
}

/// The one problem of a function: its code and the column where it is found, counted from 0.
#[track_caller]
fn refuse(source: &str) -> (Code, usize) {
    match try_capture(source) {
        Ok(_) => panic!("accepted {source}"),
        Err(found) => {
            let messages: Vec<_> = found.iter().map(|one| &one.message).collect();
            assert_eq!(found.len(), 1, "{messages:#?}");
            (found[0].code, found[0].span.start().column)
        }
    }
}

fn retained(source: &str) -> String {
    let captured = accept(source);
    let item = captured.retained;
    quote::quote!(#item).to_string()
}

#[test]
fn loops_over_slices() {
    accept(
        "fn axpy(a: f64, x: &[f64], y: &mut [f64]) { for i in 0..x.len() { y[i] += a * x[i]; } }",
    );
    accept(
        "fn dot<T: Float>(a: &[T], b: &[T]) -> T { let mut s = T::zero(); for i in 0..a.len() { s = s + a[i] * b[i]; } s }",
    );
    accept(
        "fn f(n: usize, a: &mut [i64]) -> i64 { let mut t = 0; 'o: for i in (0..n).rev().step_by(2) { for j in 0..=i { \
         if a[j] == 3 { continue 'o; } if a[j] > 9 { break 'o; } t += a[j]; } } t }",
    );
    accept(
        "fn f(mut n: u64) -> u32 { let mut c = 0; while n != 1 { n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 }; c += 1; } c }",
    );
}

#[test]
fn functions_are_for_the_types_of_their_instances() {
    let source = "fn f<T: Float>(x: &[T], i: usize) -> T { let y = x[i] * T::one(); y.sqrt() }";
    let function = accept(source).function;
    let one = instance(function, &[ScalarTy::F32]);
    let lowered = lower_program(&[one.clone(), one]).expect("lowered");
    // Nobody calls the second.
    assert_eq!(lowered.instances, [0]);
    let first = &lowered.program.functions[0];
    assert_eq!(first.result, Ty::Scalar(ScalarTy::F32));
    let specialized = specialize(first, &[], &BuildOptions::default()).expect("specialized");
    assert_eq!(verify_specialized(&specialized), Ok(()));
}

#[test]
fn what_cannot_be_lowered_says_where() {
    let item = syn::parse_str("fn f(x: f64) -> f64 {\n    helper(x)\n}").expect("it parses");
    let function = super::convert_unchecked(&item).expect("not too deep");
    let error = lower_program(&[instance(function, &[])]).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "`f` at 2:5: the function `helper` is not jitted, and cannot be called from `#[jit]`"
    );
}

#[test]
fn types_are_inferred_as_rustc_does() {
    let text = retained(
        "fn f(a: &[f32]) -> f32 { let mut s = 0.0; let n = a.len(); let k = 3; for i in 0..n { s += a[i]; } s }",
    );
    assert!(
        text.contains("let mut s : :: core :: primitive :: f32 ="),
        "{text}"
    );
    assert!(
        text.contains("let n : :: core :: primitive :: usize ="),
        "{text}"
    );
    assert!(
        text.contains("let k : :: core :: primitive :: i32 ="),
        "{text}"
    );
    let text = retained(
        "fn f(x: f64) -> f64 { let (s, c) = x.sin_cos(); let y; if s > c { y = s; } else { y = c; } y }",
    );
    assert!(
        text.contains(
            "let (s , c) : (:: core :: primitive :: f64 , :: core :: primitive :: f64 ,) ="
        ),
        "{text}"
    );
    assert!(
        text.contains("let y : :: core :: primitive :: f64 ;"),
        "{text}"
    );
    let text = retained("fn f() -> u64 { let x = 3000000000 as u64; let y = 1 << 3; x + y }");
    assert!(
        text.contains("let y : :: core :: primitive :: u64 ="),
        "{text}"
    );
    let text = retained(
        "fn f<T: Float + FromPrimitive>(x: T) -> T { let two = T::from(2.0).unwrap(); let n = T::from_usize(3).unwrap(); x * two / n }",
    );
    assert!(text.contains("let two : T ="), "{text}");
}

#[test]
fn values_in_the_middle_of_expressions() {
    accept(
        "fn f(a: &[i32], mut i: usize) -> i32 { a[i] + { i += 1; a[i] } + if i > 3 { let k = a[0]; k * 2 } else { 7 } }",
    );
    accept(
        "fn f(x: f64) -> (f64, i32, bool) { let y = loop { if x > 1.0 { break x; } return (0.0, 1, false); }; (y, -1, y.is_nan()) }",
    );
    accept("fn f(x: i32) -> i32 { let y = 'a: { if x > 3 { break 'a 1; } x.abs() }; y.pow(2) }");
    accept(
        "fn f(mut a: f64, mut b: f64) -> f64 { std::mem::swap(&mut a, &mut b); (a, b) = (b, a); a - b }",
    );
    accept("fn f(x: u8) -> bool { x > b'a' && { let y = x + 1; y < 9 } || x == 255 }");
    accept(
        "fn f(x: &[f64]) -> f64 { assert!(x.len() > 2); debug_assert!(x[0] > 0.0, \"positive\"); if x.is_empty() { panic!(\"no\") } else { x[1] } }",
    );
    accept(
        "fn f(x: i64) -> f64 { std::f64::consts::PI * x as f64 + f64::MAX.min(f64::from(3i32)) }",
    );
    accept("fn f(x: f64) -> i32 { x.to_i32().unwrap_or(-1) + i32::BITS as i32 + -128i8 as i32 }");
}

#[test]
fn conditions_are_refused_wherever_they_stand() {
    for source in [
        "fn f(mut x: i32) -> i32 { #[cfg(any())] if x > 3 { x = 9; } x }",
        "fn f(x: i32) -> i32 { #[cfg(any())] return 7; x }",
        "fn f(mut x: i32, mut y: i32) { #[cfg(any())] std::mem::swap(&mut x, &mut y); }",
        "fn f(a: u8) { #[cfg_attr(all(), cfg(any()))] a; }",
        "fn f(mut x: i32) { #[r#cfg(any())] x += 5; }",
        "fn f(x: i32) { assert!({ #[cfg(any())] return; x > 1 }); }",
    ] {
        let (code, column) = refuse(source);
        assert_eq!(code, Code::Attribute, "{source}");
        assert_eq!(source.find('[').map(|at| at + 1), Some(column), "{source}");
    }
}

#[test]
fn every_refusal_is_at_its_token() {
    let cases = [
        ("fn f(m: HashMap<u8, u8>) {}", Code::Type, "HashMap"),
        ("async fn f() {}", Code::Signature, "async"),
        (
            "fn f(x: f64) -> f64 { std::hint::black_box(x) }",
            Code::Call,
            "black_box",
        ),
        (
            "fn f(x: f64) -> f64 { x.to_string() }",
            Code::Method,
            "to_string",
        ),
        ("fn f<T: Num>(x: T) -> T { x.sqrt() }", Code::Method, "sqrt"),
        ("fn f(x: f64) { write!(w, \"{x}\"); }", Code::Macro, "write"),
        (
            "fn f(x: f64, n: i32) -> f64 { x * n }",
            Code::Mismatch,
            "* n",
        ),
        ("fn f(x: f64) { for y in x {} }", Code::Loop, "x {}"),
        (
            "fn f(a: &[f64]) -> f64 { let v = a.iter().map(|x| x * 2.0).collect::<Vec<f64>>(); v[0] }",
            Code::Method,
            "collect",
        ),
        (
            "fn f(a: &[f64]) -> f64 { a.iter().map(|x| x.to_string()).chain(a.iter()).sum() }",
            Code::Method,
            "to_string",
        ),
        (
            "fn f(p: f64) -> f64 { let Point { x, y } = p; x + y }",
            Code::Pattern,
            "Point",
        ),
        (
            "fn f(a: &[f64]) { #[cfg(unix)] { let k = 1; } }",
            Code::Attribute,
            "cfg",
        ),
        ("fn f(x: u8) -> u8 { x + 300 }", Code::Literal, "300"),
        ("fn f(x: f64) -> f64 { let y; x }", Code::Annotation, "y;"),
    ];
    for (source, code, token) in cases {
        let column = source.find(token).expect("the token is in the source");
        assert_eq!(refuse(source), (code, column), "{source}");
    }
}

#[test]
fn what_arrays_cannot_do_is_at_its_token() {
    let cases = [
        ("fn f(a: ArrayViewD<f64>) {}", Code::Type, "ArrayViewD"),
        (
            "fn f<S: Data<Elem = f64>>(a: &ArrayBase<S, Ix2>) {}",
            Code::Type,
            "ArrayBase",
        ),
        ("fn f(a: Array2<f64>) {}", Code::Type, "Array2"),
        (
            "fn f(n: usize) { let a = Array1::<f64>::zeros(n); }",
            Code::Call,
            "zeros",
        ),
        (
            "fn f(a: &Array2<f64>, b: &Array2<f64>) { let c = a + b; }",
            Code::Mismatch,
            "+",
        ),
        (
            "fn f(a: &Array2<f64>) { let b = a.mapv(|x| x + 1.0); }",
            Code::Method,
            "mapv",
        ),
        (
            "fn f(a: &Array2<f64>, b: &Array2<f64>) { let c = a.dot(b); }",
            Code::Method,
            "dot",
        ),
        (
            "fn f(a: &Array2<i64>) -> i64 { a.sum() }",
            Code::Expression,
            "sum",
        ),
        (
            "fn f(a: &mut Array1<i64>) { *a += 1; }",
            Code::Expression,
            "+=",
        ),
        (
            "fn f(a: &Array1<f64>, k: i32) -> f64 { a.slice(s![..;k]).sum() }",
            Code::Expression,
            "k]",
        ),
        (
            "fn f(a: &Array1<f64>) { let part = s![1..2]; }",
            Code::Macro,
            "s!",
        ),
        (
            "fn f(a: &Array2<f64>) -> f64 { a[[0]] }",
            Code::Expression,
            "[0]",
        ),
    ];
    for (source, code, token) in cases {
        let column = source.find(token).expect("the token is in the source");
        assert_eq!(refuse(source), (code, column), "{source}");
    }
}

#[test]
fn all_problems_at_once() {
    let found = try_capture(
        "fn f(m: Vec<u8>, x: f64) -> f64 { let a = *x; let y = std::hint::black_box(x); match y { _ => 1.0 } }",
    );
    let codes: Vec<_> = found
        .expect_err("refused")
        .iter()
        .map(|one| one.code)
        .collect();
    assert_eq!(codes, [Code::Type, Code::Mismatch, Code::Call]);
}

#[test]
fn codes_explain_themselves() {
    for code in Code::ALL {
        assert!(
            !code.summary().is_empty() && code.note().ends_with('.'),
            "{code:?}"
        );
    }
}

/// With the stack of a compiler, which is what this runs on: test threads have less.
#[test]
fn long_sums_are_split_and_deep_blocks_refused() {
    let test = std::thread::Builder::new().stack_size(16 << 20).spawn(|| {
        let sum = vec!["x"; 700].join(" + ");
        accept(&format!("fn f(x: f64) -> f64 {{ {sum} }}"));
        let nested = format!("{}{}", "if x > 0.0 { ".repeat(200), "}".repeat(200));
        let (code, _) = refuse(&format!("fn f(x: f64) {{ {nested} }}"));
        assert_eq!(code, Code::Expression);
    });
    test.expect("a thread").join().expect("no panic");
}

/// The cases that say `//@ code: ..` in their first line, in the workspace's `tests/ui`.
fn ui_cases() -> Vec<(std::path::PathBuf, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui");
    let mut cases = Vec::new();
    for folder in std::fs::read_dir(root).expect("the UI cases are there") {
        let folder = folder.expect("readable").path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder).expect("readable") {
            let path = file.expect("readable").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("readable");
                cases.push((path, text));
            }
        }
    }
    cases
}

#[test]
fn every_code_has_a_ui_case() {
    let mut seen = Vec::new();
    for (path, text) in ui_cases() {
        let Some((name, _)) = (text.strip_prefix("//@ code: ")).and_then(|t| t.split_once('\n'))
        else {
            continue;
        };
        let code = (Code::ALL.iter().copied())
            .find(|code| format!("{code:?}") == name)
            .unwrap_or_else(|| panic!("{}: no code `{name}`", path.display()));
        // It is not only said: the capture finds it. A function in an `impl` is not looked at here.
        let file = syn::parse_file(&text).expect("the case parses");
        let is_jit = |item: &syn::ItemFn| item.attrs.iter().any(|attr| attr.path().is_ident("jit"));
        for item in file.items {
            if let syn::Item::Fn(item) = item
                && is_jit(&item)
            {
                let Err(found) = capture(&item) else {
                    panic!("{}: the case is not refused", path.display());
                };
                let codes: Vec<_> = found.iter().map(|one| one.code).collect();
                assert!(codes.contains(&code), "{}: {codes:?}", path.display());
            }
        }
        seen.push(code);
    }
    for code in Code::ALL {
        assert!(seen.contains(code), "no case in tests/ui has `{code:?}`");
    }
}

#[test]
fn one_mistake_is_one_problem() {
    let cases = [
        "fn f(v: Vec<f64>, i: usize) -> f64 { let w = v; w[i] + w.len() as f64 + v[0] * 2.0 }",
        "fn f(n: usize) -> f64 { let mut v = vec![0.0; n]; v[0] = 1.0; for i in 0..v.len() { v[i] += 1.0; } v[0] }",
        "fn f(x: u8) -> u8 { let Some(y) = x else { return 1 }; y }",
    ];
    for source in cases {
        refuse(source);
    }
}

/// Whatever it is that the attribute could remove.
#[test]
fn cfg_is_refused_everywhere() {
    for source in [
        "fn f(x: f64) -> f64 { #[cfg(a)] return 1.0; x }",
        "fn f(x: f64) -> f64 { #[cfg(a)] if x > 0.0 { return 1.0; } x }",
        "fn f(x: f64) -> f64 { x.max(#[cfg(a)] 1.0) }",
        "fn f(x: f64) -> f64 { assert!({ #[cfg(a)] let x = 1.0; x > 0.0 }); x }",
        "fn f(x: f64) -> f64 { { #![cfg_attr(a, b)] x } }",
    ] {
        assert_eq!(refuse(source).0, Code::Attribute, "{source}");
    }
}

/// What the closure changes is copied back as a whole, and the part that was sorted with it.
#[test]
fn sorted_parts_of_what_a_closure_changes() {
    let source = "fn f(mut t: (u32, [u32; 3])) -> u32 { let v = &mut t.1; v.sort_by(|a, b| { t.0 += 1; a.cmp(b) }); t.1[0] }";
    assert_eq!(refuse(source).0, Code::Method);
}
