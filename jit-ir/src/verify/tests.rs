use super::*;
use crate::{Function, parse_with_text_spans};

fn parsed(text: &str) -> Function {
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

fn compare(text: &str, found: Vec<VerifyError>) {
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

fn check(text: &str) {
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

/// As `check_with`, for a program; errors are in the function that contains their line.
fn check_program(text: &str, verify: impl Fn(&Program) -> Result<(), Vec<VerifyError>>) {
    let program = match crate::parse_program_with_text_spans(text) {
        Ok(program) => program,
        Err(error) => panic!("{error}\n{text}"),
    };
    let found = verify(&program).err().unwrap_or_default();
    compare(text, found);
}

#[test]
fn structs_and_tables() {
    let check_message = |text: &str, message: &str| {
        let errors = verify_specialized(&parsed(text)).expect_err(text);
        assert_eq!(errors[0].message, message, "{text}");
    };
    check("struct P size 8 align 4 { x: f32 at 0, y: f32 at 4 }; fn f(p: &P) { _ = p.*.1; }");
    check_message(
        "struct P size 8 align 4 { x: f32 at 0, y: f32 at 2 }; fn f(p: &P) {}",
        "struct `P`: a field is not aligned",
    );
    check_message(
        "struct P size 8 align 8 { x: &f32 at 0 }; fn f(p: &P) {}",
        "struct `P` has references or parameters",
    );
    check_message(
        "fn f(p: &[[f64; 4294967296]; 4294967296]) {}",
        "the type is too big",
    );
    check_message(
        "fn f() -> (i32, &[i32]) { '0: loop {} }",
        "the result has references",
    );
    check("fn f() { table#0 = \"T\": [bool; 2] = \"0100\"; _ = table#0; }");
    check_message(
        "fn f() { table#0 = \"T\": [bool; 2] = \"0102\"; }",
        "table `T`: a `bool` is neither 0 nor 1",
    );
    check_message(
        "struct P size 8 align 4 { x: f32 at 0, y: bool at 4 };
        fn f() { table#0 = \"T\": [P; 2] = \"00000000010000000000000002000000\"; }",
        "table `T`: a `bool` is neither 0 nor 1",
    );
    check_message(
        "fn f() { table#0 = \"T\": [u16; 2] = \"010200\"; }",
        "table `T`: it has as many bytes as another type",
    );
    check_message(
        "fn f() { table#0 = \"T\": (u8, u8) = \"0102\"; }",
        "table `T`: it has references, parameters or tuples",
    );
    check(
        "fn f() {
            table#0 = \"T\": [u8; 2] = \"0102\";
            _ = (table#1: i32); // error: there is no table 1
            _ = (table#0: &mut [u8; 2]); // error: a table has type `&mut [u8; 2]`, expected `&[u8; 2]`
        }",
    );
}

#[test]
fn aggregates() {
    check(
        "struct P size 8 align 4 { x: f32 at 0, y: u8 at 4 };
        fn f<T>(x: f32, n: u8, t: T) {
            let a: [[f32; 2]; 3];
            a = [[x; 2]; 3];
            a = [[x, x], [x, x]]; // error: the assigned value has type `[[f32; 2]; 2]`, expected `[[f32; 2]; 3]`
            _ = [x, n]; // error: an element has type `u8`, expected `f32`
            _ = ([x, x]: [f32; 3]); // error: an array of 3 has 2 elements
            _ = ([]: [f32; 0]);
            _ = ([]: f32); // error: an array has type `f32`
            _ = ([x; 2]: [u8; 2]); // error: an element has type `f32`, expected `u8`
            _ = struct P(x, n);
            _ = struct P(x, x); // error: a field has type `f32`, expected `u8`
            _ = struct P(x); // error: `P` has 2 fields, found 1
            _ = struct (f32, u8)(x, n); // error: a struct has type `(f32, u8)`
            _ = [(t, n); 4];
            _ = zeroed::<(P, [T; 3])>;
            _ = zeroed::<()>; // error: a value has type `()`
            _ = (a[1usize][2usize]: u8); // error: a load has type `u8`, expected `f32`
            _ = a[0usize].len();
        }",
    );
}

#[test]
fn references() {
    check(
        "struct P size 8 align 4 { x: f32 at 0, y: u8 at 4 };
        fn f(p: &P, mut q: &mut P, a: &[f32], b: &mut [f32], pp: & &mut [f32], n: usize) {
            let mut arr: [f32; 4];
            let fixed: [f32; 4];
            let mut part: &mut [f32];
            let mut i: i32;
            site @0 = sub_slice both;
            site @1 = sub_slice from;
            site @2 = index with usize, usize;
            q.*.0 = p.*.0;
            p.*.0 = 1.0f32; // error: store through a slice or reference that is not `mut`
            q = &mut p.*; // error: what is not mutable is borrowed as mutable
            _ = &q.*.1;
            _ = &mut q.*.1;
            _ = &p;
            _ = (&p.*: &f32); // error: what is borrowed has type `f32`, expected `P`
            _ = (&p.*: f32); // error: a reference has type `f32`
            part = &mut b[1usize..n]@0;
            part = &mut part[1usize..]@1;
            part = &mut part[..];
            part = &mut arr[..n];
            part = &mut fixed[..n]; // error: what is not mutable is borrowed as mutable
            part = &mut a[..n]; // error: what is not mutable is borrowed as mutable
            part = pp.*; // error: a mutable reference is read through one that is not mutable
            pp.*[n] = 1.0f32; // error: store through a slice or reference that is not `mut`
            part = b;
            _ = &pp.*[..n];
            _ = &arr[n..n]@1; // error: site 1 is of another kind
            _ = &arr[n..]@0; // error: site 0 is of another kind
            _ = &arr[..p]; // error: a bound has type `&P`, expected `usize`
            _ = (&n[..]: &[i32]); // error: `usize` has no parts
            _ = (&arr[..]: &[i32]); // error: an element has type `i32`, expected `f32`
            _ = (&arr[..]: i32); // error: a part of a slice has type `i32`
            '0: for i in 0i32..1i32 {
                _ = &i;
                _ = &mut i; // error: a loop variable is borrowed as mutable
            }
            arr[n]@2 = part[n];
            arr[n]@0 = 1.0f32; // error: site 0 is of another kind
        }",
    );
}

#[test]
fn traps() {
    check(
        "fn f(x: f32, n: usize, b: &[i32]) {
            site @0 = panic with f32, usize;
            site @1 = panic;
            site @2 = length split_at;
            site @3 = step_by;
            site @4 = binary + with usize, usize;
            site @5 = index with usize;
            site @6 = panic with &[i32];
            if true { trap @0(x, n); }
            if true { trap @0(n, x); } // error: site 0 has other operands
            if true { trap @0; } // error: site 0 has other operands
            if true { trap @1; }
            if true { trap @1(n); } // error: site 1 does not name its operands
            if true { trap @2(n, n); }
            if true { trap @2(n); } // error: a trap with 1 operands of 2
            if true { trap @2(n, x); } // error: an operand of a trap has type `f32`, expected `usize`
            if true { trap @3; }
            if true { trap @4(n, n); } // error: site 4 is of another kind
            if true { trap @6(b); } // error: an operand of a trap has type `&[i32]`
            _ = (n + n)@4;
            _ = b[n]@5; // error: site 5 has other operands
        }",
    );
    let nine = "trap @0(n, n, n, n, n, n, n, n, n);";
    let func = parsed(&format!(
        "fn f(n: usize) {{ site @0 = panic with {}usize; {nine} }}",
        "usize, ".repeat(8)
    ));
    let errors = verify(&func).expect_err("too many operands");
    assert_eq!(errors[0].message, "a trap with more than 8 operands");
}

#[test]
fn calls() {
    let text = "host \"show\"(f64) -> i32;
        host \"tick\"();
        fn f(a: &mut [f64], n: usize) -> f64 {
            let mut r: f64;
            let mut pair: (f64, i32);
            pair.0 = fn#1(a, n);
            fn#1(a, n);
            r = fn#0(a, n);
            fn#1(n, n); // error: an argument has type `usize`, expected `&mut [f64]`
            fn#1(a); // error: `g` takes 2 arguments, found 1
            pair.1 = fn#1(a, n); // error: the result of `g` has type `f64`, expected `i32`
            fn#3(); // error: there is no function 3
            r = fn#2(); // error: the result of `nothing` has type `()`, expected `f64`
            fn#2();
            pair.1 = host#0(r);
            host#1();
            host#1(r); // error: `tick` takes 0 arguments, found 1
            host#2(); // error: there is no host function 2
            return r;
        }
        fn g(a: &mut [f64], n: usize) -> f64 {
            let mut r: f64;
            r = fn#0(a, n);
            return r;
        }
        fn nothing() {}";
    check_program(text, verify_program);
    check_program(text, verify_specialized_program);
    let func = parsed("fn f() { fn#0(); }");
    let errors = verify(&func).expect_err("a call outside");
    assert_eq!(errors[0].message, "a call outside of a program");
    let generic = "fn f() { fn#1(); // error: a call of a generic function
        }
        fn g<T>() {}";
    check_program(generic, verify_program);
    let empty = Program {
        functions: Vec::new(),
        hosts: Vec::new(),
    };
    assert!(verify_program(&empty).is_err());
}
