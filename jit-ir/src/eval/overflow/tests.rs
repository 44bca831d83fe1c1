//! The methods of bytes, for all arguments, against arithmetic that has room for the results.

use super::super::intrinsics::call;
use super::*;
use crate::intrinsic::SigTy;

const OPERATIONS: [&str; 16] = [
    "add",
    "sub",
    "mul",
    "div",
    "rem",
    "div_euclid",
    "rem_euclid",
    "neg",
    "abs",
    "pow",
    "shl",
    "shr",
    "add_signed",
    "sub_signed",
    "add_unsigned",
    "sub_unsigned",
];

/// The wrapped result and whether it overflowed; nothing for a division by zero.
fn truth(operation: &str, ty: ScalarTy, x: i32, y: i32) -> Option<(i32, bool)> {
    let has_room = |value: i32| value == wrap(ty, value);
    let exact = |value: i32| (wrap(ty, value), !has_room(value));
    // Rust calls the rest of this division an overflow, too.
    let overflowing_rest = ty.is_signed_int() && (x, y) == (-128, -1);
    Some(match operation {
        "add" | "add_signed" | "add_unsigned" => exact(x + y),
        "sub" | "sub_signed" | "sub_unsigned" => exact(x - y),
        "mul" => exact(x * y),
        "div" => exact(x.checked_div(y)?),
        "rem" => (x.checked_rem(y)?, overflowing_rest),
        "div_euclid" => exact(x.checked_div_euclid(y)?),
        "rem_euclid" => (x.checked_rem_euclid(y)?, overflowing_rest),
        "neg" => exact(-x),
        "abs" => exact(x.abs()),
        "pow" => (0..y).fold((1, false), |(product, overflowed), _| {
            let next = product * x;
            (wrap(ty, next), overflowed | !has_room(next))
        }),
        "shl" => (wrap(ty, x << (y % 8)), y >= 8),
        "shr" => (x >> (y % 8), y >= 8),
        _ => return None,
    })
}

fn wrap(ty: ScalarTy, value: i32) -> i32 {
    match ty.is_signed_int() {
        true => i32::from(value as i8),
        false => i32::from(value as u8),
    }
}

fn scalar(ty: ScalarTy, value: i32) -> Scalar {
    Scalar::from_bits(ty, value as u128)
}

fn pair(first: impl Into<Value>, second: impl Into<Value>) -> Value {
    Value::Tuple(vec![first.into(), second.into()])
}

/// What the method of this form gives; `None` if it traps.
fn expected(
    form: &str,
    operation: &str,
    ty: ScalarTy,
    (x, y): (i32, i32),
) -> Result<Value, NoValue> {
    let result = truth(operation, ty, x, y);
    let value = |value: i32| Value::Scalar(scalar(ty, value));
    let (least, most) = match ty.is_signed_int() {
        true => (-128, 127),
        false => (0, 255),
    };
    if form == "checked" {
        let some = result.filter(|(_, overflows)| !overflows);
        let number = value(some.map_or(0, |(value, _)| value));
        return Ok(pair(some.is_some(), number));
    }
    let (wrapped, overflows) = result.ok_or(NoValue::Trap)?;
    Ok(match form {
        "wrapping" => value(wrapped),
        "overflowing" => pair(value(wrapped), overflows),
        "strict" if overflows => return Err(NoValue::Trap),
        "saturating" if overflows => {
            let is_negative = match operation {
                "add" | "add_signed" | "add_unsigned" => x + y < 0,
                "sub" | "sub_signed" | "sub_unsigned" => x - y < 0,
                "mul" => x * y < 0,
                "pow" => x < 0 && y % 2 == 1,
                _ => false, // the negated least value
            };
            value(if is_negative { least } else { most })
        }
        _ => value(wrapped),
    })
}

/// All values of an 8-bit type; distances and exponents up to where nothing changes any more.
fn values(ty: ScalarTy) -> std::ops::Range<i32> {
    match ty {
        ScalarTy::I8 => -128..128,
        ScalarTy::U8 => 0..256,
        _ => 0..20,
    }
}

#[test]
fn forms_agree_with_the_true_result() {
    let mut n_methods = 0;
    for form in ["wrapping", "saturating", "overflowing", "checked", "strict"] {
        for operation in OPERATIONS {
            let Some(method) = Intrinsic::from_name(&format!("{form}_{operation}")) else {
                continue; // `saturating_rem` and the like
            };
            n_methods += 1;
            let info = method.info();
            for ty in [ScalarTy::I8, ScalarTy::U8] {
                if !info.class.contains(ty) {
                    continue;
                }
                let other = info.args.get(1).and_then(|sig: &SigTy| sig.resolve(ty));
                let other = other.and_then(|ty| ty.as_scalar());
                for x in values(ty) {
                    for y in other.map_or(0..1, values) {
                        let mut args = vec![scalar(ty, x)];
                        args.extend(other.map(|other| scalar(other, y)));
                        let found = call(method, ty, &args, true);
                        let expected = expected(form, operation, ty, (x, y));
                        assert_eq!(found, expected, "{x}{ty}.{}({y})", info.name);
                    }
                }
            }
        }
    }
    assert_eq!(n_methods, 75);
}

#[test]
fn methods_of_unsigned_bytes_agree_with_wide_arithmetic() {
    let u8_scalar = |value| scalar(ScalarTy::U8, value);
    for x in 0..256 {
        for y in 0..256 {
            let of = |method, args: &[Scalar]| call(method, ScalarTy::U8, args, true);
            let args = [u8_scalar(x), u8_scalar(y)];
            let what = format!("{x} {y}");
            for carry in 0..2 {
                let mut args = args.to_vec();
                args.push(scalar(ScalarTy::Bool, carry));
                let sum = x + y + carry;
                let expected = pair(sum as u8, sum > 255);
                assert_eq!(of(Intrinsic::CarryingAdd, &args), Ok(expected), "{what}");
                let difference = x - y - carry;
                let expected = pair(difference as u8, difference < 0);
                assert_eq!(of(Intrinsic::BorrowingSub, &args), Ok(expected), "{what}");
            }
            let difference = i8::try_from(x - y).ok();
            let expected = pair(difference.is_some(), difference.unwrap_or(0));
            let found = of(Intrinsic::CheckedSignedDiff, &args);
            assert_eq!(found, Ok(expected), "{what}");

            let is_multiple = if y == 0 { x == 0 } else { x % y == 0 };
            let found = of(Intrinsic::IsMultipleOf, &args);
            assert_eq!(found, Ok(is_multiple.into()), "{what}");

            let next = (y != 0).then(|| (x + y - 1) / y * y);
            let fitting = next.filter(|&next| next < 256).map(|next| next as u8);
            let found = of(Intrinsic::CheckedNextMultipleOf, &args);
            let expected = pair(fitting.is_some(), fitting.unwrap_or(0));
            assert_eq!(found, Ok(expected), "{what}");
            let found = of(Intrinsic::NextMultipleOf, &args);
            let expected = fitting.map(Value::from).ok_or(NoValue::Trap);
            assert_eq!(found, expected, "{what}");
            let found = of(Intrinsic::WrappingNextMultipleOf, &args);
            let expected = next.map(|next| Value::from(next as u8));
            assert_eq!(found, expected.ok_or(NoValue::Trap), "{what}");
        }
    }
}

#[test]
fn wide_products_have_all_their_bits() {
    const EDGES: [u128; 6] = [0, 1, 0xff, 0xfe, 0x80, 0x7f];
    for x in EDGES {
        for y in EDGES {
            for (z, w) in [(0, 0), (0xff, 0), (0xff, 0xff), (1, 0x80)] {
                let product = x * y + z + w;
                let found = wide_product(8, [x, y, z, w]);
                assert_eq!(found, (product & 0xff, product >> 8));
            }
        }
    }
    let greatest = u128::MAX;
    assert_eq!(wide_product(128, [greatest; 4]), (greatest, greatest));
    assert_eq!(wide_product(128, [greatest, 2, 1, 0]), (greatest, 1));
    assert_eq!(wide_product(128, [1 << 64, 1 << 64, 5, 6]), (11, 1));
    // (a - b)(a + b) = a^2 - b^2, where a = 2^127 and b is small.
    for b in (0..1000).chain([1 << 63, u128::from(u64::MAX), 0x1234_5678_9abc_def1]) {
        let a = 1_u128 << 127;
        let (low, high) = 0_u128.overflowing_sub(b * b);
        let expected = (low, (1 << 126) - u128::from(high));
        assert_eq!(wide_product(128, [a - b, a + b, 0, 0]), expected, "{b}");
    }
}
