use super::*;
use crate::{NamedConst, parse, parse_with_text_spans, print_short, verify, verify_specialized};

fn specialized(text: &str, types: &[ScalarTy], options: &BuildOptions) -> Function {
    let func = parse(text).expect("well-formed text");
    verify(&func).expect("well-formed function");
    let result = specialize(&func, types, options).expect("types that fit");
    assert_eq!(verify_specialized(&result), Ok(()), "{result}");
    result
}

/// What is evaluated and returned, one statement a line.
fn body(func: &Function) -> String {
    let text = print_short(func);
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| line.starts_with("_ =") || line.starts_with("return"));
    lines.collect::<Vec<_>>().join("\n")
}

const GENERIC: &str = "fn f<T>(x: T, y: T) -> T {
    site @0 = binary +;
    site @1 = binary /;
    site @2 = method abs;
    site @3 = neg;
    site @4 = method rem_euclid;
    site @5 = num_cast;
    _ = (x + T::ONE)@0;
    _ = (x / y)@1;
    _ = (-x)@3;
    _ = x.abs()@2;
    _ = x.rem_euclid(y)@4;
    _ = num_cast_fits::<T>(1i32);
    _ = cfg!(debug_assertions);
    return num_cast::<T>(2.5f64)@5;
}";

#[test]
fn integers_keep_what_may_trap() {
    let options = BuildOptions {
        overflow_checks: true,
        debug_assertions: true,
        ..BuildOptions::default()
    };
    let func = specialized(GENERIC, &[ScalarTy::I16], &options);
    assert_eq!(
        body(&func),
        "_ = (x + 1i16)@0;\n_ = (x / y)@1;\n_ = (-x)@3;\n_ = x.abs()@2;\n_ = x.rem_euclid(y)@4;\n\
         _ = num_cast_fits::<i16>(1i32);\n_ = true;\nreturn num_cast::<i16>(2.5f64)@5;"
    );
}

#[test]
fn release_profiles_drop_overflow() {
    let func = specialized(GENERIC, &[ScalarTy::I16], &BuildOptions::default());
    assert_eq!(
        body(&func),
        "_ = (x + 1i16);\n_ = (x / y)@1;\n_ = (-x);\n_ = x.abs();\n_ = x.rem_euclid(y)@4;\n\
         _ = num_cast_fits::<i16>(1i32);\n_ = false;\nreturn num_cast::<i16>(2.5f64)@5;"
    );
}

#[test]
fn floats_do_not_trap() {
    let options = BuildOptions {
        overflow_checks: true,
        fastmath: FastMath::ALGEBRAIC,
        ..BuildOptions::default()
    };
    let func = specialized(GENERIC, &[ScalarTy::F32], &options);
    assert_eq!(func.fastmath, FastMath::ALGEBRAIC);
    assert_eq!(func.result, Ty::Scalar(ScalarTy::F32));
    assert_eq!(func.sites.len(), 6, "sites keep their numbers");
    assert_eq!(
        body(&func),
        "_ = (x + 1.0f32);\n_ = (x / y);\n_ = (-x);\n_ = x.abs();\n_ = x.rem_euclid(y);\n\
         _ = num_cast_fits::<f32>(1i32);\n_ = false;\nreturn num_cast::<f32>(2.5f64)@5;"
    );
}

#[test]
fn types_inside_types() {
    let text = "fn f<A, B>(a: &mut [A], b: &[B]) -> (A, (B, bool)) {
        let t: (A, (B, bool));
        site @0 = index;
        t = (a[0usize]@0, (b[0usize]@0, true));
        return t;
    }";
    let func = specialized(
        text,
        &[ScalarTy::U8, ScalarTy::F64],
        &BuildOptions::default(),
    );
    let text = print_short(&func);
    assert!(
        text.contains("a: &mut [u8], b: &[f64]) -> (u8, (f64, bool))"),
        "{text}"
    );
    assert!(text.contains("let t: (u8, (f64, bool));"), "{text}");
}

#[track_caller]
fn check_error(text: &str, types: &[ScalarTy], message: &str, line: u32) {
    let func = parse_with_text_spans(text).expect("well-formed text");
    let error = specialize(&func, types, &BuildOptions::default()).expect_err(message);
    assert_eq!(error.to_string(), message);
    if let SpecializeError::Missing { span, .. } | SpecializeError::Malformed { span, .. } = error {
        assert_eq!(span.line, line);
    }
}

#[test]
fn what_a_type_lacks_is_said() {
    let i32s = &[ScalarTy::I32];
    check_error(
        "fn f<T>(x: T) {}",
        &[],
        "expected 1 type arguments, found 0",
        0,
    );
    check_error(
        "fn f<T>(x: T) {\n _ = x.sqrt(); }",
        i32s,
        "`i32` has no method `sqrt`",
        2,
    );
    check_error(
        "fn f<T>(x: T) { _ = (-x); }",
        &[ScalarTy::U8],
        "`u8` has no operator `-`",
        1,
    );
    check_error(
        "fn f<T>(x: T) { _ = (x * x); }",
        &[ScalarTy::Bool],
        "`bool` has no operator `*`",
        1,
    );
    check_error(
        "fn f<T>(x: T) { _ = (1i32 << x); }",
        &[ScalarTy::F32],
        "`f32` has no shift by it (`<<`)",
        1,
    );
    check_error(
        "fn f<T>(x: T) { _ = T::PI; }",
        i32s,
        "`i32` has no constant `PI`",
        1,
    );
    check_error(
        "fn f<T>(x: T) { _ = (true as T); }",
        &[ScalarTy::F64],
        "`bool` has no cast to `f64`",
        1,
    );
    check_error(
        "fn f<T>(x: T) { _ = num_cast_fits::<u8>(x); }",
        &[ScalarTy::Bool],
        "`bool` has no numeric conversion to `u8`",
        1,
    );
    check_error(
        "fn f<T>(x: T) { let i: T; '0: for i in x..x {} }",
        &[ScalarTy::F64],
        "`f64` has no range to loop over",
        1,
    );
    check_error(
        "fn f(x: ?3) {}",
        &[],
        "malformed function: no type parameter 3",
        1,
    );
}

#[test]
fn named_constants_are_stds() {
    let int = |name: NamedConst, ty| name.value(ty);
    assert_eq!(
        int(NamedConst::Min, ScalarTy::I8),
        Some(crate::ConstValue::Int(0x80))
    );
    assert_eq!(
        int(NamedConst::Max, ScalarTy::Usize),
        Some(crate::ConstValue::Int(u64::MAX.into()))
    );
    assert_eq!(
        int(NamedConst::Max, ScalarTy::U128),
        Some(crate::ConstValue::Int(u128::MAX))
    );
    assert_eq!(int(NamedConst::Pi, ScalarTy::I8), None);
    assert_eq!(int(NamedConst::Zero, ScalarTy::Bool), None);
    let tau = crate::ConstValue::F32(std::f32::consts::TAU.to_bits());
    assert_eq!(int(NamedConst::Tau, ScalarTy::F32), Some(tau));
    for name in NamedConst::ALL {
        assert!(name.value(ScalarTy::F64).is_some(), "{}", name.name());
        for ty in ScalarTy::ALL {
            assert!(name.value(ty).is_none_or(|value| value.is_of(ty)));
        }
    }
}

/// `next_multiple_of` traps for a multiple of zero in every profile, on overflow only where that is checked.
#[test]
fn profile_decides_what_next_multiple_of_checks() {
    let text = "fn f(x: u8, y: u8) -> u8 {
        site @0 = method next_multiple_of;
        return x.next_multiple_of(y)@0;
    }";
    let mut results = Vec::new();
    for overflow_checks in [false, true] {
        let options = BuildOptions {
            overflow_checks,
            ..BuildOptions::default()
        };
        let func = specialized(text, &[], &options);
        for (x, y) in [(7, 0), (250, 100), (7, 5)] {
            let mut args = [x, y].map(|arg: u8| crate::Argument::Scalar(arg.into()));
            results.push(match crate::eval(&func, &mut args, 100) {
                Ok(crate::Outcome::Return(value)) => value.as_scalar().map(|value| value.bits),
                Ok(crate::Outcome::Trap { .. }) => None,
                other => panic!("{other:?}"),
            });
        }
    }
    assert_eq!(results, [None, Some(44), Some(10), None, None, Some(10)]);
}

#[test]
fn parameters_inside_of_references_and_arrays() {
    let text = "fn f<T>(a: &mut [[T; 2]], r: &mut (T, f32)) -> [(T, u8); 2] {
        let mut part: &mut [[T; 2]];
        part = &mut a[..];
        r.*.0 = part[0usize][1usize];
        return [(r.*.0, 1u8); 2];
    }";
    let func = specialized(text, &[ScalarTy::I16], &BuildOptions::default());
    let text = print_short(&func);
    assert!(!text.contains('T'), "{text}");
    assert!(
        text.starts_with("fn f(a: &mut [[i16; 2]], r: &mut (i16, f32)) -> [(i16, u8); 2]"),
        "{text}"
    );
}

#[test]
fn sites_name_their_operands() {
    let text = "fn f<T>(a: &[T], x: T, s: u8) {
        site @0 = binary <<;
        site @1 = index;
        site @2 = sub_slice from;
        site @3 = method ilog;
        site @4 = num_cast;
        site @5 = panic with T, f32;
        site @6 = length split_at;
        site @7 = binary +;
        site @8 = panic with T;
        site @9 = neg;
        _ = (x << s)@0;
        _ = a[0usize]@1;
        _ = &a[1usize..]@2;
        _ = x.ilog(x)@3;
        _ = num_cast::<u8>(x)@4;
        _ = (1.0f32 + 2.0f32)@7;
        _ = (-x)@9;
        if true { trap @5(x, 1.0f32); }
        trap @6(1usize, a.len());
    }";
    let options = BuildOptions {
        overflow_checks: true,
        ..BuildOptions::default()
    };
    let func = specialized(text, &[ScalarTy::I64], &options);
    let operands: Vec<String> = func
        .sites
        .iter()
        .map(|(_, site)| {
            let names = site.operands.iter().filter_map(Ty::as_scalar);
            names.map(ScalarTy::name).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let expected = [
        "i64 u8",
        "usize usize",
        "usize usize usize",
        "i64 i64",
        "i64",
        "i64 f32",
        "usize usize",
        "",
        "i64",
        "i64",
    ];
    assert_eq!(operands, expected);
}

#[test]
fn programs() {
    let text = "fn f<T>(x: T) -> T {
            let mut r: T;
            site @0 = binary +;
            if false { r = fn#0(x); }
            fn#1(1i32);
            return (x + x)@0;
        }
        fn g(x: i32) -> i32 {
            site @0 = binary +;
            return (x + x)@0;
        }";
    let program = crate::parse_program(text).expect("well-formed text");
    crate::verify_program(&program).expect("well-formed program");
    let checked = BuildOptions {
        overflow_checks: true,
        ..BuildOptions::default()
    };
    let options = [checked, BuildOptions::default()];
    let result = specialize_program(&program, &[ScalarTy::U8], &options).expect("types that fit");
    assert_eq!(crate::verify_specialized_program(&result), Ok(()));
    assert_eq!(body(&result.functions[0]), "return (x + x)@0;");
    assert_eq!(body(&result.functions[1]), "return (x + x);");
    assert!(specialize_program(&program, &[ScalarTy::U8], &[checked]).is_err());
    assert!(specialize_program(&program, &[], &options).is_err());
    let site = crate::SiteId::from_index(0);
    assert_eq!(result.status_of(1, site), Some(2));
    assert_eq!(result.site_of_status(2), Some((1, site)));
    assert_eq!(result.site_of_status(1), Some((0, site)));
    for none in [0, 3, crate::func::HOST_PANICKED] {
        assert_eq!(result.site_of_status(none), None);
    }
}
