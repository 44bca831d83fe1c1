use super::tests::{check, compare, parsed};
use super::*;

/// As `check_with`, for a program; errors are in the function that contains their line.
pub(super) fn check_program(text: &str, verify: impl Fn(&Program) -> Result<(), Vec<VerifyError>>) {
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
        host \"fill\"(&mut[], &, bytes 16 8) -> bytes 16 8;
        host \"large\"(bytes 24 8);
        fn f(a: &mut [f64], n: usize) -> f64 {
            let mut r: f64;
            let mut pair: (f64, i32);
            let big: [f64; 3];
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
            host#2(a, &n, pair);
            pair = host#2(a, &n, pair);
            r = host#2(a, &n, pair); // error: the result of `fill` is no `f64`
            host#2(&n, &n, pair); // error: `fill` takes `&mut[]`, found `&usize`
            host#2(a, a, pair); // error: `fill` takes `&`, found `&mut [f64]`
            host#3(big); // error: `large` takes 24 bytes by value
            host#4(); // error: there is no host function 4
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
