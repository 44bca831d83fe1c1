use super::*;
use crate::{Function, parse_with_text_spans};

pub(super) fn parsed(text: &str) -> Function {
    match parse_with_text_spans(text) {
        Ok(func) => func,
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// The errors are those that `// error: message` comments announce, each on the line where it is.
fn check_with(text: &str, verify: impl Fn(&Function) -> Result<(), Vec<VerifyError>>) {
    let found = verify(&parsed(text)).err().unwrap_or_default();
    compare(text, found);
}

pub(super) fn compare(text: &str, found: Vec<VerifyError>) {
    let mut found: Vec<_> = found
        .into_iter()
        .map(|error| (error.span.line as usize, error.message))
        .collect();
    found.sort();
    let announced = |(n, line): (usize, &str)| {
        let (_, message) = line.split_once("// error: ")?;
        Some((n + 1, message.to_owned()))
    };
    let mut expected: Vec<_> = text.lines().enumerate().filter_map(announced).collect();
    expected.sort();
    assert_eq!(found, expected, "{text}");
}

pub(super) fn check(text: &str) {
    check_with(text, verify);
}

fn check_specialized(text: &str) {
    check_with(text, verify_specialized);
}

#[test]
fn handles() {
    check(
        "fn f(a: &[i32]) {
            _ = a[0usize]@4; // error: there is no site #4
            trap @1; // error: there is no site #1
        }",
    );
    check(
        "fn f(
            x: ?0 // error: there is no type parameter 0
        ) {}",
    );
    let mut func = parsed("fn f(x: i32) { _ = x; }");
    func.exprs[ExprId::from_index(0)].kind = ExprKind::Load(Place::local(LocalId::from_index(5)));
    func.params.push(LocalId::from_index(6));
    func.body.stmts[0].kind = StmtKind::Eval(ExprId::from_index(7));
    func.expr_spans.push(Span::UNKNOWN);
    let errors = verify(&func).expect_err("handles out of bounds");
    assert_eq!(errors.len(), 4, "{errors:?}");
    assert!(errors.iter().all(|error| error.rule == Rule::Handles));
}

#[test]
fn trees() {
    let mut func = parsed("fn f(x: i32) { _ = (!x); _ = x; }");
    let (not, load) = (ExprId::from_index(1), ExprId::from_index(2));
    func.body.stmts[1].kind = StmtKind::Eval(not);
    let errors = verify(&func).expect_err("a shared expression");
    assert_eq!(errors[0].message, "an expression is used more than once");
    func.body.stmts.clear();
    assert_eq!(verify(&func), Ok(()), "what is not used is allowed");
    for (id, operand) in [(not, load), (load, not)] {
        func.exprs[id].kind = ExprKind::Unary {
            op: crate::UnaryOp::Not,
            operand,
            site: None,
        };
    }
    let errors = verify(&func).expect_err("a ring");
    assert_eq!(errors[0].message, "an expression is part of itself");
    func.body.stmts.push(crate::Stmt {
        kind: StmtKind::Eval(not),
        span: Span::UNKNOWN,
    });
    assert!(verify(&func).is_err());
    // None of these makes anything else fail.
    assert!(crate::print(&func).contains("<again"));
    assert!(crate::eval(&func, &mut [crate::Argument::Scalar(1i32.into())], 10).is_err());
    assert!(crate::specialize(&func, &[], &Default::default()).is_ok());
}

#[test]
fn depth() {
    let mut func = parsed("fn f() {}");
    for _ in 0..MAX_BLOCK_DEPTH {
        let inner = std::mem::take(&mut func.body);
        func.body.stmts.push(crate::Stmt {
            kind: StmtKind::Labeled {
                label: crate::Label(0),
                body: inner,
            },
            span: Span::UNKNOWN,
        });
    }
    for _ in 0..MAX_TYPE_DEPTH {
        func.result = Ty::Tuple(vec![func.result]);
    }
    let errors = verify(&func).expect_err("nested too deep");
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(crate::specialize(&func, &[], &Default::default()).is_err());
    assert!(crate::encode(&func).is_err());
    assert!(crate::print(&func).contains("<too deep>"));
}

#[test]
fn signature() {
    check(
        "fn f(
            x: (i32, i32), // error: a parameter is neither scalar nor slice nor reference
            y: [i32; 2], // error: a parameter is neither scalar nor slice nor reference
            b: &[(i32,)],
            c: &mut [f32; 3],
            z: &[()] // error: a value has type `()`
        ) {
            let d: &[i32];
            let e: (); // error: a local has type `()`
            let g: (i32, ()); // error: a value has type `()`
            let h: ((,), i32); // error: a tuple type without elements
        }",
    );
    let mut func = parsed("fn f(x: i32, y: i32) {}");
    func.params.reverse();
    let errors = verify(&func).expect_err("parameters in another order");
    assert_eq!(errors[0].message, "the parameters are not the first locals");
}

#[test]
fn types_of_operators() {
    check(
        "fn f<T>(x: i32, y: i64, u: u8, b: bool, d: f64, t: T) {
            _ = (x + y); // error: the right operand has type `i64`, expected `i32`
            _ = (b + b); // error: `bool` has no operator `+`
            _ = (d & d); // error: `f64` has no operator `&`
            _ = (d << x); // error: `f64` has no operator `<<`
            _ = (x << d); // error: shift by `f64`
            _ = (x << u);
            _ = (-u); // error: `u8` has no operator `-`
            _ = (!d); // error: `f64` has no operator `!`
            _ = (!b);
            _ = ((x < x): i32); // error: the result of an operator has type `i32`, expected `bool`
            _ = (b && (x == 1i32));
            _ = (b || x); // error: the right operand has type `i32`, expected `bool`
            _ = (t * t);
            _ = (t * d); // error: the right operand has type `f64`, expected `T`
            _ = if x { x } else { x }; // error: a condition has type `i32`, expected `bool`
            _ = if b { x } else { y }; // error: the second choice has type `i64`, expected `i32`
            _ = ((x, d), b);
            _ = (,); // error: a tuple without elements
            _ = ((x, y): (i32, i32)); // error: a tuple has type `(i32, i32)`, expected `(i32, i64)`
        }",
    );
}

#[test]
fn types_of_constants_casts_and_methods() {
    check(
        "fn f<T>(x: i32, b: bool, d: f64, t: T) {
            site @0 = num_cast;
            _ = (int(0x100): u8); // error: a constant is no `u8`
            _ = (int(0x1): T); // error: a constant is no `T`
            _ = (true: i32); // error: a constant is no `i32`
            _ = i32::PI; // error: `i32` has no constant `PI`
            _ = bool::ZERO; // error: `bool` has no constant `ZERO`
            _ = T::PI;
            _ = (cfg!(debug_assertions): i32); // error: `cfg!(debug_assertions)` has type `i32`, expected `bool`
            _ = (b as i32);
            _ = (b as f64); // error: `bool` cannot be converted to `f64`
            _ = (x as bool); // error: `i32` cannot be converted to `bool`
            _ = (t as f64);
            _ = num_cast::<i32>(b)@0; // error: `bool` cannot be converted to `i32`
            _ = num_cast_fits::<bool>(x); // error: `i32` cannot be converted to `bool`
            _ = x.sqrt(); // error: `i32` has no method `sqrt`
            _ = d.atan2(); // error: `atan2` takes 2 arguments, found 1
            _ = d.atan2(x); // error: an argument has type `i32`, expected `f64`
            _ = d.powi(x);
            _ = (d.to_bits(): u32); // error: the result has type `u32`, expected `u64`
            _ = t.sqrt();
            _ = (t.to_bits(): u64);
            _ = (t.to_bits(): f64); // error: the result has type `f64`
            _ = (call sqrt(): f64); // error: `sqrt` takes 1 arguments, found 0
            _ = 1u32.from_bits();
            _ = (1u64.from_bits(): f32); // error: an argument has type `u64`, expected `u32`
        }",
    );
}

#[test]
fn places() {
    check(
        "fn f(a: &[i32], x: i32) {
            let t: (i32, (f32,));
            site @0 = index;
            _ = t.1.0;
            _ = (t.2: i32); // error: `(i32, (f32,))` has no field `2`
            _ = (x.0: i32); // error: `i32` has no field `0`
            _ = (x[0usize]@0: i32); // error: `i32` cannot be indexed
            _ = a[x]@0; // error: an index has type `i32`, expected `usize`
            _ = a;
            _ = (x.*: i32); // error: `i32` is no reference
            _ = x.len(); // error: `i32` has no length
            _ = (a[0usize]@0: f32); // error: a load has type `f32`, expected `i32`
        }",
    );
}

#[test]
fn stores() {
    check(
        "fn f(a: &[i32], b: &mut [i32], x: i32, mut y: i32) {
            let t: (i32, i32);
            let mut u: (i32, i32);
            let once: i32;
            site @0 = index;
            a[0usize]@0 = x; // error: store through a slice or reference that is not `mut`
            b[0usize]@0 = x;
            b[0usize]@0 = 1u8; // error: the assigned value has type `u8`, expected `i32`
            x = y; // error: a parameter that is not `mut` is assigned
            y = x;
            t = (x, y);
            t.0 = x; // error: a part of a local that is not `mut` is assigned
            u.0 = x;
            once = x;
        }",
    );
}

#[test]
fn loops() {
    check(
        "fn f(x: i32, n: usize) {
            let mut i: i32;
            let j: usize;
            let k: f32;
            '0: for i in 0i32..x step n {
                i = x; // error: a loop variable is assigned
                _ = i;
            }
            _ = i; // error: a loop variable is read outside of its loop
            '1: for j in 0usize..j { // error: a loop variable is read outside of its loop
                '2: for i in 0i32..1i32 {} // error: two loops share a variable
            }
            '4: for k in 0.0f32..1.0f32 {} // error: a loop variable has type `f32`
        }",
    );
    check(
        "fn f(n: usize) {
            let i: i32;
            let j: i32;
            '0: for i in 0usize..=1i32 {} // error: the start of a range has type `usize`, expected `i32`
            '1: for j in 0i32..9i32 step 0usize {} // error: a step is 0
            '3: for n in 0usize..1usize {} // error: a loop variable is a parameter
        }",
    );
}

#[test]
fn labels() {
    check(
        "fn f(c: bool) {
            let i: i32;
            '0: for i in 0i32..1i32 {
                '1: {
                    continue '0;
                    break '0;
                    break '1;
                    continue '1; // error: `continue` of '1, no loop around it
                }
                '1: while c {} // error: label '1 is used twice
                break '2; // error: `break` of '2, which is not around it
            }
            continue '0; // error: `continue` of '0, no loop around it
        }",
    );
}

#[test]
fn returns() {
    check("fn f() { if true { return; } }");
    check(
        "fn f(x: i32) {
            return x; // error: the returned value has type `i32`, expected `()`
        }",
    );
    check(
        "fn f(x: i32) -> i64 {
            if true { return; } // error: `return` without a value
            return x; // error: the returned value has type `i32`, expected `i64`
        }",
    );
    let falls = |body: &str| {
        let func = parsed(&format!(
            "fn f(c: bool) -> i32 {{ site @0 = panic; {body} }}"
        ));
        match verify(&func) {
            Ok(()) => false,
            Err(errors) => {
                assert_eq!(errors[0].message, "the end is reached without a result");
                true
            }
        }
    };
    assert!(falls(""));
    assert!(falls("if c { return 1i32; }"));
    assert!(!falls("if c { return 1i32; } else { trap @0; }"));
    assert!(falls("'0: while true { return 1i32; }"));
    assert!(!falls("'0: loop { if c { return 1i32; } }"));
    assert!(falls("'0: loop { if c { break '0; } }"));
    assert!(!falls("'0: { if c { return 1i32; } return 2i32; }"));
    assert!(falls("'0: { if c { break '0; } return 2i32; }"));
    assert!(!falls("'0: loop { '1: loop { continue '0; } }"));
}

#[test]
fn sites() {
    check(
        "fn f<T>(a: &[T], x: i32, d: f32, u: u32, t: T) {
            site @0 = binary +;
            site @1 = index;
            site @2 = binary /;
            site @3 = method abs;
            site @4 = method isqrt;
            site @5 = binary <;
            site @6 = method sin;
            _ = (x + x)@0;
            _ = (x + x);
            _ = (x - x)@0; // error: site 0 is of another kind
            _ = a[0usize]@0; // error: site 0 is of another kind
            _ = (x / x); // error: what traps in every profile has no site
            _ = (t / t); // error: what traps in every profile has no site
            _ = (d / d);
            _ = (d + d)@0;
            _ = (x < x)@5; // error: what cannot trap has a site
            _ = d.abs()@3;
            _ = d.sin()@6; // error: what cannot trap has a site
            _ = x.isqrt(); // error: what traps in every profile has no site
            _ = t.isqrt(); // error: what traps in every profile has no site
            _ = u.isqrt();
            trap @2; // error: site 2 is of another kind
        }",
    );
}

#[test]
fn specialized() {
    check_specialized(
        "fn f(d: f32, u: u32, x: i32) {
            site @0 = binary +;
            site @1 = method abs;
            site @2 = method isqrt;
            _ = (d + d)@0; // error: what cannot trap has a site
            _ = (x + x)@0;
            _ = d.abs()@1; // error: what cannot trap has a site
            _ = x.abs()@1;
            _ = u.isqrt()@2; // error: what cannot trap has a site
            _ = f32::PI; // error: a named constant is left in a specialized function
            _ = cfg!(debug_assertions); // error: `cfg!(debug_assertions)` is left in a specialized function
        }",
    );
    let func = parsed("fn f<T>(x: T) {}");
    assert_eq!(verify(&func), Ok(()));
    let errors = verify_specialized(&func).expect_err("generic");
    assert!(errors.iter().all(|error| error.rule == Rule::Specialized));
}
