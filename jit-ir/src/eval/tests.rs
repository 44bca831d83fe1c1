use super::ops::NoValue;
use super::*;
use crate::ty::ScalarTy;
use crate::{Intrinsic, parse};

fn run(text: &str, args: &mut [Argument]) -> Result<Outcome, EvalError> {
    let func = match parse(text) {
        Ok(func) => func,
        Err(error) => panic!("{error}\n{text}"),
    };
    eval(&func, args, 100_000)
}

/// The value of an expression without locals.
#[track_caller]
fn check(expr: &str, ty: &str, expected: impl Into<Value>) {
    let outcome = run(&format!("fn f() -> {ty} {{ return {expr}; }}"), &mut []);
    assert_eq!(outcome, Ok(Outcome::Return(expected.into())), "{expr}");
}

/// The operands that the trap of an expression carries; its site is 0, of this kind.
#[track_caller]
fn check_trap(kind: &str, expr: &str, operands: &[u128]) {
    let outcome = run(
        &format!("fn f() {{ site @0 = {kind}; _ = {expr}; }}"),
        &mut [],
    );
    let expected = Outcome::Trap {
        function: 0,
        site: SiteId::from_index(0),
        operands: operands.to_vec(),
    };
    assert_eq!(outcome, Ok(expected), "{expr}");
}

/// What a loop's variable goes through; the slice has `n` places.
#[track_caller]
fn check_loop<T: Into<Value>>(ty: &str, range: &str, expected: impl IntoIterator<Item = T>) {
    let text = format!(
        "fn f(out: &mut [{ty}]) -> usize {{
            let i: {ty};
            let mut n: usize;
            site @0 = index;
            n = 0usize;
            '0: for i in {range} {{
                out[n]@0 = i;
                n = (n + 1usize);
            }}
            return n;
        }}"
    );
    let expected: Vec<Value> = expected.into_iter().map(Into::into).collect();
    let zero = Scalar::from_bits(ScalarTy::from_name(ty).expect("a scalar type"), 0);
    let mut args = [Argument::Slice(vec![Value::Scalar(zero); expected.len()])];
    let outcome = run(&text, &mut args);
    assert_eq!(
        outcome,
        Ok(Outcome::Return(expected.len().into())),
        "{range}"
    );
    assert_eq!(args, [Argument::Slice(expected)], "{range}");
}

#[test]
fn loops_are_exact() {
    check_loop("u8", "0u8..=255u8", 0..=255u8);
    check_loop("u8", "0u8..=255u8 step 100usize", [0u8, 100, 200]);
    check_loop("u8", "0u8..=255u8 step 100usize rev", [200u8, 100, 0]);
    check_loop("u8", "250u8..255u8 step 18446744073709551615usize", [250u8]);
    check_loop("i8", "-128i8..=127i8", -128..=127i8);
    check_loop("i8", "-128i8..127i8 rev", (-128..127i8).rev());
    check_loop(
        "i8",
        "-100i8..100i8 step 77usize",
        (-100..100i8).step_by(77),
    );
    check_loop("i32", "3i32..3i32", 3..3i32);
    check_loop("i32", "3i32..=3i32", 3..=3i32);
    check_loop("i32", "4i32..=3i32", std::iter::empty::<i32>());
    check_loop("i32", "3i32..-3i32 rev", std::iter::empty::<i32>());
    check_loop("i32", "0i32..7i32 step 3usize rev", [6i32, 3, 0]);
    check_loop(
        "i64",
        "9223372036854775805i64..=9223372036854775807i64",
        i64::MAX - 2..=i64::MAX,
    );
    let last = "340282366920938463463374607431768211455u128";
    check_loop(
        "u128",
        &format!("340282366920938463463374607431768211453u128..={last}"),
        u128::MAX - 2..=u128::MAX,
    );
    check_loop("u128", &format!("{last}..={last} rev"), [u128::MAX]);
    let least = "-170141183460469231731687303715884105728i128";
    check_loop(
        "i128",
        &format!("{least}..=-170141183460469231731687303715884105726i128"),
        i128::MIN..=i128::MIN + 2,
    );
    // 2^128 iterations, as one would hope not to wait for.
    let text = format!("fn f() {{ let i: u128; '0: for i in 0u128..={last} {{}} }}");
    assert_eq!(run(&text, &mut []), Err(EvalError::OutOfFuel));
    let text = format!(
        "fn f() -> u128 {{ let i: u128; '0: for i in 0u128..={last} rev {{ return i; }} return 0u128; }}"
    );
    assert_eq!(run(&text, &mut []), Ok(Outcome::Return(u128::MAX.into())));
}

#[test]
fn a_step_of_0_is_an_error() {
    let text = "fn f(n: usize) { let i: i32; '0: for i in 0i32..9i32 step n {} }";
    let mut args = [Argument::Scalar(0usize.into())];
    assert_eq!(run(text, &mut args), Err(EvalError::ZeroStep));
}

#[test]
fn casts_saturate_and_truncate() {
    check("(300.7f32 as u8)", "u8", 255u8);
    check("(-1.5f64 as u8)", "u8", 0u8);
    check("(f32(0x7fc00000) as i32)", "i32", 0i32);
    check("(f64(0x7ff0000000000000) as i128)", "i128", i128::MAX);
    check("(-1e30f32 as i64)", "i64", i64::MIN);
    check("(300i32 as u8)", "u8", 44u8);
    check("(-1i8 as u128)", "u128", u128::MAX);
    check("(255u8 as i8)", "i8", -1i8);
    check("(-1i8 as f32)", "f32", -1.0f32);
    check(
        "(340282366920938463463374607431768211455u128 as f32)",
        "f32",
        f32::INFINITY,
    );
    check("(16777217i32 as f32)", "f32", 16_777_216.0f32);
    check(
        "(9007199254740993i64 as f32)",
        "f32",
        9_007_199_254_740_993i64 as f32,
    );
    check("(1e300f64 as f32)", "f32", f32::INFINITY);
    check("(true as i64)", "i64", 1i64);
    check("(-5isize as u16)", "u16", 65_531u16);
}

#[test]
fn numeric_conversions_fit_or_trap() {
    let fits = |value: &str, ty: &str, expected: bool| {
        check(&format!("num_cast_fits::<{ty}>({value})"), "bool", expected);
    };
    fits("255.9f32", "u8", true);
    fits("256.0f32", "u8", false);
    fits("-0.9f64", "u8", true);
    fits("-1.0f64", "u8", false);
    fits("-128.9f64", "i8", true);
    fits("-129.0f64", "i8", false);
    fits("2147483648.0f32", "i32", false);
    fits("-2147483648.0f32", "i32", true);
    fits("9223372036854775808.0f64", "i64", false);
    fits("340282350000000000000000000000000000000.0f32", "u128", true);
    fits("f32(0x7f800000)", "u128", false);
    fits("f64(0x7ff8000000000000)", "i32", false);
    fits("1e300f64", "f32", true);
    fits("-1i8", "u128", false);
    fits("-1i8", "i128", true);
    fits("340282366920938463463374607431768211455u128", "i128", false);
    fits("340282366920938463463374607431768211455u128", "i8", false);
    fits("128u8", "i8", false);
    fits("127u64", "i8", true);
    fits("-129i64", "i8", false);
    fits("-1isize", "usize", false);
    check(
        "(if true { num_cast_fits::<u8>(1i32) } else { false })",
        "bool",
        true,
    );
    check_trap("num_cast", "num_cast::<u8>(-1i16)@0", &[0xffff]);
    check_trap(
        "num_cast",
        "num_cast::<u8>(256.0f32)@0",
        &[256.0f32.to_bits().into()],
    );
}

#[test]
fn arithmetic_traps_or_wraps() {
    check("(127i8 + 1i8)", "i8", -128i8);
    check("(0usize - 1usize)", "usize", usize::MAX);
    check("(-(-128i8))", "i8", -128i8);
    check_trap("binary +", "(127i8 + 1i8)@0", &[127, 1]);
    check_trap("binary *", "(-128i8 * -1i8)@0", &[0x80, 0xff]);
    check_trap("binary /", "(1u128 / 0u128)@0", &[1, 0]);
    check_trap("binary /", "(-128i8 / -1i8)@0", &[0x80, 0xff]);
    check_trap(
        "binary %",
        "(-2147483648i32 % -1i32)@0",
        &[0x8000_0000, 0xffff_ffff],
    );
    check_trap("neg", "(-(-128i8))@0", &[0x80]);
    check("(1.0f64 / 0.0f64)", "f64", f64::INFINITY);
    check("(5.5f32 % -2.0f32)", "f32", 1.5f32);
    check("(!5i8)", "i8", -6i8);
    check("(!true)", "bool", false);
    check("(true ^ true)", "bool", false);
    check("(true > false)", "bool", true);
    check(
        "(f64(0x7ff8000000000000) == f64(0x7ff8000000000000))",
        "bool",
        false,
    );
    check("(0.0f32 == -0.0f32)", "bool", true);
    check("(-1i128 < 0i128)", "bool", true);
}

#[test]
fn shifts_mask_or_trap() {
    check("(1i32 << 33u8)", "i32", 2i32);
    check("(1i8 << -1i32)", "i8", -128i8);
    check("(-128i8 >> 7u64)", "i8", -1i8);
    check("(128u8 >> 15i64)", "u8", 1u8);
    check("(1u128 << 127u8)", "u128", 1u128 << 127);
    check(
        "(1u16 << 340282366920938463463374607431768211441u128)",
        "u16",
        2u16,
    );
    check_trap("binary <<", "(1i32 << 32u8)@0", &[1, 32]);
    check_trap("binary >>", "(1i32 >> -1i8)@0", &[1, 0xff]);
    check_trap(
        "binary <<",
        "(1u8 << 18446744073709551616u128)@0",
        &[1, 1 << 64],
    );
}

#[test]
fn methods_trap_where_std_panics() {
    check_trap("method abs", "-128i8.abs()@0", &[0x80]);
    check("-128i8.abs()", "i8", -128i8);
    check_trap("method pow", "2i8.pow(7u32)@0", &[2, 7]);
    check("2i8.pow(7u32)", "i8", -128i8);
    check_trap(
        "method next_power_of_two",
        "129u8.next_power_of_two()@0",
        &[129],
    );
    check("129u8.next_power_of_two()", "u8", 0u8);
    check_trap("method isqrt", "-1i32.isqrt()@0", &[0xffff_ffff]);
    check_trap("method ilog2", "0u8.ilog2()@0", &[0]);
    check_trap("method ilog10", "-3i8.ilog10()@0", &[0xfd]);
    check_trap("method ilog", "9i32.ilog(1i32)@0", &[9, 1]);
    check_trap("method div_ceil", "9u32.div_ceil(0u32)@0", &[9, 0]);
    check_trap("method clamp", "9u32.clamp(5u32, 4u32)@0", &[9, 5, 4]);
    let nan = 0x7fc0_0000;
    check_trap(
        "method clamp",
        "0.0f32.clamp(f32(0x7fc00000), 0.0f32)@0",
        &[0, nan, 0],
    );
    check_trap(
        "method div_euclid",
        "-128i8.div_euclid(-1i8)@0",
        &[0x80, 0xff],
    );
    check_trap(
        "method rem_euclid",
        "-128i8.rem_euclid(-1i8)@0",
        &[0x80, 0xff],
    );
    check_trap("method rem_euclid", "1u64.rem_euclid(0u64)@0", &[1, 0]);
    check_trap("method wrapping_div", "1i8.wrapping_div(0i8)@0", &[1, 0]);
    check("-7.0f64.rem_euclid(4.0f64)", "f64", 1.0f64);
    check("1069547520u32.from_bits()", "f32", 1.5f32);
    check("1.5f64.to_bits()", "u64", 1.5f64.to_bits());
    check("-3i32.abs_diff(4i32)", "u32", 7u32);
    check("-1i16.cast_unsigned()", "u16", u16::MAX);
    check("-1isize.count_ones()", "u32", 64u32);
    check("1u8.rotate_right(9u32)", "u8", 128u8);
    check("2.0f64.powi(-2i32)", "f64", 0.25f64);
    let pair = Value::Tuple(vec![Value::from(0u8), Value::from(true)]);
    check("255u8.overflowing_add(1u8)", "(u8, bool)", pair);
}

/// Every method of every type that has it, on edges: std never panics, and what traps is what the table says.
#[test]
fn no_method_panics() {
    let edges = |ty: ScalarTy| -> Vec<Scalar> {
        let bits = [0, 1, 2, 7, 0x3fc0_0000, u128::MAX, u128::MAX >> 1];
        let mut values: Vec<_> = bits.map(|bits| Scalar::from_bits(ty, bits)).into();
        let top = 1u128 << (ty.bits() - 1);
        values.extend([top, top - 1, top + 1].map(|bits| Scalar::from_bits(ty, bits)));
        let nan_and_infinity = match ty {
            ScalarTy::F32 => [f32::NAN.to_bits().into(), f32::INFINITY.to_bits().into()],
            ScalarTy::F64 => [f64::NAN.to_bits().into(), f64::INFINITY.to_bits().into()],
            _ => [3, 10],
        };
        values.extend(nan_and_infinity.map(|bits: u128| Scalar::from_bits(ty, bits)));
        values
    };
    for &intrinsic in Intrinsic::ALL {
        let info = intrinsic.info();
        for ty in ScalarTy::ALL
            .into_iter()
            .filter(|&ty| info.class.contains(ty))
        {
            let args: Vec<Vec<Scalar>> = info
                .args
                .iter()
                .map(|sig| match sig.resolve(ty) {
                    Some(Ty::Scalar(ty)) => edges(ty),
                    other => panic!("{}: argument {other:?}", info.name),
                })
                .collect();
            let total: usize = args.iter().map(Vec::len).product();
            for n in 0..total {
                let mut rest = n;
                let mut chosen = Vec::new();
                for values in &args {
                    chosen.push(values[rest % values.len()]);
                    rest /= values.len();
                }
                for checked in [false, true] {
                    match intrinsics::call(intrinsic, ty, &chosen, checked) {
                        Ok(value) => assert_eq!(Some(value.ty()), info.result.resolve(ty)),
                        Err(NoValue::Trap) => {
                            assert!(
                                intrinsic.may_trap_for(ty, checked),
                                "{} {chosen:?}",
                                info.name
                            );
                        }
                        Err(NoValue::Missing) => panic!("`{ty}` lacks `{}`", info.name),
                    }
                }
            }
        }
    }
}

#[test]
fn the_value_comes_before_the_place() {
    // Both trap: the one that comes first wins.
    let text = "fn f(a: &mut [i32], i: usize) {
        site @0 = index;
        site @1 = binary /;
        a[i]@0 = (1i32 / 0i32)@1;
    }";
    let args = || [Argument::Slice(Vec::new()), Argument::Scalar(3usize.into())];
    let outcome = run(text, &mut args());
    assert_eq!(
        outcome,
        Ok(Outcome::Trap {
            function: 0,
            site: SiteId::from_index(1),
            operands: vec![1, 0]
        })
    );
    let outcome = run(&text.replace("0i32)", "1i32)"), &mut args());
    assert_eq!(
        outcome,
        Ok(Outcome::Trap {
            function: 0,
            site: SiteId::from_index(0),
            operands: vec![3, 0]
        })
    );
}

#[test]
fn stores_before_a_trap_have_happened() {
    let text = "fn f(a: &mut [i32]) {
        let i: usize;
        site @0 = index;
        '0: for i in 0usize..=a.len() { a[i]@0 = (i as i32); }
    }";
    let mut args = [Argument::Slice(vec![Value::from(7i32); 3])];
    let outcome = run(text, &mut args);
    assert_eq!(
        outcome,
        Ok(Outcome::Trap {
            function: 0,
            site: SiteId::from_index(0),
            operands: vec![3, 3]
        })
    );
    let stored = [0i32, 1, 2].map(Value::from).to_vec();
    assert_eq!(args, [Argument::Slice(stored)]);
}

#[test]
fn lazy_and_eager() {
    let divides = |expr: &str| {
        let text = format!("fn f() -> bool {{ site @0 = binary /; return {expr}; }}");
        matches!(run(&text, &mut []), Ok(Outcome::Trap { .. }))
    };
    let trap = "((1i32 / 0i32)@0 == 1i32)";
    assert!(!divides(&format!("(false && {trap})")));
    assert!(!divides(&format!("(true || {trap})")));
    assert!(divides(&format!("(true && {trap})")));
    assert!(divides(&format!("(false & {trap})")));
    assert!(!divides(&format!("if true {{ true }} else {{ {trap} }}")));
}

#[test]
fn control_flow() {
    let text = "fn f(n: u32) -> (u32, u32) {
        let i: u32;
        let j: u32;
        let mut t: (u32, u32);
        t = (0u32, 0u32);
        '0: for i in 0u32..n {
            '1: for j in 0u32..n {
                if (j == 2u32) { continue '0; }
                if (i == 3u32) { break '0; }
                t.0 = (t.0 + 1u32);
            }
            t.1 = 100u32;
        }
        '2: {
            '3: loop {
                '4: while (t.1 < 5u32) { t.1 = (t.1 + 1u32); }
                break '2;
            }
        }
        return t;
    }";
    let mut args = [Argument::Scalar(9u32.into())];
    let expected = Value::Tuple(vec![Value::from(6u32), Value::from(5u32)]);
    assert_eq!(run(text, &mut args), Ok(Outcome::Return(expected)));
    let text = "fn f() { site @0 = panic; trap @0; }";
    let expected = Outcome::Trap {
        function: 0,
        site: SiteId::from_index(0),
        operands: Vec::new(),
    };
    assert_eq!(run(text, &mut []), Ok(expected));
}

#[test]
fn what_has_no_outcome_is_an_error() {
    let text = "fn f(x: i32, a: &[u8]) { let y: i32; _ = y; }";
    let x = Argument::Scalar(1i32.into());
    let error = run(text, &mut [x.clone(), Argument::Slice(vec![1u8.into()])]);
    assert!(matches!(error, Err(EvalError::ReadBeforeInit { name, .. }) if name == "y"));
    for mut args in [
        vec![x.clone()],
        vec![x.clone(), x.clone()],
        vec![x.clone(), Argument::Slice(vec![1i8.into()])],
        vec![Argument::Slice(Vec::new()), Argument::Slice(Vec::new())],
        vec![Argument::Scalar(1u32.into()), Argument::Slice(Vec::new())],
    ] {
        assert!(
            matches!(run(text, &mut args), Err(EvalError::BadArguments(_))),
            "{args:?}"
        );
    }
    assert!(matches!(
        run("fn f() -> i32 {}", &mut []),
        Err(EvalError::NotVerified(_))
    ));
    assert_eq!(
        run("fn f() { '0: loop {} }", &mut []),
        Err(EvalError::OutOfFuel)
    );
}

#[test]
fn agreement_is_of_bits_but_for_nan() {
    let other_nan = Value::from(f64::from_bits(0xfff8_0000_0000_0001));
    assert!(Value::from(f64::NAN).agrees_with(&other_nan));
    assert_ne!(Value::from(f64::NAN), other_nan);
    assert!(!Value::from(0.0f32).agrees_with(&Value::from(-0.0f32)));
    assert!(!Value::from(1u32).agrees_with(&Value::from(1i32)));
}

/// On the small stack of a test's thread, without optimization.
#[test]
fn the_deepest_that_is_allowed_is_evaluated() {
    let (exprs, blocks) = (
        crate::walk::MAX_EXPR_DEPTH - 1,
        crate::walk::MAX_BLOCK_DEPTH - 1,
    );
    let value = format!("{}x{}", "(!".repeat(exprs), ")".repeat(exprs));
    let text = format!(
        "fn f(x: bool) -> bool {{ {} return {value}; {} return x; }}",
        "if true {".repeat(blocks),
        "}".repeat(blocks)
    );
    let outcome = run(&text, &mut [Argument::Scalar(true.into())]);
    assert_eq!(outcome, Ok(Outcome::Return((exprs % 2 == 0).into())));
}
