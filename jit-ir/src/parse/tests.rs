use proptest::prelude::*;

use super::*;
use crate::generate::{GenerateConfig, generate_function};
use crate::{
    decode, decode_program, encode, encode_program, print, print_program, print_short, verify,
};

/// Every kind of expression and statement, positions, awkward names, and parts that no statement uses.
pub(crate) const EVERYTHING: &str = r#"module "krate::\"odd\"\u{a}";
file "src/lib.rs";
fastmath reassoc contract nsz arcp afn nnan ninf;
parallel threads 4 min_len 1000 chunk 64 schedule guided;
fn "fn"<T, "T 2">(a: &[T] at 3:9, mut b: &mut [f32], x: i32, "if": T) -> (T, (i32,)) {
    let mut x: f64 at 4:5;
    let mut $0: (T, (i32,));
    let i: u8;
    let j: i128;
    let other: ?1;
    site @0 = index at 5:7;
    site @1 = binary +;
    site @2 = binary <<;
    site @3 = neg;
    site @4 = method clamp;
    site @5 = num_cast;
    site @6 = step_by;
    site @7 = panic at 9:9;
    site @8 = binary /;
    [5:5] x#4 = if (true && (false || (!false))) { 1.5f64 } else { f64(0x7ff8000000000001) };
    b[(a.len() - 1usize)]@0 = -0.0f32;
    $0 = ((_#3 + T::MIN_POSITIVE)@1, ((-x#2)@3,));
    $0.1.0 = (-5i32 << (- 5i8))@2;
    other = num_cast::<?1>(_#3)@5;
    _ = num_cast_fits::<u8>(1e-7f32);
    _ = (x#2 as u128);
    _ = cfg!(debug_assertions);
    _ = 340282366920938463463374607431768211455u128;
    _ = -170141183460469231731687303715884105728i128;
    _ = (x#4.sin_cos(), (if true { x#4 } else { x#4 }).clamp(f64::PI, f64::INFINITY)@4);
    _ = 1065353216u32.from_bits();
    '0: for i in 0u8..=255u8 step 2usize rev {
        '7: for j in 0i128..9i128 parallel {
            if (i == 3u8) {
                continue '0;
            } else {
                break '7;
            }
        }
    }
    '1: while (x#4 < 1.0f64) {
        '2: loop {
            '3: {
                break '3;
            }
            trap @7;
        }
    }
    [7:1] return $0;
}
unused (1i32 / 2i32)@8;
order 1 0 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23
    24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47
    48 49 50 51 52 53 54 55 56 57 58 59 60;
spans 4:11 - 5:9;
"#;

/// Every kind of type, expression and statement that has to do with memory, aggregates and calls.
pub(crate) const PROGRAM: &str = r#"host "println!"(f64, i32);
host "k::read"() -> f64;
struct Point size 8 align 4 { x: f32 at 0, "in": u8 at 4 };
struct "k::Line<f32>" size 16 align 4 { "0": [Point; 2] at 0 };
struct f32 size 1 align 1 {};
struct f32 size 2 align 1 {};
fn main<T>(a: &mut [[T; 4]], p: &mut Point, line: &%1, e: &&[f64], x: T) -> (T, [Point; 2]) {
    let mut part: &mut [[T; 4]];
    let mut q: Point;
    let mut point: &Point;
    let mut row: [T; 4];
    let mut got: f64;
    let mut result: (T, [Point; 2]);
    let other: (%2, &mut [%3; 0]);
    table#0 = "k::TABLE": [u16; 2] = "01ff00a0";
    table#1 = "k::NOTHING": [bool; 0] = "";
    site @0 = sub_slice both of 1:17 with usize, usize, usize at 3:4;
    site @1 = sub_slice inclusive;
    site @2 = sub_slice from of 0:1;
    site @3 = sub_slice to;
    site @4 = sub_slice to_inclusive;
    site @5 = length copy_from_slice;
    site @6 = length split_at;
    site @7 = length swap;
    site @8 = length chunks;
    site @9 = length chunks_exact;
    site @10 = length windows;
    site @11 = panic with usize, T;
    site @12 = index with usize, usize;
    part = &mut a[0usize..a.len()]@0;
    part = &mut part[..];
    part = &mut part[1usize..2usize]@1;
    part = &mut part[1usize..]@2;
    part = &mut part[..1usize]@3;
    part = &mut part[..1usize];
    part = &mut part[..1usize]@4;
    part[0usize]@12[3usize] = x;
    row = [x, part[0usize][1usize], x, x];
    row = [x; 4];
    q = struct Point(p.*.0, 2u8);
    p.*.1 = q.1;
    p.* = q;
    point = &p.*;
    point = if true { point } else { &line.*.0[1usize] };
    result = (row[0usize]@12, [q, zeroed::<Point>]);
    result.1[0usize].0 = line.*.0[0usize].0;
    _ = (table#0, [table#1; 3]);
    _ = &e.*[1usize..];
    _ = ([]: [f32; 0]);
    got = host#1();
    host#0(got, 1i32);
    fn#1(point, &mut result.1[1usize].0);
    got = parallel fn#2 count e.*.len() work 2usize from (got) identities (-0.0f64) captures (e.*) combine fn#3 stores threads 2 schedule dynamic;
    parallel fn#4 count 9usize work 1usize;
    if true {
        trap @11(row.len(), x);
    }
    if true {
        trap @7(1usize, 2usize, 3usize);
    }
    return result;
}
struct Point size 8 align 4 { x: f32 at 0, "in": u8 at 4 };
fn helper(p: &Point, x: &mut f32) {
    x.* = p.*.0;
    fn#1(p, x);
}
fn sum(first: usize, behind: usize, mut sum: f64, a: &[f64]) -> f64 {
    let i: usize;
    site @0 = index;
    '0: for i in first..behind {
        sum = (sum + a[i]@0);
    }
    return sum;
}
fn add(left: f64, right: f64) -> f64 {
    return (left + right);
}
fn nothing(first: usize, behind: usize) {
}
"#;

fn parsed(text: &str) -> Function {
    match parse(text) {
        Ok(func) => func,
        Err(error) => panic!("{error}\n{text}"),
    }
}

#[test]
fn everything_is_printed_and_parsed() {
    let func = parsed(EVERYTHING);
    assert_eq!(verify(&func), Ok(()));
    let text = print(&func);
    assert_eq!(parsed(&text), func, "{text}");
    assert!(
        text.contains("[5:5] x#4 = if (true && (false || (!false)))"),
        "{text}"
    );
    assert!(text.contains("$0.1.0 = (-5i32 << (- 5i8))@2;"), "{text}");
    assert_eq!(print(&parsed(&text)), text);
    let short = print_short(&func);
    assert!(
        !short.contains("5:5") && !short.contains("module"),
        "{short}"
    );
    parsed(&short);
}

#[test]
fn programs_are_printed_and_parsed() {
    let program = match parse_program(PROGRAM) {
        Ok(program) => program,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(crate::verify_program(&program), Ok(()));
    let text = print_program(&program);
    assert_eq!(text, PROGRAM);
    assert_eq!(parse_program(&text), Ok(program.clone()));
    let bytes = encode_program(&program).expect("not too deep");
    assert_eq!(decode_program(&bytes), Ok(program.clone()));
    assert!(decode(&bytes).is_err());
    for func in &program.functions {
        let short = print_short(func);
        assert!(parse(&short).is_ok(), "{short}");
    }
}

#[test]
fn declarations_say_what_is_wrong() {
    check_error("fn f(x: %0) {}", 1, 11, "there is no struct of this number");
    check_error(
        "fn f() { table#1 = \"\": u8 = \"\"; }",
        1,
        18,
        "tables are numbered in order, from 0",
    );
    check_error(
        "fn f() { table#0 = \"\": u8 = \"0\"; }",
        1,
        32,
        "expected hexadecimal digits in quotes",
    );
    check_error(
        "fn f(x: [i32; 18446744073709551616]) {}",
        1,
        15,
        "expected a number below 2^64",
    );
    // A chain of structs is as deep as a type that is written out.
    let mut text = String::from("struct S0 size 1 align 1 { x: u8 at 0 };");
    for n in 1..100 {
        let inner = n - 1;
        text += &format!("struct S{n} size 1 align 1 {{ x: S{inner} at 0 }};");
    }
    let error = parse(&(text + "fn f() {}")).expect_err("nested too deep");
    assert_eq!(error.message, "types are nested too deep");
}

#[test]
fn the_numbers_of_expressions_are_kept() {
    for seed in 0..50 {
        let func = generate_function(seed, &GenerateConfig::default());
        let n = func.exprs.len();
        let text = print(&func);
        let (before, _) = text
            .split_once("spans")
            .expect("generated functions have positions");
        let before = before.split("order").next().unwrap_or_default();
        let order: Vec<String> = (0..n).rev().map(|n| n.to_string()).collect();
        let reversed = parsed(&format!("{before} order {};", order.join(" ")));
        assert_eq!(parsed(&print(&reversed)), reversed);
        assert_eq!(print_short(&reversed), print_short(&func));
        assert_eq!(verify(&reversed), Ok(()));
    }
}

#[test]
fn types_that_the_text_does_not_give_are_written() {
    let func =
        parsed("fn f(x: i32) { _ = ((x + x): f32); _ = (int(0x1ff): u8); _ = (true: i32); }");
    assert!(verify(&func).is_err());
    let text = print(&func);
    assert_eq!(parsed(&text), func, "{text}");
    assert!(text.contains("((x + x): f32)"), "{text}");
}

#[test]
fn positions_in_the_text() {
    let text = "fn f(x: i32) {\n  // a comment\n  _ = (x + 1i32);\n}";
    let func = parse_with_text_spans(text).expect("well-formed text");
    assert_eq!(func.body.stmts[0].span, Span::new(3, 3));
    assert_eq!(
        func.expr_spans,
        [Span::new(3, 8), Span::new(3, 12), Span::new(3, 7)]
    );
    assert_eq!(func.locals[func.params[0]].span, Span::new(1, 6));
}

/// The text and where it is wrong.
fn check_error(text: &str, line: u32, column: u32, message: &str) {
    let error = parse(text).expect_err(text);
    assert_eq!(
        (error.line, error.column, error.message.as_str()),
        (line, column, message),
        "{text}"
    );
}

#[test]
fn errors_say_where() {
    check_error(
        "fn f() {\n  x = 1i32;\n}",
        2,
        3,
        "expected an expression or the name of a local",
    );
    check_error(
        "fn f(x: i32) { x = 300u8; }",
        1,
        20,
        "expected a number with a type that it fits, such as `1i32`",
    );
    check_error(
        "fn f(x: i32) { x = -1u8; }",
        1,
        20,
        "expected a number with a type that it fits, such as `1i32`",
    );
    check_error("fn f(x: i23) {}", 1, 9, "expected a type");
    check_error(
        "fn f(x: i32) { _ = (x ~ x); }",
        1,
        23,
        "expected an operator or `)`",
    );
    check_error(
        "fn f(x: i32) { _ = x.foo(); }",
        1,
        22,
        "expected the name of a method",
    );
    check_error(
        "fn f(x: i32, x: i32) { _ = x; }",
        1,
        28,
        "more than one local has this name: add `#number`",
    );
    check_error(
        "fn f() { _ = int(0x5); }",
        1,
        14,
        "the type of this must be written: `(.. : type)`",
    );
    check_error("fn f() { trap @0 }", 1, 18, "expected `;`");
    check_error("fn f() {} x", 1, 11, "expected nothing more");
    check_error("", 1, 1, "expected `fn`");
    check_error(
        "fn f() { _ = 1i32; } order 7;",
        1,
        29,
        "each expression has a number of its own",
    );
}

#[test]
fn nesting_is_capped() {
    let n = 100_000;
    let tower = |open: &str, inside: &str, close: &str| {
        format!(
            "fn f(x: i32) {{ {}{inside}{} }}",
            open.repeat(n),
            close.repeat(n)
        )
    };
    for text in [
        tower("'0: {", "", "}"),
        tower("if true {", "", "}"),
        format!("fn f(x: i32) {{ _ = {}", "(-".repeat(n)),
        format!("fn f(x: i32) {{ _ = {}", "if ".repeat(n)),
        format!("fn f(x: i32) {{ _ = {}", "(x + ".repeat(n)),
        format!("fn f(x: {}", "(".repeat(n)),
        format!("fn f(x: {}", "&[".repeat(n)),
    ] {
        let error = parse(&text).expect_err("nested too deep");
        assert!(error.message.contains("too deep"), "{error}");
    }
    // Methods do not nest in the text, only in the function: the verifier stops them, and the printer too.
    let func = parsed(&format!(
        "fn f(x: i32) {{ _ = x{}; }}",
        ".signum()".repeat(n)
    ));
    assert!(verify(&func).is_err());
    assert!(print(&func).contains("<too deep>"));
}

#[test]
fn the_deepest_that_is_allowed() {
    let deep = crate::walk::MAX_EXPR_DEPTH - 1;
    let text = format!(
        "fn f(x: i32) {{ _ = {}x{}; }}",
        "(!".repeat(deep),
        ")".repeat(deep)
    );
    let func = parsed(&text);
    assert_eq!(verify(&func), Ok(()));
    assert_eq!(parsed(&print(&func)), func);
    let deeper = parsed(&text.replace("(!x)", "(!(!x))"));
    assert!(verify(&deeper).is_err());

    let deep = MAX_BLOCK_DEPTH - 1;
    let text = format!(
        "fn f() {{ {} {} }}",
        "if true {".repeat(deep),
        "}".repeat(deep)
    );
    let func = parsed(&text);
    assert_eq!(verify(&func), Ok(()));
    assert_eq!(parsed(&print(&func)), func);
    let bytes = encode(&func).expect("as deep as is allowed");
    assert_eq!(decode(&bytes), Ok(func));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn text_and_bytes_give_the_function_back(seed in any::<u64>()) {
        let memory = seed % 2 == 0;
        let func = generate_function(seed, &GenerateConfig { memory, ..GenerateConfig::default() });
        let text = print(&func);
        prop_assert_eq!(&parsed(&text), &func, "{}", text);
        prop_assert_eq!(print_short(&parsed(&print_short(&func))), print_short(&func));
        let bytes = encode(&func).expect("not too deep");
        prop_assert_eq!(decode(&bytes), Ok(func));
    }

    /// Any text gives a function or an error; what it gives can be verified and printed.
    #[test]
    fn damaged_text_is_an_error(
        seed in any::<u64>(),
        at in any::<prop::sample::Index>(),
        with in "[-(){}\\[\\]@#'<>.:,;a-z0-9 ]{0,3}",
        cut in 0usize..4,
    ) {
        let mut text: Vec<char> = if seed % 4 == 0 {
            EVERYTHING.chars().collect()
        } else if seed % 4 == 1 {
            let (_, text) = PROGRAM.split_once("f64;\n").unwrap_or_default();
            let (text, _) = text.split_once("struct Point size 8 align 4 { x: f32 at 0, \"in\": u8 at 4 };\nfn").unwrap_or_default();
            text.chars().collect()
        } else {
            print(&generate_function(seed, &GenerateConfig::with_memory())).chars().collect()
        };
        let start = at.index(text.len());
        let end = (start + cut).min(text.len());
        text.splice(start..end, with.chars());
        if let Ok(func) = parse(&text.into_iter().collect::<String>()) {
            let _ = verify(&func);
            let again = print(&func);
            prop_assert_eq!(parsed(&again), func, "{}", again);
        }
    }
}
