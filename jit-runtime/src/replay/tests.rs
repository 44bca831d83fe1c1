use std::panic::{AssertUnwindSafe, Location, catch_unwind};

use hotloop_ir::{BinaryOp, BuildOptions, FastMath, LengthCheck, SiteKind, SliceBounds};

use super::*;

static SOURCE: Source = Source::new(
    "f",
    "tests",
    b"",
    BuildOptions {
        overflow_checks: true,
        debug_assertions: true,
        fastmath: FastMath::STRICT,
        parallel: None,
    },
    false,
    |trap| replay_failed(trap),
    None,
    false,
);

fn trap(kind: SiteKind, operands: &[(ScalarTy, u128)]) -> TrapInfo {
    TrapInfo {
        kind,
        source: &SOURCE,
        node: 0,
        operands: (operands.iter())
            .map(|&(ty, bits)| Arg { ty, bits })
            .collect(),
    }
}

/// What a panic says: message, whether it is a `&'static str`, line and column.
fn panic_of(run: impl FnOnce()) -> (String, bool, u32, u32) {
    use std::sync::{Arc, Mutex};
    static HOOK: Mutex<()> = Mutex::new(());
    let _guard = HOOK.lock().unwrap_or_else(|error| error.into_inner());
    let seen = Arc::new(Mutex::new((0, 0)));
    let before = std::panic::take_hook();
    let this = std::thread::current().id();
    let sink = Arc::clone(&seen);
    std::panic::set_hook(Box::new(move |info| {
        if let (true, Some(at)) = (std::thread::current().id() == this, info.location()) {
            *sink.lock().unwrap() = (at.line(), at.column());
        }
    }));
    let payload = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
    std::panic::set_hook(before);
    let (line, column) = *seen.lock().unwrap();
    match payload.downcast::<&'static str>() {
        Ok(text) => ((*text).to_owned(), true, line, column),
        Err(payload) => (*payload.downcast::<String>().unwrap(), false, line, column),
    }
}

fn black<T>(value: T) -> T {
    std::hint::black_box(value)
}

fn discard<T>(value: T) {
    black(value);
}

/// The texts are rustc's own, for each operator.
#[test]

fn operators_panic_with_the_texts_of_rustc() {
    const MAX: u128 = u32::MAX as u128;
    let u32 = ScalarTy::U32;
    let cases: Vec<(BinaryOp, u128, fn())> = vec![
        (BinaryOp::Add, 1, || discard(black(u32::MAX) + 1)),
        (BinaryOp::Sub, 1, || discard(black(0_u32) - 1)),
        (BinaryOp::Mul, 2, || discard(black(u32::MAX) * 2)),
        (BinaryOp::Div, 0, || discard(1 / black(0_u32))),
        (BinaryOp::Div, MAX, || discard(i32::MIN / black(-1))),
        (BinaryOp::Rem, 0, || discard(1 % black(0_u32))),
        (BinaryOp::Rem, MAX, || discard(i32::MIN % black(-1))),
        (BinaryOp::Shl, 32, || discard(1_u32 << black(32))),
        (BinaryOp::Shr, 32, || discard(1_u32 >> black(32))),
    ];
    for (op, rhs, plain) in cases {
        let trap = trap(SiteKind::Binary(op), &[(u32, 1), (u32, rhs)]);
        let (text, is_static, ..) = panic_of(|| replay(&trap));
        if cfg!(debug_assertions) {
            let (plain, plain_is_static, ..) = panic_of(plain);
            assert_eq!((text, is_static), (plain, plain_is_static), "{op:?}");
        }
    }
    let (text, ..) = panic_of(|| replay(&trap(SiteKind::Neg, &[(ScalarTy::I8, 128)])));
    let (plain, ..) = panic_of(|| discard(-black(i8::MIN)));
    assert_eq!(text, plain);
}

#[test]
fn panics_are_located_at_the_caller() {
    let index = trap(
        SiteKind::Index,
        &[(ScalarTy::Usize, 5), (ScalarTy::Usize, 3)],
    );
    let here = Location::caller();
    let (text, _, line, _) = panic_of(|| replay(&index));
    assert_eq!(text, "index out of bounds: the len is 3 but the index is 5");
    assert_eq!((here.file(), line), (file!(), line!() - 2));
}

#[test]
fn lengths_panic_as_std_does() {
    let usize = ScalarTy::Usize;
    let replayed = |kind, operands: &[u128]| {
        let operands: Vec<_> = operands.iter().map(|&bits| (usize, bits)).collect();
        panic_of(|| replay(&trap(kind, &operands))).0
    };
    fn of(run: fn()) -> String {
        panic_of(run).0
    }
    fn x() -> [u8; 3] {
        black([1_u8, 2, 3])
    }
    assert_eq!(
        replayed(SiteKind::SubSlice(SliceBounds::Both), &[2, 1, 3]),
        of(|| discard(x()[black(2)..black(1)].len()))
    );
    assert_eq!(
        replayed(SiteKind::SubSlice(SliceBounds::From), &[4, 3, 3]),
        of(|| discard(x()[black(4)..].len()))
    );
    assert_eq!(
        replayed(SiteKind::SubSlice(SliceBounds::ToInclusive), &[0, 4, 3]),
        of(|| discard(x()[..=black(3)].len()))
    );
    assert_eq!(
        replayed(SiteKind::SubSlice(SliceBounds::ToInclusive), &[0, 0, 3]),
        of(|| discard(x()[..=black(usize::MAX)].len()))
    );
    assert_eq!(
        replayed(SiteKind::Length(LengthCheck::CopyFromSlice), &[3, 2]),
        of(|| x().copy_from_slice(&x()[..2]))
    );
    assert_eq!(
        replayed(SiteKind::Length(LengthCheck::SplitAt), &[4, 3]),
        of(|| discard(x().split_at(black(4)).0.len()))
    );
    assert_eq!(
        replayed(SiteKind::Length(LengthCheck::Swap), &[1, 4, 3]),
        of(|| x().swap(1, black(4)))
    );
    assert_eq!(
        replayed(SiteKind::Length(LengthCheck::Chunks), &[]),
        of(|| discard(x().chunks(black(0)).len()))
    );
    assert_eq!(
        replayed(SiteKind::Length(LengthCheck::Windows), &[]),
        of(|| discard(x().windows(black(0)).len()))
    );
    assert_eq!(
        replayed(SiteKind::StepBy, &[]),
        of(|| discard((0..1).step_by(black(0)).next()))
    );
}

#[test]
fn unwrapping_shows_the_error() {
    let none = trap(SiteKind::Panic, &[]);
    let err = trap(SiteKind::Panic, &[(ScalarTy::I32, 7)]);
    assert_eq!(
        panic_of(|| replay(&none)).0,
        "called `Option::unwrap()` on a `None` value"
    );
    assert_eq!(
        panic_of(|| replay(&err)).0,
        "called `Result::unwrap()` on an `Err` value: 7"
    );
    assert_eq!(panic_of(|| replay_expect(&none, "a value")).0, "a value");
    assert_eq!(panic_of(|| replay_expect(&err, "a value")).0, "a value: 7");
}

#[test]
fn arguments_print_as_the_scalars_that_they_are() {
    let arg = |ty, bits| Arg { ty, bits };
    let half = arg(ScalarTy::F64, f64::to_bits(0.5).into());
    assert_eq!(
        format!("{half} {half:?} {half:8.3} {half:e}"),
        "0.5 0.5    0.500 5e-1"
    );
    let minus = arg(ScalarTy::I8, 0xfe);
    assert_eq!(
        format!("{minus} {minus:+05} {minus:#x} {minus:b} {minus:o} {minus:X}"),
        "-2 -0002 0xfe 11111110 376 FE"
    );
    let truth = arg(ScalarTy::Bool, 1);
    assert_eq!(format!("{truth:>6}|{truth:?}"), "  true|true");
    assert_eq!(
        arg(ScalarTy::U128, u128::MAX).to_string(),
        u128::MAX.to_string()
    );
    assert!(minus < arg(ScalarTy::I8, 1));
    let nan = arg(ScalarTy::F32, f32::NAN.to_bits().into());
    assert!(nan != nan && half == half);
}
